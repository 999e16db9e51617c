/** One case or two for each family of rules, in the wire form and by hand: what a stranger to the code would expect of consent.md. */
import { ACT_CODE, ACT_REASON, CPR, SOR } from './decide-case-base.ts'

export interface WireCase {
  readonly title: string
  readonly clause: string
  /** Members of the file in place of those of `base`; `request` is merged. */
  readonly file: {
    readonly consents?: readonly object[]
    readonly context?: readonly object[]
    readonly resources?: readonly object[]
    readonly request?: object
  }
  /** `effect reason` of the whole. */
  readonly want: string
}

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem'
const ICD10 = 'http://hl7.org/fhir/sid/icd-10'
const CVR = 'urn:oid:1.3.184'
const HER = 'urn:oid:2.16.578.1.12.4.1.2'
const legal = (code: string) => ({
  policyRule: { coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code }] },
})

const sensitivity = (code: string) => ({ system: ACT_CODE, code })
const confidentiality = (code: string) => ({ system: `${TERMINOLOGY}/v3-Confidentiality`, code })
const purpose = (code: string) => ({ purpose: [{ system: ACT_REASON, code }] })
const type = (code: string) => ({ system: 'http://hl7.org/fhir/resource-types', code })
const labels = (...securityLabel: object[]) => ({ securityLabel })

function actor(who: string | object, role = 'IRCP'): object {
  return {
    role: { coding: [{ system: `${TERMINOLOGY}/v3-ParticipationType`, code: role }] },
    reference: typeof who === 'string' ? { reference: who } : who,
  }
}
const to = (...who: (string | object)[]) => ({ actor: who.map((each) => actor(each)) })

function consent(id: string, provision: object | undefined, change: object = {}): object {
  return {
    resourceType: 'Consent',
    id,
    status: 'active',
    scope: { coding: [{ system: `${TERMINOLOGY}/consentscope`, code: 'patient-privacy' }] },
    category: [{ coding: [sensitivity('IDSCL')] }],
    patient: { reference: 'Patient/p' },
    dateTime: '2026-01-10',
    policy: [{ uri: 'https://policy.example' }],
    ...(provision && { provision }),
    ...change,
  }
}
const permit = (change: object = {}): object => ({
  type: 'permit',
  ...to('Organization/gp'),
  ...purpose('TREAT'),
  ...change,
})
const deny = (change: object = {}): object => ({ type: 'deny', ...change })
const permits = (change: object = {}, more: object = {}) => [consent('a', permit(change), more)]
/** A permit for everybody, and beside it a deny. */
const beside = (refusal: object, more: object = {}) => [
  consent('a', { type: 'permit', ...purpose('TREAT') }),
  consent('b', deny(refusal), more),
]

const gp = { resourceType: 'Organization', id: 'gp', identifier: [{ system: SOR, value: '1' }], name: 'GP' }
const organization = (id: string, change: object = {}) => ({ resourceType: 'Organization', id, ...change })
const region = organization('region', { identifier: [{ system: CVR, value: '11' }] })
const hospital = organization('hospital', { partOf: { reference: 'Organization/region' } })
const ward = organization('ward', { partOf: { reference: 'Organization/hospital' } })
const house = [region, hospital, ward]
const asked = (by: string) => ({ recipient: [{ reference: by }] })

function condition(code: string, change: object = {}): object {
  return {
    resourceType: 'Condition',
    id: 'c',
    subject: { reference: 'Patient/p' },
    code: { coding: [{ system: ICD10, code }] },
    ...change,
  }
}
const plain = [condition('J45.0')]
const psychiatric = [condition('F20.0')]
const alcohol = [condition('F10.2')]
const opioids = [condition('F11.2')]
const both = [
  condition('', { code: { coding: ['F20.0', 'F10.2'].map((code) => ({ system: ICD10, code })) } }),
]
const inWords = [condition('', { code: { text: 'noget andet' } })]
const encounter = {
  resourceType: 'Encounter',
  id: 'e',
  status: 'finished',
  class: { system: ACT_CODE, code: 'IMP' },
  subject: { reference: 'Patient/p' },
}

const group = {
  resourceType: 'Group',
  id: 'g',
  type: 'practitioner',
  actual: true,
  member: [
    { entity: { reference: 'Practitioner/dr' }, period: { start: '2026-01-01', end: '2026-11-21' } },
    { entity: { reference: 'Practitioner/off' }, inactive: true },
  ],
}
const role = {
  resourceType: 'PractitionerRole',
  id: 'pr',
  practitioner: { reference: 'Practitioner/dr' },
  organization: { reference: 'Organization/gp' },
}

/** Under national law: the custodian is known, and what it and the recipient do. */
function unit(id: string, unitType: string | undefined, system: string, value: string): object {
  const coding = { system: 'https://sluse.example/fhir/CodeSystem/unit-type', code: unitType }
  return organization(id, {
    identifier: [{ system, value }],
    ...(unitType && { type: [{ coding: [coding] }] }),
  })
}
function under(
  recipientType: string | undefined,
  change: object = {},
  citizen: object = {},
): WireCase['file'] {
  return {
    consents: permits(to('Organization/r'), change),
    context: [
      unit('h', 'hospital-psychiatry', SOR, '100016001'),
      unit('r', recipientType, SOR, '200016001'),
      { resourceType: 'Patient', id: 'p', identifier: [{ system: CPR, value: '2509479989' }], ...citizen },
    ],
    request: { ...asked('Organization/r'), custodian: [{ reference: 'Organization/h' }] },
  }
}
function underNorwegian(
  recipientType: string,
  birthDate: string,
  more: readonly object[] = [],
): WireCase['file'] {
  return {
    consents: [consent('a', permit({ ...to('Organization/r'), class: [type('Condition')] })), ...more],
    context: [
      unit('h', 'hospital-psychiatry', HER, '11'),
      unit('r', recipientType, HER, '12'),
      { resourceType: 'Patient', id: 'p', birthDate },
    ],
    request: {
      ...asked('Organization/r'),
      custodian: [{ reference: 'Organization/h' }],
      timeZone: 'Europe/Oslo',
    },
  }
}
const written = {
  contained: [
    {
      resourceType: 'DocumentReference',
      id: 'd',
      status: 'current',
      content: [
        {
          attachment: {
            contentType: 'application/pdf',
            hash: 'Yuz2FvnOmHJJPN29q9tzOVvnmh4=',
            creation: '2026-01-10',
          },
        },
      ],
    },
  ],
  sourceReference: { reference: '#d' },
}
const at = (instant: string, file: WireCase['file'] = {}): WireCase['file'] => ({
  ...file,
  request: { ...file.request, at: instant },
})

const PERMITTED = 'permit permitted'
const OPEN = 'deny indeterminate'

// prettier-ignore
export const wireCases: readonly WireCase[] = [
  { title: 'a permit for whoever asks', clause: 'C1', file: {}, want: PERMITTED },
  { title: 'no consent', clause: 'D1', file: { consents: [] }, want: 'deny no-consent' },
  ...['draft', 'proposed', 'rejected', 'inactive', 'entered-in-error'].map((status) => ({ title: `status ${status}`, clause: 'V1', file: { consents: permits({}, { status }) }, want: 'deny consent-not-active' })),
  { title: 'a consent to research', clause: 'V2', file: { consents: permits({}, { scope: { coding: [{ system: `${TERMINOLOGY}/consentscope`, code: 'research' }] } }) }, want: 'deny no-consent' },
  { title: 'no policy', clause: 'V5', file: { consents: permits({}, { policy: undefined }) }, want: 'deny consent-defective' },
  { title: 'no policy, in a refusal', clause: 'V10', file: { consents: beside({}, { policy: undefined }) }, want: 'deny denied' },
  { title: 'the last second of a day', clause: 'T2', file: at('2026-11-21T23:59:59+01:00', { consents: permits({ period: { end: '2026-11-21' } }) }), want: PERMITTED },
  { title: 'the first of the next, though yesterday in UTC', clause: 'T3', file: at('2026-11-21T23:30:00Z', { consents: permits({ period: { end: '2026-11-21' } }) }), want: 'deny consent-expired' },
  { title: 'the first of a day', clause: 'T2', file: at('2026-11-20T23:00:00Z', { consents: permits({ period: { start: '2026-11-21' } }) }), want: PERMITTED },
  { title: 'the last before it', clause: 'T2', file: at('2026-11-20T22:59:59Z', { consents: permits({ period: { start: '2026-11-21' } }) }), want: 'deny consent-not-yet-valid' },
  { title: 'a day of 25 hours', clause: 'T2', file: at('2026-10-25T22:59:59Z', { consents: permits({ period: { end: '2026-10-25' } }) }), want: PERMITTED },
  { title: 'February of a leap year', clause: 'T2', file: at('2028-02-29T23:00:00+01:00', { consents: permits({ period: { end: '2028-02' } }) }), want: PERMITTED },
  { title: 'a nested deny that is over', clause: 'T5', file: { consents: permits({ provision: [deny({ period: { end: '2026-01-01' } })] }) }, want: PERMITTED },
  { title: 'a period that ends before it starts', clause: 'V9', file: { consents: permits({ period: { start: '2027-01-01', end: '2026-01-01' } }) }, want: 'deny consent-defective' },
  { title: 'OPTIN alone', clause: 'B5', file: { consents: [consent('a', undefined, { policyRule: { coding: [sensitivity('OPTIN')] } })] }, want: PERMITTED },
  { title: 'OPTOUT alone', clause: 'B5', file: { consents: [consent('a', undefined, { policyRule: { coding: [sensitivity('OPTOUT')] } })] }, want: 'deny denied' },
  { title: 'a type and a policy that disagree', clause: 'B4', file: { consents: permits({}, { policyRule: { coding: [sensitivity('OPTOUT')] } }) }, want: 'deny denied' },
  { title: 'by one of two numbers, without any context', clause: 'Q3', file: { consents: permits(to({ identifier: { system: SOR, value: '1' } })), context: [], request: { recipient: [{ system: 'urn:x', value: '9' }, { identifier: { system: SOR, value: '1' } }] } }, want: PERMITTED },
  { title: 'another organisation', clause: 'M6', file: { consents: permits(to('Organization/other')), context: [gp, organization('other')] }, want: 'deny recipient-not-covered' },
  { title: 'a deny of another organisation', clause: 'M6', file: { consents: beside(to('Organization/other')), context: [gp, organization('other')] }, want: PERMITTED },
  { title: 'a deny of an organisation that nobody can look up', clause: 'M10', file: { consents: beside(to('Organization/other')) }, want: OPEN },
  { title: 'a deny of a group that nobody can look up', clause: 'M10', file: { consents: beside(to('Group/other')) }, want: OPEN },
  { title: 'a deny at another server', clause: 'M10', file: { consents: beside(to('https://other.example/fhir/Organization/1')) }, want: OPEN },
  { title: 'a ward of the region', clause: 'M9', file: { consents: permits(to('Organization/region')), context: house, request: asked('Organization/ward') }, want: PERMITTED },
  { title: 'the region of a ward', clause: 'M9', file: { consents: permits(to('Organization/ward')), context: house, request: asked('Organization/region') }, want: 'deny recipient-not-covered' },
  { title: 'a ward of another legal entity', clause: 'M9', file: { consents: permits(to('Organization/region')), context: [region, { ...hospital, identifier: [{ system: CVR, value: '22' }] }, ward], request: asked('Organization/ward') }, want: 'deny recipient-not-covered' },
  { title: 'a deny of the region', clause: 'M8', file: { consents: beside(to('Organization/region')), context: house, request: asked('Organization/ward') }, want: 'deny denied' },
  { title: 'a member on the last day', clause: 'M7', file: { consents: permits(to('Group/g')), context: [group], request: asked('Practitioner/dr') }, want: PERMITTED },
  { title: 'a member of yesterday', clause: 'M7', file: at('2026-11-22T00:00:00+01:00', { consents: permits(to('Group/g')), context: [group], request: asked('Practitioner/dr') }), want: 'deny recipient-not-covered' },
  { title: 'an inactive member', clause: 'M7', file: { consents: permits(to('Group/g')), context: [group], request: asked('Practitioner/off') }, want: 'deny recipient-not-covered' },
  { title: 'a deny of a group of others', clause: 'M7', file: { consents: beside(to('Group/g')), context: [group], request: asked('Practitioner/else') }, want: PERMITTED },
  { title: 'who acts for the organisation', clause: 'M6', file: { context: [gp, role], request: asked('PractitionerRole/pr') }, want: PERMITTED },
  { title: 'the same person elsewhere', clause: 'M6', file: { consents: permits(to('PractitionerRole/pr')), context: [gp, role, organization('h'), { ...role, id: 'pr2', organization: { reference: 'Organization/h' } }], request: asked('PractitionerRole/pr2') }, want: 'deny recipient-not-covered' },
  { title: 'data of this hospital', clause: 'M4', file: { consents: permits({ actor: [actor('Organization/gp'), actor('Organization/h', 'CST')] }), context: [gp, organization('h')], request: { custodian: [{ reference: 'Organization/h' }] } }, want: PERMITTED },
  { title: 'data of another', clause: 'M4', file: { consents: permits({ actor: [actor('Organization/gp'), actor('Organization/h', 'CST')] }), context: [gp, organization('h'), organization('i')], request: { custodian: [{ reference: 'Organization/i' }] } }, want: 'deny source-not-covered' },
  { title: 'a deny of data of a hospital, when nobody says whose it is', clause: 'M3', file: { consents: beside({ actor: [actor('Organization/h', 'CST')] }), context: [gp, organization('h')] }, want: OPEN },
  { title: 'a deny in a role that nobody knows', clause: 'M5', file: { consents: beside({ actor: [actor('Organization/gp', 'WIT')] }) }, want: 'deny denied' },
  { title: 'another action', clause: 'M11', file: { consents: permits({ action: [{ coding: [{ system: `${TERMINOLOGY}/consentaction`, code: 'access' }] }] }) }, want: 'deny action-not-covered' },
  { title: 'a kind of treatment', clause: 'M13', file: { request: { purposeOfUse: ['COC'] } }, want: PERMITTED },
  { title: 'treatment, where a kind of it is permitted', clause: 'M13', file: { consents: permits(purpose('ETREAT')) }, want: 'deny purpose-not-covered' },
  { title: 'a kind of a kind of research', clause: 'M13', file: { consents: permits(purpose('HRESCH')), request: { purposeOfUse: ['CLINTRCHNPC'] } }, want: PERMITTED },
  { title: 'case management is no treatment', clause: 'M17', file: { request: { purposeOfUse: ['CAREMGT'] } }, want: 'deny purpose-not-covered' },
  { title: 'two purposes, one of them permitted', clause: 'M15', file: { request: { purposeOfUse: ['TREAT', 'HRESCH'] } }, want: 'deny purpose-not-covered' },
  { title: 'broken glass that a consent names', clause: 'BG2', file: { consents: permits(purpose('BTG')), request: { purposeOfUse: ['BTG'] } }, want: 'permit permitted-by-break-glass-consent' },
  { title: 'broken glass where treatment is permitted anyway', clause: 'BG2', file: { request: { purposeOfUse: ['BTG'] } }, want: PERMITTED },
  { title: 'another class', clause: 'M19', file: { consents: permits({ class: [type('CarePlan')] }) }, want: 'deny class-not-covered' },
  { title: 'a deny of a class that is none', clause: 'M19', file: { consents: beside({ class: [type('Conditions')] }) }, want: OPEN },
  { title: 'a code by its beginning, in SKS', clause: 'M20', file: { consents: permits({ code: [{ coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DJ45' }] }] }) }, want: PERMITTED },
  { title: 'the last day of the data', clause: 'M22', file: { consents: permits({ dataPeriod: { end: '2025-12-31' } }), resources: [condition('J45', { onsetDateTime: '2025-12-31' })] }, want: PERMITTED },
  { title: 'data of the day after', clause: 'M22', file: { consents: permits({ dataPeriod: { end: '2025-12-31' } }), resources: [condition('J45', { onsetDateTime: '2026-01-01' })] }, want: 'deny data-not-covered' },
  { title: 'a deny, and data without a date', clause: 'M22', file: { consents: beside({ dataPeriod: { end: '2025-12-31' } }) }, want: 'deny denied' },
  { title: 'this very record', clause: 'M23', file: { consents: permits({ data: [{ meaning: 'instance', reference: { reference: 'Condition/c' } }] }) }, want: PERMITTED },
  { title: 'what was recorded in an encounter', clause: 'M24', file: { consents: permits({ data: [{ meaning: 'related', reference: { reference: 'Encounter/e' } }] }), context: [gp, encounter], resources: [condition('J45', { encounter: { reference: 'Encounter/e' } })] }, want: PERMITTED },
  { title: 'what somebody else wrote', clause: 'M23', file: { consents: permits({ data: [{ meaning: 'authoredby', reference: { reference: 'Practitioner/dr' } }] }), resources: [condition('J45', { asserter: { reference: 'Practitioner/off' } })] }, want: 'deny data-not-covered' },
  { title: 'N, of a psychiatric diagnosis', clause: 'M29', file: { consents: permits(labels(confidentiality('N'))), resources: psychiatric }, want: 'deny label-not-covered' },
  { title: 'R, of a psychiatric diagnosis', clause: 'M29', file: { consents: permits(labels(confidentiality('R'))), resources: psychiatric }, want: PERMITTED },
  { title: 'R, of words alone', clause: 'S7', file: { consents: permits(labels(confidentiality('R'))), resources: inWords }, want: 'deny label-not-covered' },
  { title: 'a deny of R, of words alone', clause: 'M27', file: { consents: beside(labels(confidentiality('R'))), resources: inWords }, want: 'deny label-denied' },
  { title: 'a deny of V, of R', clause: 'M27', file: { consents: beside(labels(confidentiality('V'))), resources: psychiatric }, want: PERMITTED },
  { title: 'SUD covers alcohol', clause: 'M30', file: { consents: permits(labels(sensitivity('SUD'))), resources: alcohol }, want: PERMITTED },
  { title: 'ETH is SUD', clause: 'M30', file: { consents: permits(labels(sensitivity('ETH'))), resources: opioids }, want: PERMITTED },
  { title: 'alcohol does not cover opioids', clause: 'M30', file: { consents: permits(labels(sensitivity('ETHUD'))), resources: opioids }, want: 'deny label-not-covered' },
  { title: 'psychiatry does not cover what is neither', clause: 'M30', file: { consents: permits(labels(sensitivity('PSY'))), resources: plain }, want: 'deny label-not-covered' },
  { title: 'psychiatry and R do not cover alcohol', clause: 'M31', file: { consents: permits(labels(sensitivity('PSY'), confidentiality('R'))), resources: alcohol }, want: 'deny label-not-covered' },
  { title: 'both, one permitted', clause: 'M32', file: { consents: permits(labels(sensitivity('PSY'))), resources: both }, want: 'deny label-not-covered' },
  { title: 'both, each by a consent', clause: 'M32', file: { consents: [...permits(labels(sensitivity('PSY'))), consent('b', permit(labels(sensitivity('SUD'))))], resources: both }, want: PERMITTED },
  { title: 'a deny of a label that is misspelt', clause: 'I1', file: { consents: beside(labels(sensitivity('SUDD'))) }, want: OPEN },
  { title: 'an exception', clause: 'N3', file: { consents: permits({ provision: [deny(labels(sensitivity('SUD')))] }), resources: alcohol }, want: 'deny label-denied' },
  { title: 'beside the exception', clause: 'N3', file: { consents: permits({ provision: [deny(labels(sensitivity('SUD')))] }), resources: psychiatric }, want: PERMITTED },
  { title: 'an exception to an exception', clause: 'N6', file: { consents: permits({ provision: [deny({ ...labels(sensitivity('SUD')), provision: [{ type: 'permit', ...labels(sensitivity('OPIOIDUD')) }] })] }), resources: opioids }, want: PERMITTED },
  { title: 'siblings that disagree', clause: 'N4', file: { consents: permits({ provision: [deny({ class: [type('Condition')] }), { type: 'permit', ...labels(sensitivity('PSY')) }] }), resources: psychiatric }, want: 'deny denied' },
  { title: 'a child for others than its parent', clause: 'N5', file: { consents: permits({ provision: [{ type: 'permit', ...to('Organization/h') }] }), context: [gp, organization('h')], request: asked('Organization/h') }, want: PERMITTED },
  { title: 'a deny beside a newer permit', clause: 'C3', file: { consents: beside({}, { dateTime: '2020-01-01' }) }, want: 'deny denied' },
  { title: 'a modifier that nobody knows', clause: 'V9', file: { consents: permits({}, { modifierExtension: [{ url: 'https://x.example', valueBoolean: true }] }) }, want: 'deny consent-defective' },
  { title: 'a modifier that nobody knows, in a refusal', clause: 'V10', file: { consents: beside({}, { modifierExtension: [{ url: 'https://x.example', valueBoolean: true }] }) }, want: 'deny denied' },
  { title: 'a purpose that the source allows', clause: 'M18', file: { resources: [condition('J45', { meta: { security: [{ system: ACT_REASON, code: 'HRESCH' }] } })] }, want: 'deny purpose-restricted-by-source' },
  { title: 'a guardian whose time is over', clause: 'V6', file: { consents: permits({}, { performer: [{ reference: 'RelatedPerson/m' }] }), context: [gp, { resourceType: 'RelatedPerson', id: 'm', patient: { reference: 'Patient/p' }, period: { end: '2026-06-01' }, relationship: [{ coding: [{ system: `${TERMINOLOGY}/v3-RoleCode`, code: 'GUARD' }] }] }] }, want: 'deny representative-ended' },
  { title: 'drug treatment, nothing in writing', clause: 'L4', file: under('municipal-drug-treatment'), want: 'deny form-not-written' },
  { title: 'drug treatment, on the last day of the year', clause: 'L5', file: at('2027-01-10T23:59:59+01:00', under('municipal-drug-treatment', written)), want: PERMITTED },
  { title: 'drug treatment, the day after', clause: 'L5', file: at('2027-01-11T00:00:00+01:00', under('municipal-drug-treatment', written)), want: 'deny consent-lapsed' },
  { title: 'alcohol treatment, two years later', clause: 'L1', file: at('2028-01-11T00:00:00+01:00', under('municipal-alcohol-treatment')), want: PERMITTED },
  { title: 'a unit of unknown type', clause: 'L2', file: under(undefined, written), want: 'deny unit-type-unknown' },
  { title: 'a Danish child on its fifteenth birthday', clause: 'L9', file: under('gp', {}, { identifier: undefined, birthDate: '2011-01-10' }), want: PERMITTED },
  { title: 'the day before', clause: 'L9', file: under('gp', {}, { identifier: undefined, birthDate: '2011-01-11' }), want: 'deny performer-too-young' },
  { title: 'a Norwegian of 15', clause: 'L9', file: underNorwegian('gp', '2010-06-01'), want: 'deny performer-too-young' },
  { title: 'a Norwegian of 16', clause: 'L9', file: underNorwegian('gp', '2010-01-10'), want: PERMITTED },
  { title: 'a Danish block', clause: 'L11', file: { ...under('gp'), consents: [consent('a', permit(to('Organization/r'))), consent('b', deny(to('Organization/r')), legal('SUL-42A-5'))] }, want: 'deny national-block' },
  { title: 'a Norwegian reservation', clause: 'L17', file: underNorwegian('gp', '1990-01-01', [consent('b', deny(), { policyRule: { coding: [{ system: 'http://hl7.no/fhir/CodeSystem/no-basis-legal-formality-or-basis', code: 'PBRL5-3' }] } })]), want: 'deny national-block' },
]

export const wireBase = {
  consents: permits(),
  context: [gp],
  resources: plain,
  request: {
    patient: { reference: 'Patient/p' },
    recipient: [{ reference: 'Organization/gp' }],
    purposeOfUse: ['TREAT'],
    action: 'disclose',
    at: '2026-11-21T10:00:00+01:00',
    timeZone: 'Europe/Copenhagen',
  },
}
