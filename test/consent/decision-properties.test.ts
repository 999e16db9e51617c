/** Promises of the decision that hold for every consent, not only for the cases that somebody thought of. */
import fc from 'fast-check'
import type { CarePlan, ConsentProvision, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import type { ConsentVersion } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import { release } from '#redact/disclosure.ts'
import { consentOf, decided, labelled, requestOf, resourceOf, rules } from './case-files.ts'
import { label } from '#label/label.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

const sensitivity = fc
  .constantFrom('PSY', 'SUD', 'ETHUD', 'MH', 'BH', 'HIV')
  .map((code) => ({ system: ACT_CODE, code }))
const confidentiality = fc.constantFrom('N', 'R', 'V').map((code) => ({ system: CONFIDENTIALITY, code }))
const securityLabel = fc.array(fc.oneof(sensitivity, confidentiality), { minLength: 1, maxLength: 3 })
const recipient = fc.constantFrom('gp', 'gp-house', 'municipality').map((id) => ({
  role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
  reference: { reference: `Organization/${id}` },
}))
const purpose = fc.constantFrom('TREAT', 'COC', 'HRESCH').map((code) => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  code,
}))
const resourceType = fc.constantFrom('CarePlan', 'Encounter').map((code) => ({
  system: 'http://hl7.org/fhir/resource-types',
  code,
}))
const criteria = fc.record(
  {
    actor: fc.array(recipient, { minLength: 1, maxLength: 2 }),
    purpose: fc.array(purpose, { minLength: 1, maxLength: 2 }),
    class: fc.array(resourceType, { minLength: 1, maxLength: 2 }),
    securityLabel,
    period: fc.constantFrom({ start: '2026-01-01' }, { end: '2026-06-14' }),
    dataPeriod: fc.constant({ start: '2020' }),
  },
  { requiredKeys: [] },
)
const type = fc.constantFrom('permit' as const, 'permit' as const, 'deny' as const)
const leaf: fc.Arbitrary<ConsentProvision> = fc
  .tuple(type, criteria)
  .map(([own, rest]) => ({ type: own, ...rest }))
const provision = around(around(leaf))

function around(inner: fc.Arbitrary<ConsentProvision>): fc.Arbitrary<ConsentProvision> {
  return fc
    .tuple(leaf, fc.array(inner, { maxLength: 2 }))
    .map(([outer, nested]) => (nested.length > 0 ? { ...outer, provision: nested } : outer))
}

const consents = fc
  .array(provision, { maxLength: 4 })
  .map((all) => all.map((one, index) => versionOf(`c${index}`, one)))

function versionOf(id: string, one: ConsentProvision): ConsentVersion {
  const version = consentOf(id)
  return { ...version, consent: { ...version.consent, provision: one } }
}

const activityCode = fc.constantFrom('DF331', 'DF102', 'DF112', 'DI109', 'DZ502')
const plan = fc.array(activityCode, { minLength: 1, maxLength: 5 }).map((codes): Resource => ({
  ...planOf(resourceOf('psychiatric-plan')),
  activity: codes.map((code) => ({
    detail: { code: { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code }] }, status: 'in-progress' },
  })),
}))

function planOf(resource: Resource): CarePlan {
  if (resource.resourceType !== 'CarePlan') throw new Error('the base is a plan')
  return resource
}

const question = fc.constantFrom(requestOf(), requestOf({ purposeOfUse: ['COC'] }))

/** What the recipient gets to see: the element values that stand in the released resource. */
function seen(decision: Decision, resource: Resource): ReadonlySet<string> {
  if (decision.effect === 'deny') return new Set()
  const { meta: _, ...content } = release(resource, decision).resource
  const values = Object.entries(content).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((item) => `${key} ${JSON.stringify(item)}`),
  )
  return new Set(values)
}

/** Shuffles what a list of alternatives is: provisions, actors, purposes, labels. */
function reversed(one: ConsentProvision): ConsentProvision {
  return {
    ...one,
    ...(one.actor && { actor: one.actor.toReversed() }),
    ...(one.purpose && { purpose: one.purpose.toReversed() }),
    ...(one.class && { class: one.class.toReversed() }),
    ...(one.securityLabel && { securityLabel: one.securityLabel.toReversed() }),
    ...(one.provision && { provision: one.provision.map(reversed).toReversed() }),
  }
}

describe('whatever was consented to', () => {
  test('denies alone never permit', () => {
    const deniesOnly = (one: ConsentProvision): ConsentProvision => ({
      ...one,
      type: 'deny',
      ...(one.provision && { provision: one.provision.map(deniesOnly) }),
    })
    fc.assert(
      fc.property(fc.array(provision, { maxLength: 3 }), plan, question, (all, resource, request) => {
        const versions = all.map((one, index) => versionOf(`c${index}`, deniesOnly(one)))
        expect(decided(request, versions, labelled(resource)).effect).toBe('deny')
      }),
    )
  })

  test('a consent that does not apply changes nothing', () => {
    const inapplicable = (version: ConsentVersion): readonly ConsentVersion[] => [
      { ...version, consent: { ...version.consent, status: 'inactive' } },
      { ...version, consent: { ...version.consent, patient: { reference: 'Patient/q' } } },
      { ...version, consent: { ...version.consent, scope: {} } },
    ]
    fc.assert(
      fc.property(consents, plan, question, (versions, resource, request) => {
        for (const version of versions.flatMap(inapplicable)) {
          expect(decided(request, [version], labelled(resource)).effect).toBe('deny')
        }
      }),
    )
  })

  test('one more deny never shows more', () => {
    const deny = criteria.map((one): ConsentProvision => ({ ...one, type: 'deny' }))
    fc.assert(
      fc.property(consents, deny, plan, question, (versions, one, resource, request) => {
        const target = labelled(resource)
        const before = seen(decided(request, versions, target), resource)
        const after = seen(decided(request, [...versions, versionOf('more', one)], target), resource)
        expect([...after].filter((value) => !before.has(value))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('a formal fault never shows more', () => {
    fc.assert(
      fc.property(consents, fc.nat(), plan, question, (versions, which, resource, request) => {
        const garbled = versions.map((version, index) => {
          const { policyRule: _, ...faulty } = version.consent
          return index === which % Math.max(1, versions.length) ? { ...version, consent: faulty } : version
        })
        const target = labelled(resource)
        const before = seen(decided(request, versions, target), resource)
        const after = seen(decided(request, garbled, target), resource)
        expect([...after].filter((value) => !before.has(value))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('order never matters', () => {
    fc.assert(
      fc.property(consents, plan, question, (versions, resource, request) => {
        const target = labelled(resource)
        const { basis: _, ...before } = decided(request, versions, target)
        const shuffled = versions.toReversed().map(({ consent, ...version }) => ({
          ...version,
          consent: { ...consent, ...(consent.provision && { provision: reversed(consent.provision) }) },
        }))
        // The basis names nested provisions by their index, which the reversal changes.
        const { basis: __, ...after } = decided(request, shuffled, target)
        expect(after).toEqual(before)
        expect(decided(request, versions.toReversed(), target)).toEqual(decided(request, versions, target))
      }),
      { numRuns: 300 },
    )
  })

  test('what went out in part may go out as it is: deciding it again withholds nothing', () => {
    fc.assert(
      fc.property(consents, plan, question, (versions, resource, request) => {
        const decision = decided(request, versions, labelled(resource))
        if (decision.effect === 'deny') return
        const outgoing = release(resource, decision).resource
        const labels = label(outgoing, rules, { custodianSensitivities: [] })
        const again = decided(request, versions, { resource: outgoing, labels })
        expect(again.effect).toBe('permit')
        expect(again.withheld).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
