import type { CarePlan } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { label } from '#label/label.ts'
import { release } from '#redact/disclosure.ts'
import { verify } from '#redact/verify.ts'
import { decided, labelled, NORMAL, permitOf, PSY, rules } from './decided.ts'

const SKS = 'urn:oid:1.2.208.176.2.4.12'

function activity(code: string, display?: string) {
  const coding = [{ system: SKS, code, ...(display !== undefined && { display }) }]
  return { detail: { status: 'in-progress' as const, code: { coding } } }
}

const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
  activity: [activity('DF331', 'Depression'), activity('DF102', 'Alkohol')],
}

const psychiatric = { sensitivities: ['PSY'], confidentiality: 'R' } as const
const again = (resource: CarePlan) => label(resource, rules, { custodianSensitivities: [] })
const look = (resource: CarePlan) =>
  verify(resource, (one) => label(one, rules, { custodianSensitivities: [] }), psychiatric)

describe('E23: the labeler looks once more', () => {
  test('what was released in part passes, narrative and marks included', () => {
    const decision = decided(labelled(plan), permitOf(PSY, NORMAL))
    const { resource } = release(plan, decision, { language: 'da' })
    if (resource.resourceType !== 'CarePlan' || !decision.remaining) throw new Error('a plan in part')
    const stamped = {
      ...resource,
      meta: { ...resource.meta, versionId: '7', lastUpdated: '2026-06-01T08:00:00Z' },
    }
    expect(
      verify(stamped, (one) => label(one, rules, { custodianSensitivities: [] }), decision.remaining),
    ).toEqual([])
  })

  test('a label that was not permitted is found, and the fault names no kind', () => {
    expect(look(plan)).toEqual([
      {
        code: 'internal',
        expression: 'CarePlan.activity[1]',
        text: 'what is about to leave has a label that was not permitted; nothing was sent: look at the rule that missed it before',
      },
    ])
  })

  const { activity: _activity, ...bare } = { ...plan, activity: [activity('DF331')] }
  const subsetted = {
    tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }],
  }
  test.each<[string, CarePlan, readonly string[]]>([
    [
      'a word in the narrative',
      { ...bare, text: { status: 'generated', div: '<div>alkohol</div>' } },
      ['CarePlan.text'],
    ],
    [
      'a word in a display',
      { ...bare, activity: [activity('DF331', 'rusmiddel')] },
      ['CarePlan.activity[0]'],
    ],
    ['a confidentiality above what was permitted', { ...bare, note: [{ text: 'x' }] }, ['CarePlan.note[0]']],
    ['a heading, in a part', { ...bare, meta: subsetted, title: 'Plan' }, ['CarePlan.title']],
    ['a heading, in a whole', { ...bare, title: 'Plan' }, []],
    [
      'prose of our own making',
      { ...bare, meta: subsetted, text: { status: 'generated', div: '<div>Gåtur</div>' } },
      [],
    ],
  ])('%s', (_, resource, paths) => {
    expect(look(resource).map(({ expression }) => expression)).toEqual(paths)
  })

  test('labels in `meta` are the answer and not the question', () => {
    const marked = { ...bare, meta: { security: [{ ...PSY, code: 'SUD' }] } }
    expect(again(marked).sensitivities).toEqual(['SUD'])
    expect(look(marked)).toEqual([])
  })
})
