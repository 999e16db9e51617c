import type { CarePlan, Encounter } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import type { Decision } from '#consent/decision.ts'
import { type Disclosure, release } from '#redact/disclosure.ts'
import { redact } from '#redact/redact.ts'
import { withSecurityMeta } from '#label/label.ts'
import { decided, labelled, NORMAL, permitOf, PSY, rules } from './decided.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const SKS = 'urn:oid:1.2.208.176.2.4.12'
const psychiatryOnly = permitOf(PSY)

function inPart(...withheld: readonly string[]): Decision {
  return {
    effect: 'permit',
    reason: 'permitted-in-part',
    basis: [],
    obligations: [],
    withheld: withheld.map((path) => ({ path, reason: 'label-not-covered' })),
  }
}

const DENIED: Decision = { effect: 'deny', reason: 'no-consent', basis: [], obligations: [], withheld: [] }

const bare: CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
}

const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  meta: {
    versionId: '2',
    lastUpdated: '2026-06-01T08:00:00Z',
    source: 'https://rusmiddelcenter.example',
    profile: [
      'https://sluse.example/fhir/StructureDefinition/sluse-careplan',
      'https://other.example/addiction-plan',
    ],
    tag: [{ system: 'urn:x', code: 'addiction' }],
    security: [
      { system: ACT_CODE, code: 'SUD' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' },
      { system: ACT_CODE, code: 'NORDSCLCD' },
    ],
  },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">about all of it</div>' },
  status: 'active',
  intent: 'plan',
  title: 'Plan',
  subject: { reference: 'Patient/p' },
  contained: [
    { resourceType: 'Goal', id: 'kept', lifecycleStatus: 'active', description: { text: 'a' }, subject: {} },
    { resourceType: 'Goal', id: 'lost', lifecycleStatus: 'active', description: { text: 'b' }, subject: {} },
    {
      resourceType: 'Goal',
      id: 'inner',
      lifecycleStatus: 'active',
      description: { text: 'c' },
      subject: {},
    },
  ],
  goal: [{ reference: '#kept' }],
  activity: [
    { detail: { status: 'in-progress', description: 'one', goal: [{ reference: '#kept' }] } },
    { detail: { status: 'in-progress', description: 'two', goal: [{ reference: '#lost' }] } },
    { detail: { status: 'in-progress', description: 'three' }, progress: [{ text: 'a note' }] },
  ],
}

describe('redact', () => {
  test('takes out what is withheld, without a stub, and keeps the order of the rest', () => {
    const { meta: _, ...rest } = redact(plan, inPart('CarePlan.activity[1]', 'CarePlan.title'))
    expect(rest).toEqual({
      resourceType: 'CarePlan',
      id: 'plan',
      status: 'active',
      intent: 'plan',
      subject: { reference: 'Patient/p' },
      contained: [plan.contained?.[0]],
      goal: [{ reference: '#kept' }],
      activity: [plan.activity?.[0], plan.activity?.[2]],
    })
  })

  test('keeps of meta what tells nothing of what was taken out', () => {
    expect(redact(plan, inPart('CarePlan.title')).meta).toEqual({
      versionId: '2',
      lastUpdated: '2026-06-01T08:00:00Z',
      profile: ['https://sluse.example/fhir/StructureDefinition/sluse-careplan'],
      security: [{ system: ACT_CODE, code: 'NORDSCLCD' }],
    })
  })

  test('leaves no empty list, no empty object and no extension of a value that went', () => {
    const withExtension = { ...plan, _title: { extension: [{ url: 'urn:x', valueString: 'alias' }] } }
    const paths = [
      'CarePlan.title',
      'CarePlan.goal[0]',
      ...[0, 1].map((index) => `CarePlan.activity[${index}]`),
    ]
    const result = redact(withExtension, inPart(...paths, 'CarePlan.activity[2].progress[0]'))
    expect(Object.keys(result).sort()).toEqual(
      ['activity', 'id', 'intent', 'meta', 'resourceType', 'status', 'subject'].sort(),
    )
    expect('activity' in result && result.activity).toEqual([
      { detail: { status: 'in-progress', description: 'three' } },
    ])
  })

  test('does not touch its input, nor a resource of which nothing is withheld', () => {
    const before = JSON.stringify(plan)
    redact(plan, inPart('CarePlan.activity[0]'))
    expect(JSON.stringify(plan)).toBe(before)
    expect(redact(plan, { ...inPart(), reason: 'permitted' })).toBe(plan)
  })

  test('done twice is done once', () => {
    const decision = inPart('CarePlan.activity[0]', 'CarePlan.title')
    const once = redact(plan, decision)
    expect(redact(once, decision)).toBe(once)
  })

  test('a contained resource that a kept one points to stays', () => {
    const [kept, lost, inner] = plan.contained ?? []
    const chained = { ...plan, contained: [{ ...kept, addresses: [{ reference: '#inner' }] }, lost, inner] }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts of a valid plan, put together anew
    const result = redact(chained as CarePlan, inPart('CarePlan.title', 'CarePlan.activity[1]'))
    expect('contained' in result && result.contained?.map(({ id }) => id)).toEqual(['kept', 'inner'])
  })

  test('a part need not lack an element: what stood in `meta`, and the narrative, go all the same', () => {
    const remaining = { ruleSetVersion: '1', sensitivities: ['PSY'], confidentiality: 'R' as const }
    const { contained: _, text: _text, meta: _meta, ...rest } = plan
    const result = redact({ ...rest, text: plan.text, meta: plan.meta } as CarePlan, {
      ...inPart(),
      remaining,
    })
    expect(result).toEqual({ ...rest, meta: redact(plan, inPart('CarePlan.title')).meta })
  })

  test('has nothing to say of a deny', () => {
    expect(() => redact(plan, DENIED)).toThrow('a denied resource has no part to release')
  })
})

describe('release', () => {
  test('nothing leaves on a deny', () => {
    expect(() => release(plan, DENIED)).toThrow('a deny releases nothing')
  })

  test('a permit of everything leaves the resource as it is', () => {
    const decision: Decision = { ...inPart(), reason: 'permitted' }
    expect(release(plan, decision)).toEqual({ resource: plan, decision })
  })

  test('a release in part says that something is missing, and is labelled by what remains', () => {
    const stored: CarePlan = {
      ...bare,
      title: 'Plan for foråret',
      activity: ['DF331', 'DF102'].map((code) => ({
        detail: { code: { coding: [{ system: SKS, code }] }, status: 'in-progress' },
      })),
    }
    const { labels } = labelled(stored)
    if (!labels) throw new Error('labelled() labels')
    const decision = decided({ resource: withSecurityMeta(stored, labels), labels }, psychiatryOnly)
    const derived = [
      { url: 'https://sluse.example/fhir/StructureDefinition/derived-label', valueString: rules.version },
      {
        url: 'https://sluse.example/fhir/StructureDefinition/derived-for',
        valueString: `CarePlan/${stored.id ?? ''}`,
      },
    ]
    const observation = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'
    expect(release(withSecurityMeta(stored, labels), decision).resource.meta).toEqual({
      security: [
        { extension: derived, system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
        { extension: derived, system: ACT_CODE, code: 'PSY' },
        { system: observation, code: 'REDACTED' },
        { system: ACT_CODE, code: 'NORDSCLCD' },
        { system: ACT_CODE, code: 'PERSISTLABEL' },
      ],
      tag: [{ system: observation, code: 'SUBSETTED' }],
    })
  })

  test('E19: what the source labelled as a whole stays its label where it is true of what remains', () => {
    const source = [
      { system: ACT_CODE, code: 'PSY', display: 'psykiatri' },
      { system: ACT_CODE, code: 'SUD' },
    ]
    const decision = {
      ...decided(labelled(bare), psychiatryOnly),
      withheld: [{ path: 'CarePlan.title', reason: 'label-denied' as const }],
      remaining: { ruleSetVersion: rules.version, sensitivities: ['PSY'], confidentiality: 'R' as const },
    }
    const { meta } = redact(
      { ...bare, title: 'x', meta: { security: source } },
      { ...decision, effect: 'permit' },
    )
    expect(meta).toEqual({ security: [{ system: ACT_CODE, code: 'PSY' }] })
  })

  test('E21: duties of the decision bind the recipient; those that we have met do not travel', () => {
    const obligations = ['REDACT', 'AUDIT', 'PERSISTLABEL', 'NORDSCLCD'].map((code) => ({
      system: ACT_CODE,
      code,
    }))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- codes that decide() may come to know
    const decision = { ...inPart('CarePlan.title'), obligations } as Decision
    const { meta, text } = Object.assign({ text: undefined }, release(plan, decision).resource)
    expect(meta?.security?.map(({ code }) => code)).toEqual(['NORDSCLCD', 'REDACTED', 'PERSISTLABEL'])
    expect(JSON.stringify(text)).toContain('Not to be passed on without a new consent.')
  })

  test('E19: inline labels are announced when one is left, and only then', () => {
    const inline = {
      url: 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label',
      valueCoding: { system: ACT_CODE, code: 'PSY' },
    }
    const labelledPlan = { ...plan, goal: [{ reference: '#kept', extension: [inline] }] }
    const codes = (path: string) =>
      release(labelledPlan, inPart(path)).resource.meta?.security?.map(({ code }) => code)
    expect(codes('CarePlan.title')).toContain('PROCESSINLINELABEL')
    expect(codes('CarePlan.goal[0]')).not.toContain('PROCESSINLINELABEL')
  })

  test('a bare resource is no Disclosure', () => {
    const send = (disclosure: Disclosure) => disclosure.resource.resourceType
    // @ts-expect-error -- the brand is made by release() alone
    expect(send({ resource: plan, decision: DENIED })).toBe('CarePlan')
  })
})

describe('a ward gives the illness away', () => {
  test('an encounter at a psychiatric ward under a consent to ordinary data names neither ward nor place', () => {
    const encounter: Encounter = {
      resourceType: 'Encounter',
      id: 'e',
      status: 'finished',
      class: { system: ACT_CODE, code: 'IMP' },
      subject: { reference: 'Patient/p' },
      identifier: [{ system: 'urn:x', value: 'psykiatri-17' }],
      serviceProvider: { display: 'Psykiatrisk afdeling' },
      location: [{ location: { display: 'Psykiatrisk skadestue' } }],
      diagnosis: [{ condition: { reference: 'Condition/c', display: 'Skizofreni' } }],
      priority: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActPriority', code: 'EM' }] },
    }
    const decision = decided(labelled(encounter), permitOf(NORMAL))
    const {
      meta: _,
      text,
      ...outgoing
    } = Object.assign({ text: undefined }, release(encounter, decision).resource)
    expect(JSON.stringify(text)).not.toMatch(/psyk|skizo/i)
    expect(outgoing).toEqual({
      resourceType: 'Encounter',
      id: 'e',
      status: 'finished',
      class: { system: ACT_CODE, code: 'IMP' },
      subject: { reference: 'Patient/p' },
      priority: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActPriority', code: 'EM' }] },
    })
  })
})
