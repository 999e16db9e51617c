/** A core is decided as one part and never left out: what a record says, and what that is of (docs/adr/0003). */
import type { Coding, Observation, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { release } from '#redact/disclosure.ts'
import { decided, labelled, NORMAL, permitOf, PSY } from './decided.ts'

const SKS = 'urn:oid:1.2.208.176.2.4.12'
const depression = { coding: [{ system: SKS, code: 'DF331' }] }
const alcohol = { coding: [{ system: SKS, code: 'DF102' }] }
const plain = { coding: [{ system: SKS, code: 'DI109' }] }
const VERY: Coding = { system: NORMAL.system ?? '', code: 'V' }

const psychiatric = {
  url: 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label',
  valueCoding: PSY,
}

const finding: Observation = {
  resourceType: 'Observation',
  id: 'finding',
  status: 'final',
  subject: { reference: 'Patient/p' },
  code: depression,
  valueInteger: 17,
}

interface Case {
  readonly title: string
  readonly resource: Resource
  readonly permits: readonly Coding[]
  readonly want: string
}

// prettier-ignore
const cases: readonly Case[] = [
  { title: 'a value has the labels of what it is a value of', resource: finding, permits: [PSY], want: 'permit permitted' },
  { title: 'words in a core are about what its code says', resource: { ...finding, valueInteger: undefined, valueString: 'Som før' } as unknown as Resource, permits: [PSY], want: 'permit permitted' },
  { title: 'and leave no part behind: they may be about the component', resource: { ...finding, valueInteger: undefined, valueString: 'Som før', category: [depression], component: [{ code: alcohol }] } as unknown as Resource, permits: [PSY, NORMAL], want: 'deny label-not-covered' },
  { title: 'a component goes alone', resource: { ...finding, component: [{ code: alcohol }] }, permits: [PSY, NORMAL], want: 'permit permitted-in-part Observation.component[0]' },
  { title: 'a component that is plain does not go along', resource: { ...finding, component: [{ code: plain }, { code: alcohol }] }, permits: [PSY], want: 'permit permitted-in-part Observation.component[0] Observation.component[1]' },
  { title: 'a core that is plain does not go along as a frame does', resource: { ...finding, code: plain, component: [{ code: depression }] }, permits: [PSY], want: 'permit permitted' },
  { title: 'not even where the rest is covered', resource: { ...finding, code: plain, component: [{ code: depression }, { code: alcohol }] }, permits: [PSY], want: 'deny label-not-covered' },
  { title: 'a core that is not covered takes all with it', resource: { ...finding, code: alcohol, component: [{ code: depression }] }, permits: [PSY, NORMAL], want: 'deny label-not-covered' },
  { title: 'a message in words beside a psychiatric reason is covered by no permit for psychiatry', resource: { resourceType: 'Communication', status: 'completed', subject: { reference: 'Patient/p' }, reasonCode: [depression], payload: [{ contentString: 'Ring' }] }, permits: [PSY, NORMAL], want: 'deny free-text-unclassified' },
  { title: 'but by one for what is most restricted', resource: { resourceType: 'Communication', status: 'completed', subject: { reference: 'Patient/p' }, reasonCode: [depression], payload: [{ contentString: 'Ring' }] }, permits: [PSY, VERY], want: 'permit permitted' },
  { title: 'a label of the source on a document holds for its file', resource: { resourceType: 'DocumentReference', status: 'current', type: depression, subject: { reference: 'Patient/p' }, securityLabel: [{ coding: [{ system: PSY.system ?? '', code: 'SUD' }] }], content: [{ attachment: { extension: [psychiatric], contentType: 'text/plain', data: 'QQ==' } }] }, permits: [PSY, NORMAL], want: 'deny label-not-covered' },
]

describe('a core', () => {
  test.each(cases)('$title', ({ resource, permits, want }) => {
    const given = JSON.parse(JSON.stringify(resource)) as Resource
    const { effect, reason, withheld } = decided(labelled(given), permitOf(...permits))
    expect([effect, reason, ...withheld.map(({ path }) => path)].join(' ')).toBe(want)
  })

  test('its elements are where they were, in the order they came in', () => {
    const given: Observation = { ...finding, bodySite: depression, component: [{ code: alcohol }] }
    const { resource } = release(given, decided(labelled(given), permitOf(PSY, NORMAL)))
    const { meta: _meta, component: _gone, ...rest } = given
    expect(resource).toMatchObject(rest)
    expect(resource).not.toHaveProperty('component')
  })
})
