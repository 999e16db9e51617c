/** Each format's bad inputs: what is changed in an accepted source, and the whole of what the sender is told. */
import { parseConditionList } from '#adapters/gp/parse-condition-list.ts'
import { parseContact } from '#adapters/gp/parse-contact.ts'
import { parseAdt } from '#adapters/hospital/parse-adt.ts'
import { parseNotification } from '#adapters/hospital/parse-notification.ts'
import { parseKlPlan } from '#adapters/municipality/parse-kl-plan.ts'
import { parseRecord } from '#adapters/municipality/parse-record.ts'
import type { Fault } from '#fhir/gateway-error.ts'
import type { Parser } from '#test/mapping-cases.ts'

/** A text to replace, or a place in the JSON and what to put there (nothing: take it away). */
export type Change =
  | { readonly replace: readonly [from: string, to: string] }
  | { readonly place: readonly (string | number)[]; readonly put?: unknown }

interface BadInput {
  readonly title: string
  readonly change: Change
  readonly want: readonly Fault[]
}

export interface FormatCases {
  readonly format: string
  readonly parse: Parser
  /** A case of test/mapping. */
  readonly base: string
  /** What an empty body is told, where it is not JSON. */
  readonly empty?: string
  readonly cases: readonly BadInput[]
}

// prettier-ignore
export const formats: readonly FormatCases[] = [
  {
    format: 'HL7 v2 ADT',
    parse: parseAdt,
    base: 'hospital/adt-a01-admission',
    empty: 'the body is empty: send one HL7 v2 message',
    cases: [
      { title: 'no MSH', change: { replace: ['MSH|', 'MSX|'] }, want: [{ code: 'body-malformed', text: 'the body does not begin with MSH: send one HL7 v2 message, a segment to a line' }] },
      { title: 'other delimiters', change: { replace: ['^~\\&|EPJ', '^~\\$|EPJ'] }, want: [{ code: 'field-invalid', text: 'the delimiters are not `|^~\\&`: send the message with these', expression: 'MSH-2' }] },
      { title: 'a line that is no segment', change: { replace: ['EVN|', 'evn|'] }, want: [{ code: 'body-malformed', text: 'line 2 is no segment: send one HL7 v2 message, a segment to a line' }] },
      { title: 'two messages', change: { replace: ['EVN|', 'MSH|^~\\&|X\rEVN|'] }, want: [{ code: 'body-malformed', text: 'there is a second MSH: send one HL7 v2 message, a segment to a line' }] },
      { title: 'NUL', change: { replace: ['Bruno', 'Br\u0000no'] }, want: [{ code: 'body-malformed', text: 'there are control characters: send one HL7 v2 message, a segment to a line' }] },
      { title: 'an unknown character set', change: { replace: ['UNICODE UTF-8', 'ISO IR87'] }, want: [{ code: 'field-invalid', text: 'the character set is none of `ASCII`, `8859/1`, `8859/15`, `UNICODE UTF-8`: send one of these', expression: 'MSH-18' }] },
      { title: 'another event', change: { replace: ['ADT^A01^ADT_A01', 'ADT^A40^ADT_A39'] }, want: [{ code: 'event-unsupported', text: 'found `ADT^A40`: Sluse reads `ADT^A01` and `ADT^A03`', expression: 'MSH-9' }] },
      { title: 'no event', change: { replace: ['ADT^A01^ADT_A01', ''] }, want: [{ code: 'event-unsupported', text: 'found nothing: Sluse reads `ADT^A01` and `ADT^A03`', expression: 'MSH-9' }] },
      { title: 'another message type', change: { replace: ['ADT^A01^ADT_A01', 'ORU^A01'] }, want: [{ code: 'event-unsupported', text: 'found `ORU^A01`: Sluse reads `ADT^A01` and `ADT^A03`', expression: 'MSH-9' }] },
      { title: 'no control id', change: { replace: ['|MSG-1|', '||'] }, want: [{ code: 'field-missing', text: 'the field is empty: fill MSH-10', expression: 'MSH-10' }] },
      { title: 'no PID', change: { replace: ['PID|', 'ZID|'] }, want: [{ code: 'field-missing', text: 'there is no PID segment: send one', expression: 'PID' }] },
      { title: 'two PV1', change: { replace: ['PV2|', 'PV1|'] }, want: [{ code: 'field-invalid', text: "there are 2 PV1 segments: send one patient's stay", expression: 'PV1' }] },
      { title: 'a visit without number', change: { replace: ['STAY-1', ''] }, want: [{ code: 'field-missing', text: 'the field is empty: fill PV1-19', expression: 'PV1-19' }] },
      { title: 'a deleted visit number', change: { replace: ['STAY-1', '""'] }, want: [{ code: 'field-missing', text: 'the field is empty: fill PV1-19', expression: 'PV1-19' }] },
      { title: 'the person number as visit number', change: { replace: ['STAY-1', '250947-9989'] }, want: [{ code: 'field-invalid', text: 'the visit number is the person number: send a number of the visit', expression: 'PV1-19' }] },
      { title: 'a visit without class', change: { replace: ['PV1|1|I|', 'PV1|1||'] }, want: [{ code: 'field-missing', text: 'the field is empty: fill PV1-2', expression: 'PV1-2' }] },
      { title: 'an unknown class', change: { replace: ['PV1|1|I|', 'PV1|1|N|'] }, want: [{ code: 'code-unknown', text: '`N` is in no row of the concept map for `Encounter.class.code`: send a code of the map, or have it added', expression: 'PV1-2' }] },
      { title: 'a day that no calendar has', change: { replace: ['20260301115500+0100', '20260230115500+0100'] }, want: [{ code: 'field-invalid', text: 'found a string of 19 characters, no time of the calendar: send YYYYMMDDHHMMSS+ZZZZ', expression: 'PV1-44' }] },
      { title: 'an unknown escape', change: { replace: ['Selvmordstanker \\H\\', 'Selvmordstanker \\Z1\\'] }, want: [{ code: 'field-invalid', text: 'an escape sequence in the field is not known here: send the text without it', expression: 'PV2-3' }] },
      { title: 'no national identifier', change: { replace: ['NNDNK', 'MR'] }, want: [{ code: 'patient-id-unknown-scheme', text: 'no identifier is of a known national type: send one of `NNDNK`, `NNNOR`, `NNDN`, `FNR` in CX-5', expression: 'PID-3' }] },
      { title: 'two people', change: { replace: ['77^^^EPJ^PI', '1502779995^^^CPR^NNDNK'] }, want: [{ code: 'field-invalid', text: 'there are two national identifiers that differ: send the one in force', expression: 'PID-3' }] },
      { title: 'a person number of no day', change: { replace: ['2509479989', '3209479989'] }, want: [{ code: 'field-invalid', text: "a string of 10 characters is no number of this system: correct the patient's identifier", expression: 'PID-3' }] },
      { title: 'an authority of no configured pair', change: { replace: ['CPR&1.2.208.176.1.2&ISO^NNDNK', 'EPJ^NNDN'] }, want: [{ code: 'patient-id-unknown-scheme', text: 'no identifier is of a known national type: send one of `NNDNK`, `NNNOR`, `NNDN`, `FNR` in CX-5', expression: 'PID-3' }] },
    ],
  },
  {
    format: 'HL7 v2 ADT, discharge',
    parse: parseAdt,
    base: 'hospital/adt-a03-discharge',
    empty: 'the body is empty: send one HL7 v2 message',
    cases: [
      { title: 'discharged before admitted', change: { replace: ['20260305095900', '20260301115459'] }, want: [{ code: 'field-invalid', text: 'the discharge is before the admission: correct PV1-44 or PV1-45', expression: 'PV1-45' }] },
      { title: 'an hour that the clocks skip', change: { replace: ['20260305095900', '20260329023000'] }, want: [{ code: 'field-invalid', text: 'found a string of 14 characters, no time of the calendar: send YYYYMMDDHHMMSS+ZZZZ', expression: 'PV1-45' }] },
    ],
  },
  {
    format: 'MedCom HospitalNotification',
    parse: parseNotification,
    base: 'hospital/notification-discharge',
    cases: [
      { title: 'another resource', change: { replace: ['"Bundle"', '"Patient"'] }, want: [{ code: 'field-invalid', text: 'found `Patient`: send a `Bundle`', expression: 'resourceType' }] },
      { title: 'no resource', change: { place: ['resourceType'] }, want: [{ code: 'field-missing', text: 'found nothing: send a `Bundle`', expression: 'resourceType' }] },
      { title: 'no Bundle.id', change: { place: ['id'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: 'Bundle.id' }] },
      { title: 'no MessageHeader', change: { place: ['entry', 0, 'resource', 'resourceType'], put: 'Basic' }, want: [{ code: 'field-missing', text: 'the message has 0 of `MessageHeader`: send exactly one', expression: 'Bundle.entry' }] },
      { title: 'an event that is not read', change: { replace: ['"discharge-inpatient-home"', '"start-leave-inpatient"'] }, want: [{ code: 'event-unsupported', text: 'found `start-leave-inpatient`: Sluse reads `admit-inpatient`, `admit-emergency`, `discharge-inpatient-home`', expression: 'Bundle.entry[4].resource.activity.coding[0].code' }] },
      { title: 'no Provenance of this message', change: { place: ['entry', 4, 'resource', 'target', 0, 'reference'], put: 'MessageHeader/h-1' }, want: [{ code: 'field-missing', text: 'no single Provenance with an activity code targets the MessageHeader: send exactly one', expression: 'Bundle.entry' }] },
      { title: 'two Provenances of this message', change: { place: ['entry', 5, 'resource', 'target', 0, 'reference'], put: 'MessageHeader/h-2' }, want: [{ code: 'field-missing', text: 'no single Provenance with an activity code targets the MessageHeader: send exactly one', expression: 'Bundle.entry' }] },
      { title: 'no status', change: { place: ['entry', 2, 'resource', 'status'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: 'Bundle.entry[2].resource.status' }] },
      { title: 'an unknown status', change: { place: ['entry', 2, 'resource', 'status'], put: 'gone' }, want: [{ code: 'code-unknown', text: '`gone` is in no row of the concept map for `Encounter.status`: send a code of the map, or have it added', expression: 'Bundle.entry[2].resource.status' }] },
      { title: 'an unknown class', change: { place: ['entry', 2, 'resource', 'class', 'code'], put: 'AMB' }, want: [{ code: 'code-unknown', text: '`AMB` is in no row of the concept map for `Encounter.class.code`: send a code of the map, or have it added', expression: 'Bundle.entry[2].resource.class.code' }] },
      { title: 'no course', change: { place: ['entry', 2, 'resource', 'episodeOfCare'] }, want: [{ code: 'field-missing', text: 'the field is missing: name the course by `identifier`, so that the discharge finds it', expression: 'Bundle.entry[2].resource.episodeOfCare' }] },
      { title: 'a patient that is not there', change: { place: ['entry', 2, 'resource', 'subject', 'reference'], put: 'Patient/x' }, want: [{ code: 'field-missing', text: 'the field is missing: refer to the Patient in the message', expression: 'Bundle.entry[2].resource.subject' }] },
      { title: 'two patients of one name', change: { place: ['entry', 6], put: { fullUrl: 'Patient/p-2', resource: { resourceType: 'Patient', id: 'other', identifier: [{ system: 'urn:oid:1.2.208.176.1.2', value: '1502779995' }] } } }, want: [{ code: 'field-missing', text: 'the field is missing: refer to the Patient in the message', expression: 'Bundle.entry[2].resource.subject' }] },
      { title: 'a patient without identifier', change: { place: ['entry', 1, 'resource', 'identifier'] }, want: [{ code: 'field-missing', text: 'the field is missing: name the citizen by a national id with its system, such as a CPR', expression: 'Bundle.entry[1].resource.identifier' }] },
      { title: 'an unknown identifier', change: { place: ['entry', 1, 'resource', 'identifier', 0, 'system'], put: 'http://rn.dk' }, want: [{ code: 'patient-id-unknown-scheme', text: 'the identifier is in no national system: send a CPR, fnr or D-number', expression: 'Bundle.entry[1].resource.identifier[0]' }] },
      { title: 'a modifier', change: { place: ['entry', 2, 'resource', 'modifierExtension'], put: [{ url: 'http://x' }] }, want: [{ code: 'field-invalid', text: 'no `modifierExtension` is understood here: send the resource without what needs it', expression: 'Bundle.entry[2].resource.modifierExtension' }] },
      { title: 'a list where an object belongs', change: { place: ['entry', 2, 'resource', 'period'], put: [] }, want: [{ code: 'field-invalid', text: 'found a list of 0: send an object', expression: 'Bundle.entry[2].resource.period' }] },
      { title: 'an object where a list belongs', change: { place: ['entry'], put: {} }, want: [{ code: 'field-invalid', text: 'found a value of type object: send a list', expression: 'Bundle.entry' }] },
      { title: 'a GLN of twelve digits', change: { replace: ['5790000209354', '579000020935'] }, want: [{ code: 'field-invalid', text: "a string of 12 characters is no number of this register: correct the organisation's identifier", expression: 'Bundle.entry[3].resource.identifier[0]' }] },
    ],
  },
  {
    format: 'municipality record',
    parse: parseRecord,
    base: 'municipality/record-course',
    cases: [
      { title: 'another format', change: { replace: ['municipality-record/1', 'municipality-record/2'] }, want: [{ code: 'code-unknown', text: 'found a string of 21 characters: send "municipality-record/1"', expression: '/format' }] },
      { title: 'a list', change: { place: ['course'], put: [] }, want: [{ code: 'field-invalid', text: 'found a list of 0: send a value of type object', expression: '/course' }] },
      { title: 'no course', change: { place: ['course'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/course' }] },
      { title: 'no status of an effort', change: { place: ['efforts', 1, 'status'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/efforts/1/status' }] },
      { title: 'an unknown status', change: { place: ['course', 'status'], put: 'open' }, want: [{ code: 'code-unknown', text: 'found `open`: send one of `planned`, `active`, `on-hold`, `ended`, `cancelled`, `error`', expression: '/course/status' }] },
      { title: 'a field that the format does not have', change: { place: ['course', 'titel'], put: 'x' }, want: [{ code: 'field-invalid', text: 'found a field `titel` that the format does not have: correct its name', expression: '/course' }] },
      { title: 'a field named like a person number', change: { place: ['2509479989'], put: 'x' }, want: [{ code: 'field-invalid', text: 'found a field a string of 10 characters that the format does not have: correct its name', expression: '/' }] },
      { title: 'a day that no calendar has', change: { place: ['course', 'requestedOn'], put: '2026-02-30' }, want: [{ code: 'field-invalid', text: 'found a string of 10 characters: send YYYY-MM-DD, or with a time YYYY-MM-DDThh:mm:ss and a zone', expression: '/course/requestedOn' }] },
      { title: 'a time without a zone', change: { place: ['contacts', 0, 'from'], put: '2026-02-17T13:00:00' }, want: [{ code: 'field-invalid', text: 'found a string of 19 characters: send YYYY-MM-DD, or with a time YYYY-MM-DDThh:mm:ss and a zone', expression: '/contacts/0/from' }] },
      { title: 'an end before its start', change: { place: ['efforts', 0, 'until'], put: '2026-02-09' }, want: [{ code: 'field-invalid', text: 'the end is before the start: correct one of them', expression: '/efforts/0/until' }] },
      { title: 'accepted: an end that is a day, on the day of the start', change: { place: ['contacts', 0, 'until'], put: '2026-02-17' }, want: [] },
      { title: 'a course that ends before it starts', change: { place: ['course', 'endedOn'], put: '2026-02-09' }, want: [{ code: 'field-invalid', text: 'the end is before the start: correct one of them', expression: '/course/endedOn' }] },
      { title: 'a goal that is not there', change: { place: ['efforts', 0, 'goals', 1], put: 'g-x' }, want: [{ code: 'field-invalid', text: 'the record has none of that id among its `goals`: send it along', expression: '/efforts/0/goals/1' }] },
      { title: 'a contact that is not there', change: { place: ['efforts', 0, 'contacts', 0], put: 'k-x' }, want: [{ code: 'field-invalid', text: 'the record has none of that id among its `contacts`: send it along', expression: '/efforts/0/contacts/0' }] },
      { title: 'an unknown code system', change: { place: ['efforts', 0, 'code', 'system'], put: 'LOCAL' }, want: [{ code: 'code-unknown', text: 'found `LOCAL`: send one of `SKS`, `SKS-D`, `ICPC2-DK`, `ICPC2-NO`, `FSIII`, `FFB`, `I10`, `I10-NO`, `SCT`, `ATC`', expression: '/efforts/0/code/system' }] },
      { title: 'anonymous treatment', change: { place: ['citizen', 'id'] }, want: [{ code: 'patient-id-not-exchangeable', text: 'the record names no citizen: keep anonymous treatment in your own system', expression: '/citizen/id' }] },
      { title: 'a local id', change: { place: ['citizen', 'id', 'scheme'], put: 'LOCAL' }, want: [{ code: 'patient-id-not-exchangeable', text: 'the identifier is valid in one place only: send a CPR, fnr or D-number', expression: '/citizen/id/scheme' }] },
      { title: 'a regional replacement number', change: { place: ['citizen', 'id', 'scheme'], put: 'DECPR' }, want: [{ code: 'patient-id-not-exchangeable', text: 'the identifier is valid in one place only: send a CPR, fnr or D-number', expression: '/citizen/id/scheme' }] },
      { title: 'an unknown scheme', change: { place: ['citizen', 'id', 'scheme'], put: 'SSN' }, want: [{ code: 'patient-id-unknown-scheme', text: 'found `SSN`: send one of `CPR`, `XECPR`, `DECPR`, `FNR`, `DNR`, `HNR`, `FHN`, `LOCAL`', expression: '/citizen/id/scheme' }] },
      { title: 'a person number of no day', change: { place: ['citizen', 'id', 'value'], put: '3209479989' }, want: [{ code: 'field-invalid', text: "a string of 10 characters is no number of this system: correct the patient's identifier", expression: '/citizen/id/value' }] },
      { title: 'a SOR code of ten digits', change: { place: ['sender', 'value'], put: '9537410000' }, want: [{ code: 'field-invalid', text: "a string of 10 characters is no number of this register: correct the organisation's identifier", expression: '/sender/value' }] },
      { title: 'a consent for nobody', change: { place: ['consents', 0, 'recipients'], put: [] }, want: [{ code: 'field-invalid', text: 'found a list of 0: send at least 1', expression: '/consents/0/recipients' }] },
      { title: 'a consent for no purpose', change: { place: ['consents', 0, 'purposes'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/consents/0/purposes' }] },
      { title: 'a consent that says nothing of sensitive information', change: { place: ['consents', 0, 'sensitivities'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/consents/0/sensitivities' }] },
      { title: 'a consent for an unknown sensitivity', change: { place: ['consents', 0, 'sensitivities', 0], put: 'ALL' }, want: [{ code: 'code-unknown', text: 'found `ALL`: send one of `PSY`, `SUD`', expression: '/consents/0/sensitivities/0' }] },
      { title: 'a consent without legal basis', change: { place: ['consents', 0, 'legalBasis'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/consents/0/legalBasis' }] },
      { title: 'a written consent without evidence', change: { place: ['consents', 0, 'evidence'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/consents/0/evidence' }] },
      { title: 'a written consent without the hash of what was signed', change: { place: ['consents', 0, 'evidence', 'hash'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/consents/0/evidence/hash' }] },
      { title: 'an oral consent that nobody heard', change: { place: ['consents', 0, 'form'], put: 'oral' }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/consents/0/evidence/witness' }] },
      { title: 'a consent that ends before it starts', change: { place: ['consents', 0, 'until'], put: '2026-02-09' }, want: [{ code: 'field-invalid', text: 'the end is before the start: correct one of them', expression: '/consents/0/until' }] },
    ],
  },
  {
    format: 'KL plan in a Bundle',
    parse: parseKlPlan,
    base: 'municipality/kl-plan-bundle',
    cases: [
      { title: 'no Bundle.id', change: { place: ['id'] }, want: [{ code: 'field-missing', text: 'the field is missing: it tells a repeated message from a new one', expression: 'Bundle.id' }] },
      { title: 'two plans', change: { place: ['entry', 1, 'resource', 'basedOn'] }, want: [{ code: 'field-invalid', text: 'the message has 2 plans that stand on their own: send one plan, with its child plans', expression: 'Bundle.entry' }] },
      { title: 'no plan', change: { replace: ['"CarePlan"', '"Basic"'] }, want: [{ code: 'field-missing', text: 'the message has 0 plans that stand on their own: send one plan, with its child plans', expression: 'Bundle.entry' }] },
      { title: 'no Patient', change: { place: ['entry', 6] }, want: [{ code: 'field-invalid', text: 'found null: send an object', expression: 'Bundle.entry[6]' }] },
      { title: 'a patient of local ids', change: { place: ['entry', 6, 'resource', 'identifier', 1], put: { system: 'http://kommune.example/other', value: '1' } }, want: [{ code: 'patient-id-unknown-scheme', text: 'the identifier is in no national system: send a CPR, fnr or D-number', expression: 'Bundle.entry[6].resource.identifier[0]' }] },
      { title: 'an activity without status', change: { place: ['entry', 1, 'resource', 'activity', 0, 'detail', 'status'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: 'Bundle.entry[1].resource.activity[0].detail.status' }] },
      { title: 'a goal that says nothing', change: { place: ['entry', 3, 'resource', 'description'], put: {} }, want: [{ code: 'field-missing', text: 'the field is missing: say what it is, in `coding` or in `text`', expression: 'Bundle.entry[3].resource.description' }] },
      { title: 'a modifier of an activity', change: { place: ['entry', 1, 'resource', 'activity', 0, 'modifierExtension'], put: [] }, want: [{ code: 'field-invalid', text: 'no `modifierExtension` is understood here: send the resource without what needs it', expression: 'Bundle.entry[1].resource.activity[0].modifierExtension' }] },
      { title: 'a modifier of the plan', change: { place: ['entry', 0, 'resource', 'modifierExtension'], put: [{ url: 'http://x' }] }, want: [{ code: 'field-invalid', text: 'no `modifierExtension` is understood here: send the resource without what needs it', expression: 'Bundle.entry[0].resource.modifierExtension' }] },
      { title: 'a modifier of a child plan', change: { place: ['entry', 1, 'resource', 'modifierExtension'], put: [{ url: 'http://x' }] }, want: [{ code: 'field-invalid', text: 'no `modifierExtension` is understood here: send the resource without what needs it', expression: 'Bundle.entry[1].resource.modifierExtension' }] },
      { title: 'a modifier of a detail', change: { place: ['entry', 1, 'resource', 'activity', 0, 'detail', 'modifierExtension'], put: [{ url: 'http://x' }] }, want: [{ code: 'field-invalid', text: 'no `modifierExtension` is understood here: send the resource without what needs it', expression: 'Bundle.entry[1].resource.activity[0].detail.modifierExtension' }] },
      { title: 'a modifier of a goal', change: { place: ['entry', 3, 'resource', 'modifierExtension'], put: [{ url: 'http://x' }] }, want: [{ code: 'field-invalid', text: 'no `modifierExtension` is understood here: send the resource without what needs it', expression: 'Bundle.entry[3].resource.modifierExtension' }] },
      { title: 'a modifier of a problem', change: { place: ['entry', 4, 'resource', 'modifierExtension'], put: [{ url: 'http://x' }] }, want: [{ code: 'field-invalid', text: 'no `modifierExtension` is understood here: send the resource without what needs it', expression: 'Bundle.entry[4].resource.modifierExtension' }] },
      { title: 'other rules', change: { place: ['entry', 0, 'resource', 'implicitRules'], put: 'http://x' }, want: [{ code: 'field-invalid', text: 'no `implicitRules` is understood here: send the resource without what needs it', expression: 'Bundle.entry[0].resource.implicitRules' }] },
      { title: 'a rank in words', change: { place: ['entry', 0, 'resource', 'addresses', 0, 'extension', 0, 'valuePositiveInt'], put: 'one' }, want: [{ code: 'field-invalid', text: 'found a string of 3 characters: send a whole number', expression: 'Bundle.entry[0].resource.addresses[0].extension[0].valuePositiveInt' }] },
    ],
  },
  {
    format: 'KL plan alone',
    parse: parseKlPlan,
    base: 'municipality/kl-plan-bare',
    cases: [
      { title: 'a patient known to the sender only', change: { place: ['subject'], put: { reference: 'Patient/Andreas' } }, want: [{ code: 'field-missing', text: 'the field is missing: name the citizen by a national id with its system, such as a CPR', expression: 'CarePlan.subject.identifier' }] },
      { title: 'no version', change: { place: ['meta'] }, want: [{ code: 'field-missing', text: 'the field is missing: it tells a repeated message from a new one; or send the plan in a Bundle with an id', expression: 'CarePlan.meta.versionId' }] },
      { title: 'no status', change: { place: ['status'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: 'CarePlan.status' }] },
    ],
  },
  {
    format: 'MedCom ConditionList',
    parse: parseConditionList,
    base: 'gp/condition-list',
    cases: [
      { title: 'no Composition', change: { replace: ['"Composition"', '"Basic"'] }, want: [{ code: 'field-missing', text: 'the message has 0 of `Composition`: send exactly one', expression: 'Bundle.entry' }] },
      { title: 'no Condition', change: { replace: ['"Condition"', '"Basic"'] }, want: [{ code: 'field-missing', text: 'the field is missing: send at least one Condition', expression: 'Bundle.entry' }] },
      { title: 'a condition without code', change: { place: ['entry', 3, 'resource', 'code'] }, want: [{ code: 'field-missing', text: 'the field is missing: say what the condition is, in `coding` or in `text`', expression: 'Bundle.entry[3].resource.code' }] },
      { title: 'a condition of another patient', change: { place: ['entry', 3, 'resource', 'subject', 'reference'], put: 'Patient/other' }, want: [{ code: 'field-invalid', text: 'the condition is not about the patient of the document: send one patient at a time', expression: 'Bundle.entry[3].resource.subject' }] },
      { title: 'an unknown identifier', change: { place: ['entry', 1, 'resource', 'identifier', 0, 'system'], put: 'urn:oid:1.2.208.176.1.6.1.3.187' }, want: [{ code: 'patient-id-not-exchangeable', text: 'a regional replacement number is unique in its region only: send a CPR', expression: 'Bundle.entry[1].resource.identifier[0]' }] },
      { title: 'a modifier', change: { place: ['entry', 3, 'resource', 'modifierExtension'], put: [{ url: 'http://x' }] }, want: [{ code: 'field-invalid', text: 'no `modifierExtension` is understood here: send the resource without what needs it', expression: 'Bundle.entry[3].resource.modifierExtension' }] },
      { title: 'a status without a code', change: { place: ['entry', 4, 'resource', 'clinicalStatus'], put: { text: 'raskmeldt' } }, want: [{ code: 'field-missing', text: 'the field is missing: send its code', expression: 'Bundle.entry[4].resource.clinicalStatus.coding.code' }] },
    ],
  },
  {
    format: 'GP contact',
    parse: parseContact,
    base: 'gp/contact',
    cases: [
      { title: 'another format', change: { replace: ['gp-contact/1', 'municipality-record/1'] }, want: [{ code: 'code-unknown', text: 'found a string of 21 characters: send "gp-contact/1"', expression: '/format' }] },
      { title: 'no contact', change: { place: ['contact'] }, want: [{ code: 'field-missing', text: 'the field is missing: send it', expression: '/contact' }] },
      { title: 'an unknown kind', change: { place: ['contact', 'kind'], put: 'sms' }, want: [{ code: 'code-unknown', text: 'found `sms`: send one of `ambulatory`, `home`, `virtual`, `emergency`', expression: '/contact/kind' }] },
      { title: 'a plan without efforts', change: { place: ['plan', 'efforts'], put: [] }, want: [{ code: 'field-invalid', text: 'found a list of 0: send at least 1', expression: '/plan/efforts' }] },
      { title: 'an unknown scheme', change: { place: ['citizen', 'id', 'scheme'], put: 'cpr' }, want: [{ code: 'patient-id-unknown-scheme', text: 'found `cpr`: send one of `CPR`, `XECPR`, `DECPR`, `FNR`, `DNR`, `HNR`, `FHN`, `LOCAL`', expression: '/citizen/id/scheme' }] },
      { title: 'no citizen', change: { place: ['citizen'], put: {} }, want: [{ code: 'patient-id-not-exchangeable', text: 'the record names no citizen: keep anonymous treatment in your own system', expression: '/citizen/id' }] },
    ],
  },
]
