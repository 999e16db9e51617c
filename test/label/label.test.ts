import fc from 'fast-check'
import type { CarePlan, Coding, Condition, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { readLabelRules } from '#assets/codes.ts'
import { label, withSecurityMeta } from '#label/label.ts'
import { withReceivedLabels } from '#label/security-meta.ts'
import type { LabelRecord } from '#label/label-record.ts'
import codes from './cases/codes.json' with { type: 'json' }
import words from './cases/words.json' with { type: 'json' }

const rules = readLabelRules(new URL('../../', import.meta.url))
const none = { custodianSensitivities: [] }
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const SKS = 'urn:oid:1.2.208.176.2.4.12'

function condition(...coding: readonly Coding[]): Condition {
  return { resourceType: 'Condition', subject: { reference: 'Patient/p' }, code: { coding: [...coding] } }
}

const plan: CarePlan = {
  resourceType: 'CarePlan',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
}

/** `path rule labels`, one line a finding. */
function findings(record: LabelRecord): readonly string[] {
  return record.elements.map(
    ({ path, rule, sensitivities, confidentiality }) =>
      `${path} ${rule} ${[confidentiality, ...sensitivities].join(' ')}`,
  )
}

describe('a code', () => {
  test.each(codes)('$title', ({ system, code, want }) => {
    const coding = { ...(system !== null && { system }), ...(code !== null && { code }) }
    const { sensitivities, confidentiality } = label(condition(coding), rules, none)
    expect({ sensitivities, confidentiality }).toEqual(want)
  })

  test('is found wherever it stands: in an extension, in a contained resource, beside another code', () => {
    const coding = { system: SKS, code: 'DF102' }
    const places: readonly Resource[] = [
      { ...condition(), extension: [{ url: 'urn:x', valueCoding: coding }] },
      {
        ...condition(),
        contained: [{ resourceType: 'Observation', status: 'final', code: { coding: [coding] } }],
      },
      condition({ system: SKS, code: 'DI109' }, coding),
      { ...condition(), evidence: [{ code: [{ coding: [coding] }] }] },
    ]
    for (const place of places) expect(label(place, rules, none).sensitivities).toEqual(['ETHUD'])
  })
})

describe('text', () => {
  test.each(words)('"$text"', ({ text, want }) => {
    const titled: CarePlan = { ...plan, title: text }
    expect(label(titled, rules, none).sensitivities).toEqual(want)
  })

  test('is searched in displays, notes, names of extensions and values', () => {
    const places: readonly Resource[] = [
      condition({ system: SKS, code: 'DI109', display: 'Alkoholisk leversygdom' }),
      { ...condition(), note: [{ text: 'drikker alkohol' }] },
      { ...condition(), extension: [{ url: 'https://example.org/alcohol-use', valueBoolean: true }] },
      { ...condition(), recorder: { display: 'Alkoholbehandlingen' } },
    ]
    for (const place of places) expect(label(place, rules, none).sensitivities).toEqual(['ETHUD'])
  })

  test('without a code is most restricted; a title, a name and the words of a code are not', () => {
    const texts: readonly (readonly [Resource, string])[] = [
      [{ ...condition(), code: { text: 'KOL' } }, 'V'],
      [{ ...condition({ system: SKS, code: 'DI109' }), note: [{ text: 'Ringer' }] }, 'V'],
      [{ ...plan, description: 'Om foråret' }, 'V'],
      [{ ...plan, activity: [{ detail: { status: 'completed', description: 'Gåtur' } }] }, 'V'],
      [{ ...plan, extension: [{ url: 'urn:x', valueString: 'x' }] }, 'V'],
      [{ ...plan, title: 'Plan' }, 'N'],
      [
        { ...condition(), code: { coding: [{ system: SKS, code: 'DI109' }], text: 'Forhøjet blodtryk' } },
        'N',
      ],
      [{ resourceType: 'Patient', name: [{ text: 'Bruno Elmer' }], address: [{ text: 'Testvej 1' }] }, 'N'],
    ]
    for (const [resource, confidentiality] of texts) {
      expect(label(resource, rules, none).confidentiality).toBe(confidentiality)
    }
  })

  test('that a person labelled inline has that label and no other', () => {
    const url = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label'
    const note = [{ text: 'Ringer', extension: [{ url, valueCoding: { system: ACT_CODE, code: 'PSY' } }] }]
    expect(findings(label({ ...plan, note }, rules, none))).toEqual(['CarePlan.note[0] inline-label R PSY'])
  })

  test.each<[string, object]>([
    ['without a code', { valueString: 'PSY' }],
    ['without its system', { valueCoding: { code: 'PSY' } }],
    ['with a code that nobody knows', { valueCoding: { system: ACT_CODE, code: 'PSYCH' } }],
    ['with a code of another system', { valueCoding: { system: 'urn:x', code: 'PSY' } }],
    ['without anything', {}],
  ])('and an inline label %s classifies nothing', (_, value) => {
    const url = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label'
    const note = [{ text: 'Ringer', extension: [{ url, ...value }] }]
    expect(findings(label({ ...plan, note }, rules, none))).toContain('CarePlan.note[0] text-without-code V')
  })
})

describe('an element', () => {
  test('has the labels of what stands in it, and of the contained resource that it points to', () => {
    const labelled = label(
      {
        ...plan,
        title: 'Plan',
        contained: [
          {
            resourceType: 'Goal',
            id: 'g',
            lifecycleStatus: 'active',
            subject: {},
            description: { text: 'Drikker ikke' },
            addresses: [{ reference: '#c' }],
          },
          { ...condition({ system: SKS, code: 'DF102' }), id: 'c' },
        ],
        goal: [{ reference: '#g' }],
        activity: [
          {
            detail: {
              status: 'completed',
              code: { coding: [{ system: SKS, code: 'DF331' }] },
              goal: [{ reference: '#g' }],
            },
          },
          { detail: { status: 'completed', code: { coding: [{ system: SKS, code: 'DF200' }] } } },
        ],
      },
      rules,
      none,
    )
    expect(findings(labelled)).toEqual([
      'CarePlan.activity[0] icd-alcohol R ETHUD',
      'CarePlan.activity[0] icd-psychiatry R PSY',
      'CarePlan.activity[0].detail.goal[0] text-without-code V',
      'CarePlan.activity[1] icd-psychiatry R PSY',
      'CarePlan.goal[0] icd-alcohol R ETHUD',
      'CarePlan.goal[0] text-without-code V',
      'CarePlan.title heading N',
    ])
  })

  test('two contained resources that point to each other end', () => {
    const other = (id: string, to: string) => ({
      ...condition({ system: SKS, code: 'DF102' }),
      id,
      evidence: [{ detail: [{ reference: to }] }],
    })
    const circular = {
      ...plan,
      contained: [other('a', '#b'), other('b', '#a')],
      addresses: [{ reference: '#a' }],
    }
    expect(findings(label(circular, rules, none))).toEqual(['CarePlan.addresses[0] icd-alcohol R ETHUD'])
  })

  test('a contained resource that nothing points to is labelled where it stands', () => {
    const orphan = { ...plan, contained: [{ ...condition({ system: SKS, code: 'DF102' }), id: 'a' }] }
    expect(findings(label(orphan, rules, none))).toEqual(['CarePlan.contained[0] icd-alcohol R ETHUD'])
  })

  test('that names a sensitive unit is sensitive for its illness, as a provider, and as a place', () => {
    const encounter: Resource = {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: ACT_CODE, code: 'IMP' },
      serviceProvider: { display: 'Psykiatrisk afdeling' },
      location: [{ location: { display: 'Rusmiddelcenter' } }],
    }
    expect(findings(label(encounter, rules, none))).toEqual([
      'Encounter.location[0] sensitive-unit R LOCIS SSP SUD',
      'Encounter.location[0] words-substances R SUD',
      'Encounter.serviceProvider sensitive-unit R PSY SSP',
      'Encounter.serviceProvider words-psychiatry R PSY',
    ])
  })

  test('that points to a stored resource with labels carries them', () => {
    const labels = label(condition({ system: SKS, code: 'DF102' }), rules, none)
    const referenced = new Map([['Condition/c', labels]])
    const addressed = {
      ...plan,
      addresses: [{ reference: 'Condition/c/_history/2' }, { reference: 'Condition/d' }],
    }
    expect(findings(label(addressed, rules, { ...none, referenced }))).toEqual([
      'CarePlan.addresses[0] referenced R ETHUD',
    ])
  })
})

describe('the whole resource', () => {
  test('of a sensitive unit is sensitive with no code at all', () => {
    expect(label(plan, rules, { custodianSensitivities: ['SUD'] })).toEqual({
      ruleSetVersion: rules.version,
      sensitivities: ['SSP', 'SUD'],
      confidentiality: 'R',
      elements: [
        { path: 'CarePlan', rule: 'sensitive-unit', sensitivities: ['SSP', 'SUD'], confidentiality: 'R' },
      ],
    })
  })

  test('in which nothing was found is N', () => {
    expect(label(plan, rules, none)).toEqual({
      ruleSetVersion: rules.version,
      sensitivities: [],
      confidentiality: 'N',
      elements: [],
    })
  })

  test.each([
    ['a sensitivity', { system: ACT_CODE, code: 'HIV' }, ['CarePlan source-label R HIV']],
    ['a confidentiality', { system: CONFIDENTIALITY, code: 'V' }, ['CarePlan source-label V']],
    ['a bare R', { code: 'R' }, ['CarePlan source-label R']],
    ['a bare V', { code: 'V' }, ['CarePlan source-label V']],
    ['another bare code', { code: 'HIV' }, []],
    ['a retired code of v3-Confidentiality', { system: CONFIDENTIALITY, code: 'HIV' }, []],
  ])('has the label of the source: %s', (_, coding, want) => {
    expect(findings(label({ ...plan, meta: { security: [coding] } }, rules, none))).toEqual(want)
  })
})

describe('meta.security', () => {
  const mixed = condition({ system: SKS, code: 'DF329' }, { system: SKS, code: 'DF102' })
  const derived = [
    { url: 'https://sluse.example/fhir/StructureDefinition/derived-label', valueString: rules.version },
  ]

  test('tells what was derived and by which rules, beside what the source put there', () => {
    const source = {
      ...mixed,
      meta: {
        security: [
          { system: 'urn:x', code: '1' },
          { system: ACT_CODE, code: 'PSY' },
        ],
      },
    }
    const labels = label(source, rules, none)
    expect(withSecurityMeta(source, labels).meta).toEqual({
      security: [
        { system: 'urn:x', code: '1' },
        { system: ACT_CODE, code: 'PSY' },
        { extension: derived, system: CONFIDENTIALITY, code: 'R' },
        { extension: derived, system: ACT_CODE, code: 'ETHUD' },
      ],
    })
  })

  test('a resource that comes back with our labels is labelled as before, and labelling twice changes nothing', () => {
    const split = {
      ...plan,
      activity: [{ reference: { display: 'alkohol' } }, { reference: { display: 'angst' } }],
    }
    const labels = label(split, rules, none)
    const stored = withSecurityMeta(split, labels)
    expect(label(stored, rules, none)).toEqual(labels)
    expect(withSecurityMeta(stored, label(stored, rules, none))).toEqual(stored)
  })
})

describe('S1: what is kept of a finding', () => {
  test('the codes that it fired on, and that it is a hint', () => {
    const [found] = label(
      condition(
        { system: SKS, code: 'DK703' },
        { system: SKS, code: 'DK700' },
        { system: SKS, code: 'DI109' },
      ),
      rules,
      none,
    ).elements
    expect(found).toEqual({
      path: 'Condition',
      rule: 'icd-substances-hint',
      sensitivities: ['SUD'],
      confidentiality: 'R',
      codes: [`${SKS}|DK700`, `${SKS}|DK703`],
      confidence: 0.5,
    })
  })

  test('few of many codes, none of them long, in whatever order they come', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ system: SKS, code: `DF10${i}` }))
    const long = { system: SKS, code: `DF10${'0'.repeat(200)}` }
    const [found] = label(condition(long, ...many), rules, none).elements
    expect(found?.codes).toHaveLength(8)
    expect(label(condition(...many.toReversed(), long), rules, none).elements).toEqual([found])
  })

  test('where it points to, but for the citizen', () => {
    const { pointers } = label(
      {
        ...plan,
        subject: {
          reference: 'Patient/p',
          identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' },
        },
        addresses: [{ reference: 'Condition/c' }],
        author: { identifier: { system: 'urn:oid:1', value: ' 7 ' } },
      },
      rules,
      none,
    )
    expect(pointers).toEqual([
      { path: 'CarePlan.addresses[0]', to: 'Condition/c' },
      { path: 'CarePlan.author.identifier', to: 'urn:oid:1|7' },
    ])
  })
})

describe('S5, S6: how restricted', () => {
  test.each([
    ['a sensitivity', 'HIV', 'R'],
    ['notes of a therapist', 'PSYTHPN', 'V'],
    ['what the citizen asked to be kept apart', 'PRS', 'V'],
  ])('%s of the source', (_, code, confidentiality) => {
    const security = [{ system: ACT_CODE, code }]
    expect(findings(label({ ...plan, meta: { security } }, rules, none))).toEqual([
      `CarePlan source-label ${confidentiality} ${code}`,
    ])
    const url = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label'
    const goal = [{ extension: [{ url, valueCoding: { system: ACT_CODE, code } }] }]
    expect(findings(label({ ...plan, goal }, rules, none))).toEqual([
      `CarePlan.goal[0] inline-label ${confidentiality} ${code}`,
    ])
  })

  test('a hint counts in full', () => {
    expect(findings(label(condition({ system: SKS, code: 'DK703' }), rules, none))).toEqual([
      'Condition icd-substances-hint R SUD',
    ])
  })

  test('a law or policy that the source names says what the whole is about', () => {
    const security = [{ system: ACT_CODE, code: '42CFRPart2' }]
    expect(findings(label({ ...plan, meta: { security } }, rules, none))).toEqual([
      'CarePlan act-code-substances R SUD',
    ])
  })
})

describe('2.4: an infection', () => {
  const hepatitis = { ...plan, addresses: [{ reference: '#h' }] }
  const found = condition({ system: SKS, code: 'DB182' })
  const withHepatitis: Resource = { ...hepatitis, contained: [{ ...found, id: 'h' }] }

  test('in a record of an addiction unit is part of the treatment', () => {
    expect(findings(label(withHepatitis, rules, { custodianSensitivities: ['ETHUD'] }))).toEqual([
      'CarePlan sensitive-unit R ETHUD SSP',
      'CarePlan.addresses[0] icd-infection-in-course N',
      'CarePlan.addresses[0] in-course V SUD',
    ])
  })

  test('in a record that its source labels as about an addiction too', () => {
    const meta = { security: [{ system: ACT_CODE, code: 'SUD' }] }
    expect(label({ ...found, meta }, rules, none)).toMatchObject({
      sensitivities: ['SUD'],
      confidentiality: 'V',
    })
  })

  test('in a record of psychiatry or of a GP is not', () => {
    for (const custodianSensitivities of [['PSY'], []]) {
      const { elements } = label(withHepatitis, rules, { custodianSensitivities })
      expect(elements.some(({ rule }) => rule === 'in-course')).toBe(false)
    }
  })
})

describe('what a contained resource points to', () => {
  const goal = (id: string, references: readonly string[]): Resource => ({
    resourceType: 'Goal',
    id,
    lifecycleStatus: 'active',
    subject: {},
    description: { coding: [{ system: SKS, code: 'DI109' }] },
    addresses: references.map((reference) => ({ reference })),
  })
  const labels = label(condition({ system: SKS, code: 'DF102' }), rules, none)

  test('is known by the element that leads there', () => {
    const chained = {
      ...plan,
      contained: [goal('a', ['#b']), goal('b', ['Condition/c'])],
      goal: [{ reference: '#a' }],
    }
    const referenced = new Map([['Condition/c', labels]])
    expect(findings(label(chained, rules, { ...none, referenced }))).toEqual([
      'CarePlan.goal[0] referenced R ETHUD',
    ])
  })

  test('of more than anybody would write is known for the whole: it costs no squares, and nothing is lost', () => {
    const far = Array.from({ length: 200 }, (_, i) => goal(`g${i}`, [`#g${i + 1}`, `Condition/${i}`]))
    const referenced = new Map([['Condition/199', labels]])
    const chained = { ...plan, contained: far, goal: [{ reference: '#g0' }] }
    expect(findings(label(chained, rules, { ...none, referenced }))).toEqual(['CarePlan referenced R ETHUD'])
  })
})

describe('S2: labels of ours that come back', () => {
  const split: CarePlan = {
    ...plan,
    id: '1',
    activity: [{ reference: { display: 'alkohol' } }, { reference: { display: 'angst' } }],
  }
  const { meta } = withSecurityMeta(split, label(split, rules, none))
  const derivedFor = (name: string | undefined): Coding => ({
    system: ACT_CODE,
    code: 'SUD',
    extension: [
      { url: 'https://sluse.example/fhir/StructureDefinition/derived-label', valueString: '1-abc' },
      ...(name === undefined
        ? []
        : [{ url: 'https://sluse.example/fhir/StructureDefinition/derived-for', valueString: name }]),
    ],
  })

  test('on the resource that they were derived for are derived anew', () => {
    const back = withReceivedLabels({ ...split, ...(meta && { meta }) })
    expect(back.meta).toEqual({})
    expect(label(back, rules, none)).toEqual(label(split, rules, none))
  })

  test('on a copy are labels of its source, for the whole of it', () => {
    const copy = withReceivedLabels({ ...plan, id: '2', ...(meta && { meta }) })
    expect(copy.meta).toEqual({
      security: [
        { system: CONFIDENTIALITY, code: 'V' },
        { system: ACT_CODE, code: 'ETHUD' },
        { system: ACT_CODE, code: 'PSY' },
      ],
    })
    expect(findings(label(copy, rules, none))).toEqual(['CarePlan source-label V ETHUD PSY'])
  })

  test.each([
    ['this one', 'CarePlan/1', 0],
    ['another id', 'CarePlan/2', 1],
    ['another type with this id', 'Encounter/1', 1],
    ['nothing', undefined, 1],
  ])('derived for %s', (_, name, kept) => {
    const security = [derivedFor(name), { system: 'urn:x', code: 'own' }]
    const back = withReceivedLabels({ ...plan, id: '1', meta: { versionId: '7', security } })
    const labels = back.meta?.security ?? []
    expect(labels.map(({ code }) => code)).toEqual(kept > 0 ? ['SUD', 'own'] : ['own'])
    expect(labels.every(({ extension }) => extension === undefined)).toBe(true)
    expect(back.meta?.versionId).toBe('7')
  })

  test('and a resource without an id is never the one that they were derived for', () => {
    const back = withReceivedLabels({ ...plan, meta: { security: [derivedFor('CarePlan/undefined')] } })
    expect(back.meta?.security).toEqual([{ system: ACT_CODE, code: 'SUD' }])
  })
})

describe('whatever the codes', () => {
  const coding = fc.constantFrom('DF102', 'DF331', 'DI109', 'DF112').map((code) => ({ system: SKS, code }))

  test('their order and repetition never matter', () => {
    fc.assert(
      fc.property(fc.array(coding), (all) => {
        const once = label(condition(...all), rules, none)
        expect(label(condition(...all.toReversed(), ...all), rules, none)).toEqual(once)
      }),
    )
  })

  test('one more never lowers a label', () => {
    fc.assert(
      fc.property(fc.array(coding), coding, (all, more) => {
        const before = label(condition(...all), rules, none)
        const after = label(condition(...all, more), rules, none)
        expect(after.sensitivities).toEqual(expect.arrayContaining([...before.sensitivities]))
      }),
    )
  })
})
