/** Whatever a citizen could have consented to, whoever asks, and whatever they ask for: the values that the properties draw. */
import fc from 'fast-check'
import type { Consent, ConsentProvision, Resource } from '@medplum/fhirtypes'
import type { AccessRequest, DecisionContext } from '#consent/access-request.ts'
import type { ConsentVersion } from '#consent/decide.ts'
import { consentOf, context, lawOf, requestOf, resourceOf } from './case-files.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const SKS = 'urn:oid:1.2.208.176.2.4.12'
const SOR = 'urn:oid:1.2.208.176.1.1'

function codings(system: string, ...codes: string[]) {
  return fc.constantFrom(...codes).map((code) => ({ system, code }))
}

function some<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 1, maxLength: 3 })
}

export const sensitivityLabels = some(codings(ACT_CODE, 'PSY', 'SUD', 'ETHUD', 'MH', 'BH', 'HIV'))
const labels = some(
  fc.oneof(
    { weight: 6, arbitrary: codings(ACT_CODE, 'PSY', 'SUD', 'ETHUD', 'MH', 'BH', 'HIV') },
    { weight: 4, arbitrary: codings(CONFIDENTIALITY, 'N', 'R', 'V') },
    // What nobody understands, and what another system means.
    {
      weight: 1,
      arbitrary: fc.constantFrom({ system: ACT_CODE, code: 'PYS' }, { system: 'urn:x', code: 'A' }),
    },
  ),
)

const reference = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom('Organization/gp', 'Organization/gp-house', 'Organization/municipality', 'Group/team')
      .map((to) => ({ reference: to })),
  },
  { weight: 1, arbitrary: fc.constant({ identifier: { system: SOR, value: '900000000000011' } }) },
  { weight: 1, arbitrary: fc.constant({ reference: 'Practitioner/unknown' }) },
)
const role = fc.constantFrom('IRCP', 'IRCP', 'IRCP', 'PRCP', 'CST', 'AUT', 'WIT')
const actor = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(role, reference).map(([code, to]) => ({
      role: { coding: [{ system: PARTICIPATION, code }] },
      reference: code === 'CST' ? { reference: 'Organization/hospital' } : to,
    })),
  },
  { weight: 1, arbitrary: reference.map((to) => ({ reference: to })) },
)

export const criteria = fc.record(
  {
    actor: some(actor) as fc.Arbitrary<NonNullable<ConsentProvision['actor']>>,
    purpose: some(codings(ACT_REASON, 'TREAT', 'COC', 'HRESCH', 'BTG', 'PurposeOfUse', 'LOCAL')),
    action: some(
      codings('http://terminology.hl7.org/CodeSystem/consentaction', 'disclose', 'access', 'use').map(
        (coding) => ({
          coding: [coding],
        }),
      ),
    ),
    class: some(
      codings('http://hl7.org/fhir/resource-types', 'CarePlan', 'Encounter', 'Condition', 'Careplan'),
    ),
    code: some(codings(SKS, 'DF33', 'DF10', 'DI10').map((coding) => ({ coding: [coding] }))),
    data: some(
      fc.record({
        meaning: fc.constantFrom(
          'instance' as const,
          'related' as const,
          'dependents' as const,
          'authoredby' as const,
        ),
        reference: fc
          .constantFrom(
            'CarePlan/plan',
            'Encounter/encounter',
            'Condition/condition',
            'Organization/hospital',
          )
          .map((to) => ({ reference: to })),
      }),
    ),
    dataPeriod: fc.constantFrom(
      { start: '2020' },
      { end: '2025-12-31' },
      { start: '2026-06-14', end: '2026-06-15' },
    ),
    period: fc.constantFrom(
      { start: '2026-01-01' },
      { end: '2026-06-15' },
      { end: '2026-06-14' },
      { start: '2026-06-16' },
    ),
    securityLabel: labels,
  },
  { requiredKeys: [] },
)

/** Most criteria are left open, so that many rules match: a rule with all nine hardly ever does. */
const sparse = fc
  .tuple(
    criteria,
    fc.subarray(
      Object.keys({ actor, purpose: 0, action: 0, class: 0, code: 0, data: 0, dataPeriod: 0, period: 0 }),
    ),
  )
  .map(([all, left]): ConsentProvision =>
    Object.fromEntries(Object.entries(all).filter(([key]) => !left.includes(key))),
  )

const permitOrDeny = fc.constantFrom('permit' as const, 'permit' as const, 'permit' as const, 'deny' as const)
const permitOnly = fc.constant('permit' as const)

function tree(type: fc.Arbitrary<'permit' | 'deny'>, depth: number): fc.Arbitrary<ConsentProvision> {
  const leaf = fc.tuple(type, sparse).map(([own, rest]) => ({ ...rest, type: own }))
  if (depth === 0) return leaf
  const nested = fc.array(tree(type, depth - 1), { maxLength: 2 })
  return fc
    .tuple(leaf, nested)
    .map(([outer, inner]) => (inner.length > 0 ? { ...outer, provision: inner } : outer))
}

export const provision = tree(permitOrDeny, 2)
export const permitsOnly = tree(permitOnly, 2)
export const denial = sparse.map((rest): ConsentProvision => ({ ...rest, type: 'deny' }))

/** A consent like the base of the cases, with this as its outermost provision. */
export function versionOf(
  id: string,
  outermost: ConsentProvision,
  rest: Partial<Consent> = {},
): ConsentVersion {
  const version = consentOf(id)
  return { ...version, consent: { ...version.consent, ...rest, provision: outermost } }
}

const given = fc.constantFrom('2026-01-01T09:00:00+01:00', '2025-06-15', '2025-06-14T10:00:00Z')

export function consentsOf(
  outermost: fc.Arbitrary<ConsentProvision>,
): fc.Arbitrary<readonly ConsentVersion[]> {
  return fc
    .array(fc.tuple(outermost, given), { minLength: 1, maxLength: 4 })
    .map((all) => all.map(([one, dateTime], index) => versionOf(`c${index}`, one, { dateTime })))
}
export const consents = consentsOf(provision)

const code = fc.constantFrom('DF331', 'DF102', 'DF112', 'DI109', 'DZ502').map((each) => ({
  coding: [{ system: SKS, code: each }],
}))
const dates = fc.constantFrom(
  {},
  { period: { start: '2026-06-14T08:00:00+02:00' } },
  { period: { start: '2019', end: '2021' } },
)
const profile = fc.constantFrom(
  {},
  { meta: { security: [{ system: ACT_CODE, code: 'SUD' }] } },
  {
    meta: { security: [{ system: 'urn:x', code: 'A' }] },
  },
)

const plan = fc.tuple(some(code), dates, profile).map(([codes, when, labelled]): Resource =>
  resourceOf({
    base: 'psychiatric-plan',
    with: {
      ...when,
      ...labelled,
      author: { reference: 'Organization/hospital' },
      addresses: [{ reference: 'Condition/condition' }],
      activity: codes.map((each) => ({ detail: { code: each, status: 'in-progress' } })),
    },
  }),
)
const encounter = fc
  .tuple(some(code), profile)
  .map(([codes, labelled]): Resource =>
    resourceOf({ base: 'encounter', with: { ...labelled, reasonCode: codes } }),
  )
const condition = fc
  .tuple(code, profile)
  .map(([one, labelled]): Resource =>
    resourceOf({ base: 'condition', with: { ...labelled, code: one, onsetDateTime: '2025-03' } }),
  )
/** Types with a core, and one that is split and has none. */
const panel = fc.tuple(code, some(code), profile).map(([one, codes, labelled]): Resource =>
  resourceOf({
    base: 'panel',
    with: { ...labelled, code: one, component: codes.map((each) => ({ code: each, valueInteger: 1 })) },
  }),
)
const order = fc
  .tuple(code, some(code), profile)
  .map(([one, codes, labelled]): Resource =>
    resourceOf({ base: 'order', with: { ...labelled, code: one, reasonCode: codes } }),
  )
const team = fc
  .tuple(some(code), profile)
  .map(([codes, labelled]): Resource =>
    resourceOf({ base: 'team', with: { ...labelled, participant: codes.map((each) => ({ role: [each] })) } }),
  )
export const resource: fc.Arbitrary<Resource> = fc.oneof(
  { weight: 4, arbitrary: plan },
  { weight: 1, arbitrary: encounter },
  { weight: 1, arbitrary: condition },
  { weight: 1, arbitrary: panel },
  { weight: 1, arbitrary: order },
  { weight: 1, arbitrary: team },
)

export const request: fc.Arbitrary<AccessRequest> = fc
  .record(
    {
      purposeOfUse: fc.constantFrom(['TREAT'], ['COC'], ['TREAT', 'HRESCH'], ['BTG']),
      action: fc.constantFrom('disclose', 'access'),
      now: fc.constantFrom('2026-06-15T10:00:00Z', '2026-06-15T21:59:59.999Z', '2026-06-15T22:00:00Z'),
      timeZone: fc.constantFrom('Europe/Copenhagen', 'Europe/Oslo'),
    },
    { requiredKeys: [] },
  )
  .map((changes) => requestOf(changes))

/** No jurisdiction, health law, social law with its form and its year, and Norway. */
export const law: fc.Arbitrary<DecisionContext['law']> = fc.constantFrom(
  undefined,
  lawOf({ base: 'law-dk' }),
  lawOf({
    base: 'law-dk',
    with: { consent: { basis: 'SUL-43-1', form: 'written', lapsesAfterYears: 1 }, denyCoversParents: true },
  }),
  lawOf({ base: 'law-no' }),
)

const lookedUp: readonly Resource[] = [
  {
    resourceType: 'Group',
    id: 'team',
    type: 'practitioner',
    actual: true,
    member: [
      { entity: { reference: 'Organization/gp' }, period: { start: '2026-01-01', end: '2026-06-15' } },
    ],
  },
  resourceOf('condition'),
  resourceOf('encounter'),
]

export const around: fc.Arbitrary<DecisionContext> = fc.tuple(law, fc.boolean()).map(([frame, resolves]) => ({
  ...context,
  ...(frame && { law: frame }),
  ...(resolves && { resources: new Map(lookedUp.map((each) => [`${each.resourceType}/${each.id}`, each])) }),
}))
