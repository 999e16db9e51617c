import type { CarePlan, Condition, Consent, Encounter, Observation, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import type { Decision } from '#consent/decision.ts'
import { builtInRules, type LabelRecord } from '#label/label-record.ts'
import { namesOf, pointersIn } from '#redact/names.ts'
import { redact } from '#redact/redact.ts'
import { withholdReferences } from '#redact/withhold-references.ts'
import { validator } from '#test/validator.ts'
import { decided, labelled, NORMAL, permitOf, PSY } from './decided.ts'

const SKS = 'urn:oid:1.2.208.176.2.4.12'
const withheldCondition: Condition = {
  resourceType: 'Condition',
  id: '7',
  subject: { reference: 'Patient/p' },
  identifier: [{ system: 'urn:x', value: 'D-7' }],
}
const withheld = namesOf([withheldCondition])
const pointer = { reference: 'Condition/7' }

const coded = { status: 'in-progress' as const, code: { coding: [{ system: SKS, code: 'DF331' }] } }
const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
  activity: [{ detail: coded }],
}
const contact: Encounter = {
  resourceType: 'Encounter',
  id: 'contact',
  status: 'finished',
  class: { code: 'AMB' },
  subject: { reference: 'Patient/p' },
  priority: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActPriority', code: 'EM' }] },
}
const problem: Condition = {
  resourceType: 'Condition',
  id: 'problem',
  subject: { reference: 'Patient/p' },
  code: { coding: [{ system: SKS, code: 'DI109' }] },
}
const finding: Observation = {
  resourceType: 'Observation',
  id: 'finding',
  status: 'final',
  code: problem.code ?? {},
  subject: { reference: 'Patient/p' },
}

const goal = { resourceType: 'Goal', lifecycleStatus: 'active', subject: {}, description: {} } as const

const whole: Decision = {
  effect: 'permit',
  reason: 'permitted',
  basis: [{ consent: 'a', version: '1', provision: 'provision' }],
  obligations: [],
  withheld: [],
}

function after(resource: Resource, decision: Decision = whole): Decision {
  const { labels } = labelled(resource)
  if (!labels) throw new Error('labelled() labels')
  return withholdReferences({ resource, labels }, decision, withheld)
}

const chain = [
  { ...goal, id: 'g', addresses: [pointer] },
  { ...goal, id: 'h', addresses: [{ reference: '#g' }] },
]

const titled = { _title: { extension: [{ url: 'urn:b', valueReference: pointer }] } }

/** What points, and what goes with it. */
const cases: readonly (readonly [
  title: string,
  resource: Resource,
  paths: readonly string[],
  /** What nobody classified, in what is a part now. */
  unclassified?: readonly string[],
])[] = [
  ['nothing points', plan, []],
  [
    'an element that is a reference',
    { ...plan, addresses: [{ reference: 'Condition/8' }, pointer] },
    ['CarePlan.addresses[1]'],
  ],
  [
    'a link in the narrative',
    { ...plan, text: { status: 'additional', div: '<div><a href="../Condition/7">Afhængighed</a></div>' } },
    ['CarePlan.text'],
  ],
  [
    'a version of it',
    { ...plan, addresses: [{ reference: 'Condition/7/_history/2' }] },
    ['CarePlan.addresses[0]'],
  ],
  [
    'its address at another gateway',
    { ...plan, addresses: [{ reference: 'https://gate.example/fhir/Condition/7' }] },
    ['CarePlan.addresses[0]'],
  ],
  [
    'one whose id begins alike',
    { ...plan, addresses: [{ reference: 'Condition/78' }, { reference: 'Condition/7-a' }] },
    [],
  ],
  [
    'its business identifier',
    { ...plan, supportingInfo: [{ identifier: { system: 'urn:x', value: ' D-7 ' } }] },
    ['CarePlan.supportingInfo[0]'],
  ],
  [
    'another identifier of that system',
    { ...plan, supportingInfo: [{ identifier: { system: 'urn:x', value: 'D-8' } }] },
    [],
  ],
  [
    'a reference with another target and its identifier',
    {
      ...plan,
      supportingInfo: [{ reference: 'Condition/8', identifier: { system: 'urn:x', value: 'D-7' } }],
    },
    ['CarePlan.supportingInfo[0]'],
  ],
  [
    'its title, once an address showed what it is',
    {
      ...plan,
      addresses: [{ ...pointer, display: 'Lever' }],
      supportingInfo: [{ display: 'Lever' }, { display: 'Hjerte' }],
    },
    ['CarePlan.addresses[0]', 'CarePlan.supportingInfo[0]'],
    ['CarePlan.supportingInfo[1]'],
  ],
  [
    'a reason of an activity',
    {
      ...plan,
      activity: [{ detail: { ...coded, reasonReference: [{ reference: 'Condition/8' }, pointer] } }],
    },
    ['CarePlan.activity[0].detail.reasonReference[1]'],
  ],
  [
    'an activity that is a reference',
    { ...plan, activity: [{ detail: coded }, { reference: { reference: 'Condition/7' } }] },
    ['CarePlan.activity[1]'],
  ],
  [
    'the author of a note',
    { ...plan, note: [{ text: 'x', authorReference: pointer }] },
    ['CarePlan.note[0].authorReference'],
    ['CarePlan.note[0]'],
  ],
  [
    'a text that gives its address',
    { ...plan, note: [{ text: 'se https://gate.example/fhir/Condition/7.' }] },
    ['CarePlan.note[0]'],
  ],
  [
    'a link',
    { ...plan, instantiatesUri: ['https://x.example/a', 'https://gate.example/Condition/7'] },
    ['CarePlan.instantiatesUri[1]'],
    ['CarePlan.instantiatesUri[0]'],
  ],
  [
    'an extension of an extension',
    { ...plan, extension: [{ url: 'urn:a', extension: [{ url: 'urn:b', valueReference: pointer }] }] },
    ['CarePlan.extension[0]'],
  ],
  [
    'an extension of a primitive',
    { ...plan, title: 'x', ...titled },
    ['CarePlan.title.extension[0]'],
    ['CarePlan.title'],
  ],
  [
    'a contained resource, and what leads to it over another',
    { ...plan, contained: chain, goal: [{ reference: '#h' }] },
    ['CarePlan.contained[0]', 'CarePlan.contained[1]', 'CarePlan.goal[0]'],
  ],
  [
    'the giver of an identifier',
    { ...plan, identifier: [{ value: '1', assigner: pointer }] },
    ['CarePlan.identifier[0]'],
  ],
  [
    'an identifier that is its own',
    { ...plan, identifier: [{ system: 'urn:x', value: 'D-7' }] },
    ['CarePlan.identifier[0]'],
  ],
  [
    'a diagnosis, which is nothing without its condition',
    { ...contact, diagnosis: [{ condition: pointer, rank: 1 }] },
    ['Encounter.diagnosis[0]'],
  ],
  [
    'a place, which is nothing without its location',
    { ...contact, location: [{ location: pointer, status: 'active' }] },
    ['Encounter.location[0]'],
  ],
  [
    'a participant',
    { ...contact, participant: [{ individual: pointer, type: [{ text: 'x' }] }] },
    ['Encounter.participant[0]'],
  ],
  [
    'one field of an admission',
    { ...contact, hospitalization: { origin: pointer, reAdmission: { text: 'x' } } },
    ['Encounter.hospitalization.origin'],
    ['Encounter.hospitalization.reAdmission'],
  ],
  [
    'what a finding came from, and the note that may say so',
    {
      ...finding,
      derivedFrom: [pointer],
      note: [{ text: 'x' }],
      component: [{ code: finding.code, valueInteger: 3 }],
    },
    ['Observation.derivedFrom[0]'],
    ['Observation.note[0]'],
  ],
  ['the encounter of a condition', { ...problem, encounter: pointer }, ['Condition.encounter']],
  [
    'the evidence of a condition',
    { ...problem, evidence: [{ detail: [pointer] }] },
    ['Condition.evidence[0].detail[0]'],
  ],
]

describe('E15: no reference to what is withheld remains', () => {
  const all = cases.map(
    ([title, resource, paths, unclassified = []]) => [title, resource, paths, unclassified] as const,
  )
  test.each(all)('%s', (_, resource, paths, unclassified) => {
    const decision = after(resource)
    expect(decision.withheld).toEqual([
      ...paths.map((path) => ({ path, reason: 'reference-withheld' })),
      ...unclassified.map((path) => ({ path, reason: 'free-text-unclassified' })),
    ])
    expect(decision.effect).toBe('permit')
    expect(decision.reason).toBe(paths.length > 0 ? 'permitted-in-part' : 'permitted')
    expect(decision.obligations.map(({ code }) => code)).toEqual(paths.length > 0 ? ['REDACT'] : [])
    const bytes = JSON.stringify(redact(resource, decision))
    expect(bytes).not.toMatch(/Condition\/7(?![-\d])|D-7|Lever/)
    expect(validator.validate(JSON.parse(bytes))).toEqual([])
  })
})

const consent: Consent = {
  resourceType: 'Consent',
  status: 'active',
  scope: {},
  category: [],
  patient: { reference: 'Patient/p' },
  provision: { data: [{ meaning: 'instance', reference: pointer }] },
}

describe('E15: what has lost its point, and what cannot be without the reference, is withheld', () => {
  test.each<[string, Resource]>([
    ['a plan that had nothing else', { ...plan, activity: [], addresses: [pointer] }],
    ['E5: a plan about it', { ...plan, subject: pointer }],
    ['E5: a modifier', { ...plan, modifierExtension: [{ url: 'urn:m', valueReference: pointer }] }],
    ['a condition whose code names it', { ...problem, code: { text: 'se Condition/7' } }],
    ['a condition in words: they may speak of it', { ...problem, code: { text: 'KOL' }, encounter: pointer }],
    ['a finding in words', { ...finding, valueString: 'ringer', derivedFrom: [pointer] }],
    ['E22: a consent about it: without that, the copy would say more than the citizen did', consent],
    [
      'E6: a type whose required elements nobody here knows',
      { resourceType: 'Procedure', status: 'completed', subject: {}, usedReference: [pointer] } as never,
    ],
  ])('%s', (_, resource) => {
    expect(after(resource)).toEqual({
      effect: 'deny',
      reason: 'reference-withheld',
      basis: whole.basis,
      obligations: [],
      withheld: [],
    })
  })
})

describe('a decision is left as it is', () => {
  const pointing = { ...plan, addresses: [pointer] }
  test('when the record is the recipient’s own', () => {
    const own: Decision = { ...whole, reason: 'own-record' }
    expect(after(pointing, own)).toBe(own)
  })

  test('when it denies', () => {
    const denied: Decision = { ...whole, effect: 'deny', reason: 'no-consent' }
    expect(after(pointing, denied)).toBe(denied)
  })

  test('when the part that points was withheld already', () => {
    const part: Decision = { ...whole, withheld: [{ path: 'CarePlan.addresses[0]', reason: 'label-denied' }] }
    expect(after(pointing, part)).toBe(part)
  })

  test('in its reason and duties, when it is an exception to be looked at', () => {
    const override: Decision = { ...whole, reason: 'permitted-by-override' }
    expect(after(pointing, override)).toMatchObject({ effect: 'permit', reason: 'permitted-by-override' })
  })
})

describe('E19: labels are of what remains', () => {
  const fromThere: LabelRecord['elements'][number] = {
    path: 'CarePlan.activity[0]',
    sensitivities: ['SUD'],
    confidentiality: 'R',
    rule: builtInRules.referenced,
  }
  const depression = {
    path: 'CarePlan.activity[0]',
    sensitivities: ['PSY'],
    confidentiality: 'R',
    rule: 'icd',
  } as const
  const ofElement = {
    path: 'CarePlan.addresses[0]',
    sensitivities: ['HIV'],
    confidentiality: 'V',
    rule: 'icd',
  } as const
  const labels: LabelRecord = {
    ruleSetVersion: '1',
    sensitivities: ['HIV', 'PSY', 'SUD'],
    confidentiality: 'V',
    elements: [fromThere, depression, ofElement],
  }

  test.each([
    ['none that came over a reference which is gone', [pointer], ['PSY']],
    [
      'those that another reference may have brought',
      [pointer, { reference: 'Condition/8' }],
      ['PSY', 'SUD'],
    ],
  ])('%s', (_, reasonReference, sensitivities) => {
    const resource = { ...plan, addresses: [pointer], activity: [{ detail: { ...coded, reasonReference } }] }
    const { remaining } = withholdReferences({ resource, labels }, whole, withheld)
    expect(remaining).toEqual({ ruleSetVersion: '1', sensitivities, confidentiality: 'R' })
  })
})

test('what a resource points to: addresses of any form, and identifiers of references', () => {
  const { references, identifiers } = pointersIn({
    ...plan,
    identifier: [{ system: 'urn:own', value: '1' }],
    addresses: [{ reference: 'https://gate.example/fhir/Condition/8/_history/3' }, { reference: '#g' }],
    supportingInfo: [{ identifier: { system: 'urn:x', value: 'D-9' } }, { reference: 'urn:uuid:1' }],
  })
  expect([...references].sort()).toEqual(['Condition/8', 'Patient/p', 'urn:uuid:1'])
  expect([...identifiers]).toEqual(['urn:x|D-9'])
})

test('a plan in part loses its references as well', () => {
  const resource: CarePlan = {
    ...plan,
    activity: [
      { detail: { ...coded, reasonReference: [pointer] } },
      { detail: { ...coded, code: { coding: [{ system: SKS, code: 'DF102' }] } } },
    ],
  }
  const decision = after(resource, decided(labelled(resource), permitOf(PSY, NORMAL)))
  expect(decision.withheld).toEqual([
    { path: 'CarePlan.activity[1]', reason: 'label-not-covered' },
    { path: 'CarePlan.activity[0].detail.reasonReference[0]', reason: 'reference-withheld' },
  ])
  expect(redact(resource, decision)).toEqual({ ...plan, activity: [{ detail: coded }] })
})
