import { describe, expect, test } from 'vitest'
import { isJudged, unjudged } from '#fhir/validate-invariant.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { carePlan, validResources } from '#test/valid-resources.ts'
import { profileAssets, validator } from '#test/validator.ts'

/** An invariant of R4 with a resource that breaks it; `where` is the path that is to blame. */
interface Case {
  readonly key: string
  readonly base: keyof typeof validResources
  readonly breaks: object
  readonly holds: object
  readonly where: string
}

const [goal] = carePlan.contained
const target = (value: object) => ({
  contained: [mergePatch(goal, { target: [{ measure: { text: 'x' }, ...value }] })],
})
const timing = (repeat: object) => ({
  activity: [{ detail: { status: 'scheduled', scheduledTiming: { repeat } } }],
})
const repeated = 'CarePlan.activity[0].detail.scheduled.repeat'

/** https://hl7.org/fhir/R4/conformance-rules.html#constraints */
const cases: Case[] = [
  {
    key: 'cpl-3',
    base: 'carePlan',
    breaks: { activity: [{ reference: { reference: 'Task/x' }, detail: { status: 'scheduled' } }] },
    holds: { activity: [{ reference: { reference: 'Task/x' } }, { detail: { status: 'scheduled' } }] },
    where: 'CarePlan.activity[0]',
  },
  {
    key: 'con-1',
    base: 'condition',
    breaks: { stage: [{ type: { text: 'x' } }] },
    holds: { stage: [{ summary: { text: 'x' } }] },
    where: 'Condition.stage[0]',
  },
  {
    key: 'con-2',
    base: 'condition',
    breaks: { evidence: [{ extension: [{ url: 'urn:x', valueCode: 'x' }] }] },
    holds: { evidence: [{ code: [{ text: 'x' }] }] },
    where: 'Condition.evidence[0]',
  },
  {
    key: 'con-4',
    base: 'condition',
    breaks: { abatementString: 'i foråret' },
    holds: {
      abatementString: 'i foråret',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }],
      },
    },
    where: 'Condition',
  },
  {
    key: 'con-5',
    base: 'condition',
    breaks: {
      verificationStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' },
        ],
      },
    },
    holds: {
      clinicalStatus: null,
      verificationStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' },
        ],
      },
    },
    where: 'Condition',
  },
  {
    key: 'gol-1',
    base: 'carePlan',
    breaks: { contained: [mergePatch(goal, { target: [{ detailString: 'x' }] })] },
    holds: target({ detailString: 'x' }),
    where: 'CarePlan.contained[0].target[0]',
  },
  {
    key: 'qty-3',
    base: 'carePlan',
    breaks: target({ detailQuantity: { value: 1, code: 'h' } }),
    holds: target({ detailQuantity: { value: 1, unit: 'h' } }),
    where: 'CarePlan.contained[0].target[0].detail',
  },
  {
    key: 'rng-2',
    base: 'carePlan',
    breaks: target({ detailRange: { low: { value: 7, unit: 'h' }, high: { value: 6, unit: 'h' } } }),
    holds: target({ detailRange: { low: { value: 6, unit: 'h' }, high: { value: 6, unit: 'h' } } }),
    where: 'CarePlan.contained[0].target[0].detail',
  },
  {
    key: 'rng-2',
    base: 'carePlan',
    breaks: target({ detailRange: { low: { value: 10 }, high: { value: 9 } } }),
    // Ten minutes are not more than one hour; amounts in two units are not compared.
    holds: target({ detailRange: { low: { value: 10, unit: 'min' }, high: { value: 1, unit: 'h' } } }),
    where: 'CarePlan.contained[0].target[0].detail',
  },
  {
    key: 'rat-1',
    base: 'carePlan',
    breaks: target({ detailRatio: { numerator: { value: 1 } } }),
    holds: target({ detailRatio: { numerator: { value: 1 }, denominator: { value: 2 } } }),
    where: 'CarePlan.contained[0].target[0].detail',
  },
  {
    key: 'drt-1',
    base: 'carePlan',
    breaks: target({ dueDuration: { value: 2, system: 'urn:x', code: 'h' } }),
    holds: target({ dueDuration: { value: 2, system: 'http://unitsofmeasure.org', code: 'h' } }),
    where: 'CarePlan.contained[0].target[0].due',
  },
  {
    key: 'tim-1',
    base: 'carePlan',
    breaks: timing({ duration: 1 }),
    holds: timing({ duration: 1, durationUnit: 'h' }),
    where: repeated,
  },
  {
    key: 'tim-2',
    base: 'carePlan',
    breaks: timing({ period: 1 }),
    holds: timing({ period: 1, periodUnit: 'wk' }),
    where: repeated,
  },
  {
    key: 'tim-4',
    base: 'carePlan',
    breaks: timing({ duration: -1, durationUnit: 'h' }),
    holds: timing({ duration: 0, durationUnit: 'h' }),
    where: repeated,
  },
  {
    key: 'tim-9',
    base: 'carePlan',
    breaks: timing({ offset: 30, when: ['C'] }),
    holds: timing({ offset: 30, when: ['HS'] }),
    where: repeated,
  },
  {
    key: 'tim-10',
    base: 'carePlan',
    breaks: timing({ timeOfDay: ['08:00:00'], when: ['HS'] }),
    holds: timing({ timeOfDay: ['08:00:00'] }),
    where: repeated,
  },
  {
    key: 'att-1',
    base: 'consent',
    breaks: { sourceAttachment: { data: 'YQ==' } },
    holds: { sourceAttachment: { data: 'YQ==', contentType: 'text/plain' } },
    where: 'Consent.source',
  },
  {
    key: 'ext-1',
    base: 'encounter',
    breaks: { extension: [{ url: 'urn:x' }] },
    holds: { extension: [{ url: 'urn:x', valueString: 'x' }] },
    where: 'Encounter.extension[0]',
  },
  {
    key: 'ext-1',
    base: 'encounter',
    breaks: {
      extension: [{ url: 'urn:x', valueString: 'x', extension: [{ url: 'urn:y', valueString: 'x' }] }],
    },
    holds: { extension: [{ url: 'urn:x', extension: [{ url: 'urn:y', valueString: 'x' }] }] },
    where: 'Encounter.extension[0]',
  },
  ...(
    [
      // Two instants, told in two time zones.
      ['2026-03-01T10:00:00+02:00', '2026-03-01T07:59:59Z', '2026-03-01T08:00:00Z'],
      // Instants as text would be in the wrong order.
      ['2026-03-01T00:30:00+01:00', '2026-02-28T23:29:59.999Z', '2026-02-28T23:30:00Z'],
      ['2026-03-02', '2026-03-01', '2026-03-02'],
      ['2026-03-02', '2026-03-01T23:59:59Z', '2026-03-02T00:00:00Z'],
      ['2026-03-02T00:00:00Z', '2026-03-01', '2026-03-02'],
      ['2026-03', '2026-02-28', '2026-03-01'],
      ['2026-03-31', '2026-02', '2026-03'],
      ['2026', '2025-12-31', '2026-01-01'],
      ['2016-12-31T23:59:60Z', '2016-12-31T23:59:58Z', '2016-12-31T23:59:60Z'],
    ] as const
  ).map(([start, before, same]): Case => ({
    key: 'per-1',
    base: 'encounter',
    breaks: { period: { start, end: before } },
    holds: { period: { start, end: same } },
    where: 'Encounter.period',
  })),
]

describe.each(cases)('$key', ({ key, base, breaks, holds, where }) => {
  test(`does not hold: ${JSON.stringify(breaks).slice(0, 90)}`, () => {
    expect(validator.validate(mergePatch(validResources[base], breaks))).toEqual([
      {
        code: 'profile-violation',
        expression: where,
        text: expect.stringContaining(`constraint \`${key}\` does not hold: `),
      },
    ])
  })

  test(`holds: ${JSON.stringify(holds).slice(0, 90)}`, () => {
    expect(validator.validate(mergePatch(validResources[base], holds))).toEqual([])
  })
})

/** Invariants of resources that carry or surround what is exchanged. */
interface WholeCase {
  readonly key: string
  readonly resource: object
  readonly breaks: object
  readonly holds: object
  readonly where: string
}

const fullUrl = 'urn:uuid:0b3e7f2c-8f2e-4f0e-9d57-0e5a3c6d3f10'
const bundle = { resourceType: 'Bundle', type: 'collection' }
const document = {
  ...bundle,
  type: 'document',
  identifier: { system: 'urn:x', value: '1' },
  timestamp: '2026-01-05T10:15:00Z',
}
const composition = {
  resourceType: 'Composition',
  status: 'final',
  type: { text: 'x' },
  date: '2026-01-05',
  title: 'x',
  author: [{ reference: 'Organization/x' }],
}
const message = { resourceType: 'MessageHeader', eventUri: 'urn:x', source: { endpoint: 'urn:x' } }
const task = {
  resourceType: 'Task',
  status: 'requested',
  intent: 'plan',
  authoredOn: '2026-03-01T10:00:00+02:00',
}
const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'urn:x', code: '1' }] },
}

const wholeCases: WholeCase[] = [
  {
    // @medplum/core leaves this one out.
    key: 'org-1',
    resource: { resourceType: 'Organization', active: true },
    breaks: {},
    holds: { name: 'Psykiatrisk Center Eksempel' },
    where: 'Organization',
  },
  {
    key: 'inv-1',
    resource: task,
    breaks: { lastModified: '2026-03-01T07:59:59Z' },
    holds: { lastModified: '2026-03-01T08:00:00Z' },
    where: 'Task',
  },
  {
    key: 'obs-7',
    resource: { ...observation, valueString: 'x' },
    breaks: { component: [{ code: observation.code, valueString: 'y' }] },
    holds: { component: [{ code: { coding: [{ system: 'urn:x', code: '2' }] }, valueString: 'y' }] },
    where: 'Observation',
  },
  {
    key: 'bdl-1',
    resource: bundle,
    breaks: { total: 0 },
    holds: { type: 'searchset', total: 0 },
    where: 'Bundle',
  },
  {
    key: 'bdl-3',
    resource: { ...bundle, entry: [{ fullUrl, resource: task, request: { method: 'POST', url: 'Task' } }] },
    breaks: {},
    holds: { type: 'transaction' },
    where: 'Bundle',
  },
  {
    key: 'bdl-5',
    resource: bundle,
    breaks: { entry: [{ fullUrl }] },
    holds: { entry: [{ fullUrl, resource: task }] },
    where: 'Bundle.entry[0]',
  },
  {
    key: 'bdl-7',
    resource: bundle,
    breaks: {
      entry: [
        { fullUrl, resource: task },
        { fullUrl, resource: task },
      ],
    },
    holds: {
      entry: [
        { fullUrl, resource: { ...task, meta: { versionId: '1' } } },
        { fullUrl, resource: { ...task, meta: { versionId: '2' } } },
      ],
    },
    where: 'Bundle',
  },
  {
    key: 'bdl-8',
    resource: bundle,
    breaks: { entry: [{ fullUrl: 'https://a/Task/1/_history/1', resource: task }] },
    holds: { entry: [{ fullUrl: 'https://a/Task/1', resource: task }] },
    where: 'Bundle.entry[0]',
  },
  {
    key: 'bdl-11',
    resource: document,
    breaks: { entry: [{ fullUrl, resource: task }] },
    holds: { entry: [{ fullUrl, resource: composition }] },
    where: 'Bundle',
  },
  {
    key: 'bdl-12',
    resource: { ...bundle, type: 'message' },
    breaks: { entry: [{ fullUrl, resource: task }] },
    holds: { entry: [{ fullUrl, resource: message }] },
    where: 'Bundle',
  },
]

describe.each(wholeCases)('$key', ({ key, resource, breaks, holds, where }) => {
  test('does not hold', () => {
    expect(validator.validate({ ...resource, ...breaks })).toEqual([
      {
        code: 'profile-violation',
        expression: where,
        text: expect.stringContaining(`constraint \`${key}\` does not hold: `),
      },
    ])
  })

  test('holds', () => {
    expect(validator.validate({ ...resource, ...holds })).toEqual([])
  })
})

test('a SimpleQuantity has no comparator (sqty-1)', () => {
  const activity = [{ detail: { status: 'scheduled', quantity: { value: 1, comparator: '<' } } }]
  expect(validator.validate(mergePatch(carePlan, { activity }))).toEqual([
    {
      code: 'profile-violation',
      expression: 'CarePlan.activity[0].detail.quantity.comparator',
      text: 'this element is not allowed here; remove it',
    },
  ])
})

describe('the expressions that reach the FHIRPath engine', () => {
  const constraints = [...profileAssets.definitions, ...profileAssets.profiles]
    .flatMap((definition) => definition.snapshot?.element ?? [])
    .flatMap((element) => element.constraint ?? [])
    .filter(({ key, severity }) => severity === 'error' && isJudged(key))
  // Said in TypeScript instead: src/fhir/validate-invariant.ts.
  const own = new Set(['ext-1', 'per-1', 'inv-1', 'rng-2'])

  test('use only functions that the engine was seen to get right', () => {
    const sound = new Set(
      'all allFalse contains count empty exists first hasValue intersect is isDistinct not select startsWith toString trace where'.split(
        ' ',
      ),
    )
    const used = constraints
      .filter(({ key }) => !own.has(key))
      .flatMap(({ expression = '' }) =>
        [...expression.matchAll(/([A-Za-z]+)\(/g)].map(([, name = '']) => name),
      )
      .filter((name) => !['in', 'and', 'or', 'xor', 'implies', 'when'].includes(name))
    expect(constraints.length).toBeGreaterThan(100)
    expect([...new Set(used)].filter((name) => !sound.has(name))).toEqual([])
  })

  test('leave out one, which would need resources that are not there', () => {
    expect([...unjudged]).toEqual(['ctm-1'])
  })
})
