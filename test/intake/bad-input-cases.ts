/** The issue's “Bad input”, for every way in: what is changed in an accepted body, and what the sender is told. */
import type { ErrorCode } from '#fhir/gateway-error.ts'

export interface BadInput {
  readonly title: string
  /** Every occurrence of the first text is replaced by the second. */
  readonly replace: readonly [from: string, to: string]
  readonly want: { readonly code: ErrorCode; readonly text: string; readonly expression?: string }
}

const MISSING = 'the field is missing: send it'
const MALFORMED = (line: number, column: number): string =>
  `a syntax error in the JSON at line ${line}, column ${column}: correct it and send again`
const SCHEMES = 'one of `CPR`, `XECPR`, `DECPR`, `FNR`, `DNR`, `HNR`, `FHN`, `LOCAL`'
const NO_NATIONAL_SYSTEM = 'the identifier is in no national system: send a CPR, fnr or D-number'
const NO_ROW = (code: string, element: string): string =>
  `\`${code}\` is in no row of the concept map for \`${element}\`: send a code of the map, or have it added`
const CLINICAL_STATUS =
  'found `gone`; send one of `active`, `inactive`, `recurrence`, `relapse`, `remission`, `resolved`, with the system `http://terminology.hl7.org/CodeSystem/condition-clinical`'
const TOPICS =
  'name one topic: https://sluse.example/fhir/SubscriptionTopic/careplan-changed, https://sluse.example/fhir/SubscriptionTopic/encounter-changed, https://sluse.example/fhir/SubscriptionTopic/condition-changed, https://sluse.example/fhir/SubscriptionTopic/consent-changed'
const CPR_SYSTEM = '"system":"urn:oid:1.2.208.176.1.2"'

// prettier-ignore
const carePlan: readonly BadInput[] = [
  { title: 'broken syntax', replace: ['"intent":', '"intent"'], want: { code: 'body-malformed', text: MALFORMED(1, 637) } },
  { title: 'missing field', replace: ['"intent":"plan",', ''], want: { code: 'field-missing', text: 'CarePlan requires `intent`; add it', expression: 'CarePlan.intent' } },
  { title: 'unknown code', replace: ['"intent":"plan"', '"intent":"hope"'], want: { code: 'code-unknown', text: 'found `hope`; send one of `option`, `order`, `plan`, `proposal`', expression: 'CarePlan.intent' } },
  { title: 'unknown patient id scheme', replace: ['"subject":{"identifier":{"system":"urn:oid:1.2.208.176.1.2"', '"subject":{"identifier":{"system":"http://hospital.example"'], want: { code: 'patient-id-unknown-scheme', text: NO_NATIONAL_SYSTEM, expression: 'CarePlan.subject.identifier' } },
  { title: 'a modifier', replace: ['"intent":', '"modifierExtension":[{"url":"http://x.example"}],"intent":'], want: { code: 'profile-violation', text: 'this element is not allowed here; remove it', expression: 'CarePlan.modifierExtension' } },
]

// prettier-ignore
export const badInputs: Readonly<Record<string, readonly BadInput[]>> = {
  'HL7 v2 ADT': [
    { title: 'broken syntax', replace: ['MSH|', 'MSX|'], want: { code: 'body-malformed', text: 'the body does not begin with MSH: send one HL7 v2 message, a segment to a line' } },
    { title: 'missing field', replace: ['SBX-10021', ''], want: { code: 'field-missing', text: 'the field is empty: fill PV1-19', expression: 'PV1-19' } },
    { title: 'unknown code', replace: ['PV1|1|I|', 'PV1|1|Z|'], want: { code: 'code-unknown', text: NO_ROW('Z', 'Encounter.class.code'), expression: 'PV1-2' } },
    { title: 'unknown patient id scheme', replace: ['NNDNK', 'SSN'], want: { code: 'patient-id-unknown-scheme', text: 'no identifier is of a known national type: send one of `NNDNK`, `NNNOR`, `NNDN`, `FNR` in CX-5', expression: 'PID-3' } },
  ],
  'MedCom HospitalNotification': [
    { title: 'broken syntax', replace: ['"timestamp":', '"timestamp"'], want: { code: 'body-malformed', text: MALFORMED(10, 15) } },
    { title: 'missing field', replace: ['"status": "in-progress",', ''], want: { code: 'field-missing', text: MISSING, expression: 'Bundle.entry[2].resource.status' } },
    { title: 'unknown code', replace: ['"code": "IMP"', '"code": "AMB"'], want: { code: 'code-unknown', text: NO_ROW('AMB', 'Encounter.class.code'), expression: 'Bundle.entry[2].resource.class.code' } },
    { title: 'unknown patient id scheme', replace: ['"system": "urn:oid:1.2.208.176.1.2"', '"system": "http://rn.example"'], want: { code: 'patient-id-unknown-scheme', text: NO_NATIONAL_SYSTEM, expression: 'Bundle.entry[1].resource.identifier[0]' } },
  ],
  'municipality record': [
    { title: 'broken syntax', replace: ['"course": {', '"course": ['], want: { code: 'body-malformed', text: MALFORMED(8, 9) } },
    { title: 'missing field', replace: ['"recordId": "SBX-RUS-2026-0001",', ''], want: { code: 'field-missing', text: MISSING, expression: '/recordId' } },
    { title: 'unknown code', replace: ['"status": "scheduled"', '"status": "soon"'], want: { code: 'code-unknown', text: 'found `soon`: send one of `not-started`, `scheduled`, `in-progress`, `on-hold`, `completed`, `cancelled`, `stopped`', expression: '/efforts/2/status' } },
    { title: 'unknown patient id scheme', replace: ['"scheme": "CPR"', '"scheme": "SSN"'], want: { code: 'patient-id-unknown-scheme', text: `found \`SSN\`: send ${SCHEMES}`, expression: '/citizen/id/scheme' } },
  ],
  'KL plan': [
    { title: 'broken syntax', replace: ['"intent":', '"intent"'], want: { code: 'body-malformed', text: MALFORMED(1, 98) } },
    { title: 'missing field', replace: ['"status":"active",', ''], want: { code: 'field-missing', text: MISSING, expression: 'CarePlan.status' } },
    { title: 'unknown code', replace: ['"status":"active"', '"status":"gone"'], want: { code: 'code-unknown', text: 'found `gone`; send one of `active`, `completed`, `draft`, `entered-in-error`, `on-hold`, `revoked`, `unknown`', expression: 'CarePlan.status' } },
    { title: 'unknown patient id scheme', replace: [CPR_SYSTEM, '"system":"http://kommune.example"'], want: { code: 'patient-id-unknown-scheme', text: NO_NATIONAL_SYSTEM, expression: 'CarePlan.subject.identifier' } },
  ],
  'MedCom ConditionList': [
    { title: 'broken syntax', replace: ['"timestamp":', '"timestamp"'], want: { code: 'body-malformed', text: MALFORMED(12, 15) } },
    { title: 'missing field', replace: ['"Composition"', '"Basic"'], want: { code: 'field-missing', text: 'the message has 0 of `Composition`: send exactly one', expression: 'Bundle.entry' } },
    { title: 'unknown code', replace: ['"recordedDate": "2026-05-11"', '"recordedDate": "2026-05-11", "clinicalStatus": { "coding": [{ "code": "gone" }] }'], want: { code: 'code-unknown', text: CLINICAL_STATUS, expression: 'Condition.clinicalStatus' } },
    { title: 'unknown patient id scheme', replace: ['"system": "urn:oid:1.2.208.176.1.2"', '"system": "http://laege.example"'], want: { code: 'patient-id-unknown-scheme', text: NO_NATIONAL_SYSTEM, expression: 'Bundle.entry[1].resource.identifier[0]' } },
  ],
  'GP contact': [
    { title: 'broken syntax', replace: ['"contact": {', '"contact": ['], want: { code: 'body-malformed', text: MALFORMED(8, 9) } },
    { title: 'missing field', replace: ['"kind": "ambulatory",', ''], want: { code: 'field-missing', text: MISSING, expression: '/contact/kind' } },
    { title: 'unknown code', replace: ['"kind": "ambulatory"', '"kind": "sms"'], want: { code: 'code-unknown', text: 'found `sms`: send one of `ambulatory`, `home`, `virtual`, `emergency`', expression: '/contact/kind' } },
    { title: 'unknown patient id scheme', replace: ['"scheme": "CPR"', '"scheme": "cpr"'], want: { code: 'patient-id-unknown-scheme', text: `found \`cpr\`: send ${SCHEMES}`, expression: '/citizen/id/scheme' } },
  ],
  'PUT CarePlan': carePlan,
  'POST CarePlan': [
    ...carePlan,
    { title: 'another type than the address', replace: ['"resourceType":"CarePlan"', '"resourceType":"Encounter"'], want: { code: 'field-invalid', text: 'found `Encounter`; this address takes CarePlan', expression: 'resourceType' } },
    { title: 'a list', replace: ['{"resourceType":"CarePlan"', '[{"resourceType":"CarePlan"'], want: { code: 'body-malformed', text: MALFORMED(1, 2534) } },
    { title: 'a national id outside the subject', replace: ['"title":', '"identifier":[{"system":"urn:oid:1.2.208.176.1.2","value":"1502829995"}],"title":'], want: { code: 'field-invalid', text: 'a national id may stand in the subject only; leave it out here', expression: 'CarePlan.identifier[0]' } },
    { title: 'a national id as the id of a reference', replace: ['"title":', '"contributor":[{"reference":"Patient/1502829995"}],"title":'], want: { code: 'field-invalid', text: 'a national id may stand in the subject only; leave it out here', expression: 'CarePlan.contributor[0].reference' } },
    { title: 'a national id in the query of a reference', replace: ['"title":', '"contributor":[{"reference":"https://hospital.example/fhir/Patient?identifier=urn:oid:1.2.208.176.1.2%7C1502829995"}],"title":'], want: { code: 'field-invalid', text: 'a national id may stand in the subject only; leave it out here', expression: 'CarePlan.contributor[0].reference' } },
    { title: 'an element named by a citizen', replace: ['"title":', '"Elmer 1502829995":{"system":"urn:oid:1.2.208.176.1.2"},"title":'], want: { code: 'field-invalid', text: 'found a property that is no element name, which CarePlan does not have in FHIR R4; remove it', expression: 'CarePlan' } },
  ],
  'POST Encounter': [
    { title: 'broken syntax', replace: ['"status":', '"status"'], want: { code: 'body-malformed', text: MALFORMED(1, 37) } },
    { title: 'missing field', replace: ['"status":"in-progress",', ''], want: { code: 'field-missing', text: 'Encounter requires `status`; add it', expression: 'Encounter.status' } },
    { title: 'unknown code', replace: ['"status":"in-progress"', '"status":"gone"'], want: { code: 'code-unknown', text: 'found `gone`; send one of `arrived`, `cancelled`, `entered-in-error`, `finished`, `in-progress`, `onleave`, `planned`, `triaged`, `unknown`', expression: 'Encounter.status' } },
    { title: 'unknown patient id scheme', replace: [CPR_SYSTEM, '"system":"http://hospital.example"'], want: { code: 'patient-id-unknown-scheme', text: NO_NATIONAL_SYSTEM, expression: 'Encounter.subject.identifier' } },
    { title: 'nobody', replace: ['"identifier":', '"display":"x","was":'], want: { code: 'field-missing', text: 'name the citizen: put the national id in `subject.identifier` with its system, such as `urn:oid:1.2.208.176.1.2` for CPR, or repeat the `Patient/…` reference from an earlier answer', expression: 'Encounter.subject.identifier' } },
  ],
  'POST Condition': [
    { title: 'broken syntax', replace: ['"code":', '"code"'], want: { code: 'body-malformed', text: MALFORMED(1, 132) } },
    { title: 'missing field', replace: ['"code":{"text":"Skizofreni siden ungdommen"},', ''], want: { code: 'field-missing', text: 'Condition requires `code`; add it', expression: 'Condition.code' } },
    { title: 'unknown code', replace: ['"code":"active"', '"code":"gone"'], want: { code: 'code-unknown', text: CLINICAL_STATUS, expression: 'Condition.clinicalStatus' } },
    { title: 'unknown patient id scheme', replace: [CPR_SYSTEM, '"system":"http://laege.example"'], want: { code: 'patient-id-unknown-scheme', text: NO_NATIONAL_SYSTEM, expression: 'Condition.subject.identifier' } },
  ],
  'POST Consent': [
    { title: 'broken syntax', replace: ['"status":', '"status"'], want: { code: 'body-malformed', text: MALFORMED(1, 193) } },
    { title: 'missing field', replace: ['"scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},', ''], want: { code: 'field-missing', text: 'Consent requires `scope`; add it', expression: 'Consent.scope' } },
    { title: 'unknown code', replace: ['"status":"active"', '"status":"gone"'], want: { code: 'code-unknown', text: 'found `gone`; send one of `active`, `draft`, `entered-in-error`, `inactive`, `proposed`, `rejected`', expression: 'Consent.status' } },
    { title: 'unknown patient id scheme', replace: [CPR_SYSTEM, '"system":"http://hospital.example"'], want: { code: 'patient-id-unknown-scheme', text: NO_NATIONAL_SYSTEM, expression: 'Consent.patient.identifier' } },
  ],
  'POST Subscription': [
    { title: 'broken syntax', replace: ['"status":', '"status"'], want: { code: 'body-malformed', text: MALFORMED(1, 40) } },
    { title: 'missing field', replace: ['"reason":"test",', ''], want: { code: 'field-missing', text: 'Subscription requires `reason`; add it', expression: 'Subscription.reason' } },
    { title: 'unknown code', replace: ['"status":"requested"', '"status":"asked"'], want: { code: 'code-unknown', text: 'found `asked`; send one of `active`, `error`, `off`, `requested`', expression: 'Subscription.status' } },
    { title: 'unknown topic', replace: ['careplan-changed', 'everything'], want: { code: 'subscription-unsupported', text: TOPICS, expression: 'Subscription.criteria' } },
  ],
}
