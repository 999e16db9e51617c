/** What is changed in the base consent, and what its sender is told. The clause is that of the rule book or the law. */
import type { CaptureContext } from '#capture/capture-context.ts'
import { consent, guardian, proof, signed } from './base-consent.ts'

export interface CaptureCase {
  readonly title: string
  readonly clause: string
  /** A JSON Merge Patch on the base. */
  readonly with: object
  readonly context?: Partial<CaptureContext> & { readonly unknownBirthDate?: true }
  /** `code expression` of each fault; `not-computable`; or nothing when it is accepted. */
  readonly want: readonly string[] | 'not-computable'
}

const V3 = 'http://terminology.hl7.org/CodeSystem'
const policy = (code: string) => ({ coding: [{ system: `${V3}/v3-ActCode`, code }] })
const form = (code: string) => ({
  coding: [{ system: 'https://sluse.example/fhir/CodeSystem/consent-form', code }],
})
const role = (code: string) => ({ coding: [{ system: `${V3}/v3-ParticipationType`, code }] })
const [actor] = consent.provision.actor
const { purpose } = consent.provision
const classes = { class: consent.provision.class }
const attachment = (change: object) => ({
  contained: [{ ...signed, content: [{ attachment: { ...signed?.content[0]?.attachment, ...change } }] }],
})
const deny = { type: 'deny', actor: null, purpose: null, class: null }
const nested = (depth: number, innermost: object): object =>
  depth === 0
    ? innermost
    : { type: 'permit', period: { start: '2026' }, provision: [nested(depth - 1, innermost)] }
const sud = { securityLabel: [{ system: `${V3}/v3-ActCode`, code: 'SUD' }] }

// prettier-ignore
const content: readonly CaptureCase[] = [
  { title: 'the base', clause: 'L6', with: {}, want: [] },
  { title: 'no recipient', clause: 'L6', with: { provision: { actor: null } }, want: ['field-missing Consent.provision.actor'] },
  { title: 'a source alone: who receives is open', clause: 'L6', with: { provision: { actor: [{ ...actor, role: role('CST') }] } }, want: ['field-missing Consent.provision.actor'] },
  { title: 'a source and a recipient', clause: 'M4', with: { provision: { actor: [actor, { ...actor, role: role('CST') }] } }, want: [] },
  { title: 'a recipient without a role', clause: 'M5', with: { provision: { actor: [{ reference: actor?.reference }] } }, want: [] },
  { title: 'a recipient whose role is in words', clause: 'M5', with: { provision: { actor: [{ ...actor, role: { text: 'modtager' } }] } }, want: [] },
  { title: 'a role that nobody understands', clause: 'M5', with: { provision: { actor: [actor, { ...actor, role: role('ENT') }] } }, want: ['code-unknown Consent.provision.actor[1].role'] },
  { title: 'the same role in a deny', clause: 'V10', with: { provision: { ...deny, actor: [{ ...actor, role: role('ENT') }] } }, want: [] },
  { title: 'no purpose', clause: 'L6', with: { provision: { purpose: null } }, want: ['field-missing Consent.provision.purpose'] },
  { title: 'a purpose in words', clause: 'L6', with: { provision: { purpose: [{ display: 'behandling' }] } }, want: ['field-missing Consent.provision.purpose'] },
  { title: 'no kind of information', clause: 'L6', with: { provision: { class: null } }, want: ['field-missing Consent.provision.class'] },
  { title: 'a code for the kind', clause: 'L6', with: { provision: { class: null, code: [{ coding: [{ system: 'urn:oid:1.2.208.176.2.4', code: 'DF331' }] }] } }, want: [] },
  { title: 'data for the kind', clause: 'L6', with: { provision: { class: null, data: [{ meaning: 'instance', reference: { reference: 'CarePlan/1' } }] } }, want: [] },
  { title: 'a label for the kind', clause: 'L6', with: { provision: { class: null, ...sud } }, want: [] },
  { title: 'nothing that is specific: a fault for each', clause: 'L6', with: { provision: { actor: null, purpose: null, class: null } }, want: ['field-missing Consent.provision.actor', 'field-missing Consent.provision.purpose', 'field-missing Consent.provision.class'] },
  { title: 'a permit by policy alone', clause: 'B5', with: { policyRule: policy('OPTIN'), provision: null }, want: ['field-missing Consent.provision.actor', 'field-missing Consent.provision.purpose', 'field-missing Consent.provision.class'] },
  { title: 'a nested permit that takes over from the root', clause: 'N2', with: { provision: { provision: [{ type: 'permit', period: { end: '2026-12-31' } }] } }, want: [] },
  { title: 'a nested permit in a deny of everything', clause: 'N2', with: { provision: { ...deny, provision: [{ type: 'permit', ...classes }] } }, want: ['field-missing Consent.provision.provision[0].actor', 'field-missing Consent.provision.provision[0].purpose'] },
  { title: 'the same, complete', clause: 'N2', with: { provision: { ...deny, provision: [{ type: 'permit', actor: [actor], purpose, ...classes }] } }, want: [] },
  { title: 'a recipient two levels up', clause: 'N2', with: { provision: { ...deny, actor: [actor], provision: [{ type: 'deny', purpose, provision: [{ type: 'permit', ...classes }] }] } }, want: [] },
  { title: 'a sibling gives nothing over', clause: 'N2', with: { provision: { ...deny, provision: [{ type: 'deny', actor: [actor], purpose }, { type: 'permit', ...classes }] } }, want: ['field-missing Consent.provision.provision[1].actor', 'field-missing Consent.provision.provision[1].purpose'] },
]

// prettier-ignore
const exceptions: readonly CaptureCase[] = [
  { title: 'an exception without a type', clause: 'V9', with: { provision: { provision: [sud] } }, want: ['field-missing Consent.provision.provision[0].type'] },
  { title: 'an exception that names nothing', clause: 'K3', with: { provision: { provision: [{ type: 'deny' }] } }, want: ['exception-missing Consent.provision.provision[0]'] },
  { title: 'an exception within an exception that names nothing', clause: 'K3', with: { provision: { provision: [{ type: 'deny', ...sud, provision: [{ type: 'permit' }] }] } }, want: ['exception-missing Consent.provision.provision[0].provision[0]'] },
  { title: 'opt-in with restrictions, and none', clause: 'K3', with: { policyRule: policy('OPTINR') }, want: ['exception-missing Consent.policyRule'] },
  { title: 'opt-in with restrictions, and a permit for one', clause: 'K3', with: { policyRule: policy('OPTINR'), provision: { provision: [{ type: 'permit', ...sud }] } }, want: ['exception-missing Consent.policyRule'] },
  { title: 'opt-in with a restriction', clause: 'K3', with: { policyRule: policy('OPTINR'), provision: { provision: [{ type: 'deny', ...sud }] } }, want: [] },
  { title: 'opt-in with a restriction further in', clause: 'K3', with: { policyRule: policy('OPTINR'), provision: { provision: [{ type: 'permit', ...classes, provision: [{ type: 'deny', ...sud }] }] } }, want: [] },
  { title: 'opt-out with exceptions, and none', clause: 'K3', with: { policyRule: policy('OPTOUTE'), provision: deny }, want: ['exception-missing Consent.policyRule'] },
  { title: 'opt-out with an exception', clause: 'K3', with: { policyRule: policy('OPTOUTE'), provision: { ...deny, provision: [{ type: 'permit', actor: [actor], purpose, ...classes }] } }, want: [] },
  { title: 'eight levels inside the outermost', clause: 'N6', with: { provision: { provision: [nested(7, { type: 'deny', ...sud })] } }, want: [] },
  { title: 'nine levels', clause: 'N6', with: { provision: { provision: [nested(8, { type: 'deny', ...sud })] } }, want: [`field-invalid Consent.provision${'.provision[0]'.repeat(9)}`] },
  { title: 'neither permit nor deny', clause: 'B3', with: { provision: { type: null } }, want: ['field-missing Consent.provision.type'] },
  { title: 'a permit by policy, bounded by a provision', clause: 'B2', with: { policyRule: policy('OPTIN'), provision: { type: null } }, want: [] },
  { title: 'policy and provision that disagree', clause: 'B4', with: { policyRule: policy('OPTOUT') }, want: ['field-invalid Consent.policyRule'] },
  { title: 'an end before its start in an exception', clause: 'V9', with: { provision: { provision: [{ type: 'deny', period: { start: '2026-03-02', end: '2026-03-01' } }] } }, want: ['field-invalid Consent.provision.provision[0].period'] },
  { title: 'a day as start and as end', clause: 'T2', with: { provision: { period: { start: '2026-03-02', end: '2026-03-02' } } }, want: [] },
  { title: 'an end before its start', clause: 'V9', with: { provision: { period: { start: '2026-03-02', end: '2026-03-01' } } }, want: ['field-invalid Consent.provision.period'] },
  { title: 'a date that is withheld', clause: 'V9', with: { provision: { period: { start: '2026-03-02', _end: { extension: [{ url: 'urn:x', valueCode: 'masked' }] } } } }, want: ['field-invalid Consent.provision.period'] },
]

// prettier-ignore
const scope: readonly CaptureCase[] = [
  { title: 'a consent to research', clause: 'V2', with: { scope: { coding: [{ system: `${V3}/consentscope`, code: 'research' }] } }, want: ['field-invalid Consent.scope'] },
  { title: 'the scope among others', clause: 'V2', with: { scope: { coding: [{ system: 'urn:x', code: '1' }, ...consent.scope.coding] } }, want: [] },
  { title: 'a scope in words', clause: 'K6', with: { scope: { coding: null, text: 'Mine oplysninger må deles med kommunen' }, provision: null }, want: 'not-computable' },
  { title: 'a scope in the words of a code that is missing', clause: 'K6', with: { scope: { coding: [{ display: 'Deling med kommunen' }] } }, want: 'not-computable' },
  { title: 'a scope of blanks', clause: 'V2', with: { scope: { coding: null, text: ' ' } }, want: ['field-invalid Consent.scope'] },
  { title: 'the kind of information in words', clause: 'K6', with: { provision: { class: null, code: [{ text: 'Det om medicin' }] } }, want: 'not-computable' },
  { title: 'an exception in words', clause: 'K6', with: { provision: { provision: [{ type: 'deny', code: [{ text: 'Ikke det om alkohol' }] }] } }, want: ['field-invalid Consent.provision.provision[0].code[0]'] },
  { title: 'an exception in the words of a label', clause: 'K6', with: { provision: { provision: [{ type: 'deny', securityLabel: [{ display: 'rusmidler' }] }] } }, want: ['field-invalid Consent.provision.provision[0].securityLabel[0]'] },
  { title: 'one of two kinds in words', clause: 'K6', with: { provision: { class: [...consent.provision.class, { display: 'breve' }] } }, want: ['field-invalid Consent.provision.class[1]'] },
  { title: 'a permit and its exception, both in words', clause: 'K6', with: { provision: { class: null, code: [{ text: 'Det om medicin' }], provision: [{ type: 'deny', code: [{ text: 'Ikke det om alkohol' }] }] } }, want: 'not-computable' },
  { title: 'a refusal in words', clause: 'V10', with: { provision: { ...deny, code: [{ text: 'Ikke det om alkohol' }] } }, want: 'not-computable' },
  { title: 'a refusal with codes and words', clause: 'V10', with: { provision: { ...deny, class: [...consent.provision.class, { display: 'breve' }] } }, want: 'not-computable' },
  { title: 'a code with its words', clause: 'K6', with: { provision: { code: [{ coding: [{ system: 'urn:oid:1.2.208.176.2.4', code: 'DF331' }], text: 'depression' }] } }, want: [] },
]

// prettier-ignore
const evidence: readonly CaptureCase[] = [
  { title: 'nothing says when', clause: 'L5', with: { dateTime: null }, want: ['field-missing Consent.dateTime'] },
  { title: 'given at this very moment', clause: 'L5', with: { dateTime: '2026-04-01T12:00:00Z' }, want: [] },
  { title: 'given five minutes from now: clocks differ', clause: 'L5', with: { dateTime: '2026-04-01T12:05:00Z' }, want: [] },
  { title: 'given later than that', clause: 'L5', with: { dateTime: '2026-04-01T12:05:01Z' }, want: ['field-invalid Consent.dateTime'] },
  { title: 'given today', clause: 'L5', with: { dateTime: '2026-04-01' }, want: [] },
  { title: 'given tomorrow', clause: 'L5', with: { dateTime: '2026-04-02' }, want: ['field-invalid Consent.dateTime'] },
  { title: 'no organisation', clause: 'V8', with: { organization: null }, want: ['field-missing Consent.organization'] },
  { title: 'no evidence', clause: 'V8', with: { contained: null, sourceReference: null }, want: ['field-missing Consent.source'] },
  { title: 'evidence that is elsewhere', clause: 'V8', with: { contained: null, sourceReference: { reference: 'DocumentReference/1' } }, want: ['field-invalid Consent.source'] },
  { title: 'evidence that is only named', clause: 'V8', with: { contained: null, sourceReference: { reference: null, identifier: { system: 'urn:x', value: '1' } } }, want: ['field-invalid Consent.source'] },
  { title: 'a questionnaire for evidence', clause: 'V8', with: { contained: [{ resourceType: 'Observation', id: 'signed', status: 'final', code: { text: 'x' } }] }, want: ['field-invalid Consent.source'] },
  { title: 'a document that was replaced', clause: 'V8', with: { contained: [{ ...signed, status: 'superseded' }] }, want: ['field-invalid Consent.contained[0].status'] },
  { title: 'a written consent without a hash', clause: 'V8', with: attachment({ hash: undefined }), want: ['field-missing Consent.contained[0].content[0].attachment.hash'] },
  { title: 'a hash that is too short', clause: 'V8', with: attachment({ hash: 'YQ==' }), want: ['field-invalid Consent.contained[0].content[0].attachment.hash'] },
  { title: 'no type of the document', clause: 'V8', with: attachment({ contentType: undefined }), want: ['field-missing Consent.contained[0].content[0].attachment.contentType'] },
  { title: 'nothing says when it was signed', clause: 'L5', with: attachment({ creation: undefined }), want: ['field-missing Consent.contained[0].content[0].attachment.creation'] },
  { title: 'the document itself', clause: 'V8', with: attachment({ data: 'YQ==' }), want: ['field-invalid Consent.contained[0].content[0].attachment.data'] },
  { title: 'an attachment in place of a document', clause: 'V8', with: { contained: null, sourceReference: null, sourceAttachment: signed?.content[0]?.attachment }, want: [] },
  { title: 'an attachment without anything', clause: 'V8', with: { contained: null, sourceReference: null, sourceAttachment: { url: 'https://hospital.example/1' } }, want: ['field-missing Consent.source.hash', 'field-missing Consent.source.contentType', 'field-missing Consent.source.creation'] },
  { title: 'a form that nobody knows', clause: 'L4', with: { category: [form('video')] }, want: ['code-unknown Consent.category[0]'] },
  { title: 'oral, where the law asks for writing', clause: 'L4', with: { category: [form('oral')], contained: [{ ...signed, authenticator: { identifier: { system: 'urn:x', value: '1' } } }] }, want: ['field-missing Consent.extension'] },
  { title: 'the same, with a reason', clause: 'L4', with: { category: [form('oral')], contained: [{ ...signed, authenticator: { identifier: { system: 'urn:x', value: '1' } } }], extension: [{ url: 'https://sluse.example/fhir/StructureDefinition/oral-consent-reason', valueString: 'telefonisk' }] }, want: [] },
  { title: 'the same, with the code of a reason', clause: 'L4', with: { category: [form('oral')], contained: [{ ...signed, authenticator: { identifier: { system: 'urn:x', value: '1' } } }], extension: [{ url: 'https://sluse.example/fhir/StructureDefinition/oral-consent-reason', valueCodeableConcept: { coding: [{ code: 'telephone' }] } }] }, want: [] },
  { title: 'the same, with a blank for a reason', clause: 'L4', with: { category: [form('oral')], contained: [{ ...signed, authenticator: { identifier: { system: 'urn:x', value: '1' } } }], extension: [{ url: 'https://sluse.example/fhir/StructureDefinition/oral-consent-reason', valueString: ' ' }] }, want: ['field-missing Consent.extension'] },
  { title: 'oral between health services: an entry and a witness', clause: 'L1', with: { policyRule: { coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code: 'SUL-41-1' }] }, category: [form('oral')], contained: [{ ...signed, authenticator: { identifier: { system: 'urn:x', value: '1' } }, content: [{ attachment: { creation: '2026-03-01' } }] }] }, want: [] },
  { title: 'oral, and nobody heard it', clause: 'L1', with: { policyRule: { coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code: 'SUL-41-1' }] }, category: [form('oral')] }, want: ['field-missing Consent.contained[0].authenticator'] },
]

const child = { birthDate: '2012-06-15' }
const byGuardian = (change: object = {}) => ({
  performer: [{ reference: '#guardian' }],
  contained: [signed, { ...guardian, ...change }, proof],
})
const relationship = (code: string, system = `${V3}/v3-RoleCode`) => ({
  relationship: [{ coding: [{ system, code }] }],
})
const incapable = {
  extension: [
    ...guardian.extension,
    { url: 'https://sluse.example/fhir/StructureDefinition/patient-lacks-capacity', valueBoolean: true },
  ],
}

// prettier-ignore
const performers: readonly CaptureCase[] = [
  { title: 'the citizen, named', clause: 'V6', with: { performer: [{ reference: 'Patient/citizen' }] }, want: [] },
  { title: 'another patient', clause: 'V7', with: { performer: [{ reference: 'Patient/another' }] }, want: ['performer-not-entitled Consent.performer[0]'] },
  { title: 'a doctor', clause: 'V7', with: { performer: [{ reference: 'Practitioner/1' }] }, want: ['performer-not-entitled Consent.performer[0]'] },
  { title: 'a relative who is not in the consent', clause: 'V7', with: { performer: [{ reference: 'RelatedPerson/1' }] }, want: ['performer-not-entitled Consent.performer[0]'] },
  { title: 'the citizen and a doctor: each must be entitled', clause: 'V7', with: { performer: [{ reference: 'Patient/citizen' }, { reference: 'Practitioner/1' }] }, want: ['performer-not-entitled Consent.performer[1]'] },
  { title: 'DK: on the day before the 15th birthday', clause: 'L9', with: { dateTime: '2026-03-01' }, context: { birthDate: '2011-03-02' }, want: ['performer-not-entitled Consent.performer'] },
  { title: 'DK: on the 15th birthday', clause: 'L9', with: { dateTime: '2026-03-01' }, context: { birthDate: '2011-03-01' }, want: [] },
  { title: 'DK: on the day after', clause: 'L9', with: { dateTime: '2026-03-01' }, context: { birthDate: '2011-02-28' }, want: [] },
  { title: 'DK: the local day counts: 23:30 in UTC is the birthday', clause: 'L9', with: { dateTime: '2026-02-28T23:30:00Z' }, context: { birthDate: '2011-03-01' }, want: [] },
  { title: 'DK: born on 29 February, on 28 February', clause: 'L9', with: { dateTime: '2027-02-28' }, context: { birthDate: '2012-02-29', now: '2027-03-01T12:00:00Z' }, want: ['performer-not-entitled Consent.performer'] },
  { title: 'DK: born on 29 February, on 1 March', clause: 'L9', with: { dateTime: '2027-03-01' }, context: { birthDate: '2012-02-29', now: '2027-03-01T12:00:00Z' }, want: [] },
  { title: 'NO: at 15', clause: 'L9', with: {}, context: { jurisdiction: 'NO', timeZone: 'Europe/Oslo', birthDate: '2010-03-02' }, want: ['performer-not-entitled Consent.performer'] },
  { title: 'NO: at 16', clause: 'L9', with: {}, context: { jurisdiction: 'NO', timeZone: 'Europe/Oslo', birthDate: '2010-03-01' }, want: [] },
  { title: 'of age now, and not when it was given', clause: 'L9', with: { dateTime: '2026-02-28' }, context: { birthDate: '2011-03-01' }, want: ['performer-not-entitled Consent.performer'] },
  { title: 'given in a month in which the birthday lies', clause: 'L9', with: { dateTime: '2026-03' }, context: { birthDate: '2011-03-15' }, want: ['performer-not-entitled Consent.performer'] },
  { title: 'given before any rule that is known here', clause: 'L8', with: { dateTime: '1999-12-31' }, want: ['performer-not-entitled Consent.dateTime'] },
  { title: 'nobody knows the age', clause: 'L9', with: {}, context: { unknownBirthDate: true }, want: ['performer-not-entitled Consent.performer'] },
  { title: "a child's refusal is heard", clause: 'V10', with: { provision: deny }, context: child, want: [] },
  { title: 'the custody holder of a child', clause: 'V6', with: byGuardian(), context: child, want: [] },
  { title: 'of a child of unknown age', clause: 'V6', with: byGuardian(), context: { unknownBirthDate: true }, want: ['performer-not-entitled Consent.contained[1]'] },
  { title: 'of a child who is 15 today', clause: 'L9', with: byGuardian(), context: { birthDate: '2011-04-01' }, want: ['performer-not-entitled Consent.contained[1]'] },
  { title: 'of a child who is 15 tomorrow', clause: 'L9', with: byGuardian(), context: { birthDate: '2011-04-02' }, want: [] },
  { title: 'of an adult', clause: 'L9', with: byGuardian(), want: ['performer-not-entitled Consent.contained[1]'] },
  { title: 'of an adult who cannot decide, as a person has found', clause: 'L9', with: byGuardian(incapable), want: [] },
  { title: 'a mother is no custody holder by that', clause: 'V6', with: byGuardian(relationship('MTH')), context: child, want: ['performer-not-entitled Consent.contained[1].relationship'] },
  { title: 'a role of another system', clause: 'V6', with: byGuardian(relationship('GUARD', 'urn:x')), context: child, want: ['performer-not-entitled Consent.contained[1].relationship'] },
  { title: 'an authority that is over', clause: 'V6', with: byGuardian({ period: { start: '2020-01-01', end: '2026-03-31' } }), context: child, want: ['performer-not-entitled Consent.contained[1].period'] },
  { title: 'an authority that ends today', clause: 'V6', with: byGuardian({ period: { start: '2020-01-01', end: '2026-04-01' } }), context: child, want: [] },
  { title: 'an authority from the day on which the consent was given', clause: 'V6', with: byGuardian({ period: { start: '2026-03-01' } }), context: child, want: [] },
  { title: 'an authority from the day after', clause: 'V6', with: byGuardian({ period: { start: '2026-03-02' } }), context: child, want: ['performer-not-entitled Consent.contained[1].period'] },
  { title: 'an authority without a period', clause: 'V6', with: byGuardian({ period: undefined }), context: child, want: ['performer-not-entitled Consent.contained[1].period'] },
  { title: 'an authority that was ended', clause: 'V6', with: byGuardian({ active: false }), context: child, want: ['performer-not-entitled Consent.contained[1].active'] },
  { title: 'an authority without proof', clause: 'V7', with: byGuardian({ extension: undefined }), context: child, want: ['performer-not-entitled Consent.contained[1].extension'] },
  { title: 'a proof that was replaced', clause: 'V7', with: { ...byGuardian(), contained: [signed, guardian, { ...proof, status: 'superseded' }] }, context: child, want: ['performer-not-entitled Consent.contained[1].extension'] },
  { title: 'a proof that shows nothing', clause: 'V7', with: { ...byGuardian(), contained: [signed, guardian, { ...proof, identifier: undefined }] }, context: child, want: ['performer-not-entitled Consent.contained[1].extension'] },
  { title: 'a power of attorney of an adult', clause: 'V6', with: byGuardian(relationship('HPOWATT')), want: [] },
  { title: 'one that has ended since', clause: 'V6', with: byGuardian({ ...relationship('HPOWATT'), period: { start: '2020-01-01', end: '2026-03-01' } }), want: [] },
  { title: 'one that had ended before', clause: 'V6', with: byGuardian({ ...relationship('HPOWATT'), period: { start: '2020-01-01', end: '2026-02-28' } }), want: ['performer-not-entitled Consent.contained[1].period'] },
  { title: 'one given by a child', clause: 'L9', with: byGuardian(relationship('HPOWATT')), context: child, want: ['performer-not-entitled Consent.contained[1]'] },
]

// prettier-ignore
const statuses: readonly CaptureCase[] = [
  ...['draft', 'proposed', 'rejected', 'inactive', 'entered-in-error'].map((status): CaptureCase => ({
    title: `${status}, with nothing in it`, clause: 'K5', with: { status, contained: null, dateTime: null, organization: null, sourceReference: null, provision: null }, want: [],
  })),
  { title: 'a refusal of everything, with nothing beside it', clause: 'V10', with: { contained: null, dateTime: null, organization: null, sourceReference: null, provision: deny }, want: [] },
  { title: 'a refusal by policy alone', clause: 'B5', with: { contained: null, dateTime: null, organization: null, sourceReference: null, policyRule: policy('OPTOUT'), provision: null }, want: [] },
  { title: 'a refusal with an exception is a permit as well', clause: 'V10', with: { organization: null, provision: { ...deny, provision: [{ type: 'permit', actor: [actor], purpose, ...classes }] } }, want: ['field-missing Consent.organization'] },
]

// prettier-ignore
const codes: readonly CaptureCase[] = [
  { title: 'a purpose that v3-ActReason does not have', clause: 'M13', with: { provision: { purpose: [...purpose, { ...purpose[0], code: 'TREATS' }] } }, want: ['code-unknown Consent.provision.purpose[1]'] },
  { title: 'a reason of v3-ActReason that is no purpose of use', clause: 'M13', with: { provision: { purpose: [{ ...purpose[0], code: 'OVRER' }] } }, want: ['field-missing Consent.provision.purpose', 'code-unknown Consent.provision.purpose[0]'] },
  { title: 'a purpose by the retired address of its system', clause: 'Q5', with: { provision: { purpose: [{ system: 'http://hl7.org/fhir/v3/ActReason', code: 'TREAT' }] } }, want: [] },
  { title: 'a purpose of its own beside one of v3-ActReason', clause: 'M16', with: { provision: { purpose: [...purpose, { system: 'https://region.example/formaal', code: 'P1' }] } }, want: [] },
  { title: 'a purpose of its own alone, which opens nothing', clause: 'M16', with: { provision: { purpose: [{ system: 'https://region.example/formaal', code: 'P1' }] } }, want: ['field-missing Consent.provision.purpose'] },
  { title: 'a purpose without its system', clause: 'Q5', with: { provision: { purpose: [{ code: 'TREAT' }] } }, want: ['field-missing Consent.provision.purpose', 'field-missing Consent.provision.purpose[0].system'] },
  { title: 'a type that R4 does not have', clause: 'M19', with: { provision: { class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'CarePlans' }] } }, want: ['code-unknown Consent.provision.class[0]'] },
  { title: 'a profile as class', clause: 'M19', with: { provision: { class: [{ code: 'https://sluse.example/fhir/StructureDefinition/sluse-careplan' }] } }, want: [] },
  { title: 'a type without its system', clause: 'Q5', with: { provision: { class: [{ code: 'CarePlan' }] } }, want: ['field-missing Consent.provision.class[0].system'] },
  { title: 'a document type', clause: 'M19', with: { provision: { class: [{ system: 'http://loinc.org', code: '34133-9' }] } }, want: [] },
  { title: 'a label that v3-ActCode does not have', clause: 'M27', with: { provision: { securityLabel: [{ system: `${V3}/v3-ActCode`, code: 'PSI' }] } }, want: ['code-unknown Consent.provision.securityLabel[0]'] },
  { title: 'a duty where a sensitivity stands', clause: 'M27', with: { provision: { securityLabel: [{ system: `${V3}/v3-ActCode`, code: 'NORDSCLCD' }] } }, want: ['code-unknown Consent.provision.securityLabel[0]'] },
  { title: 'a confidentiality that is retired', clause: 'Q5', with: { provision: { securityLabel: [{ system: `${V3}/v3-Confidentiality`, code: 'PSY' }] } }, want: ['code-unknown Consent.provision.securityLabel[0]'] },
  { title: 'a bare confidentiality', clause: 'S9', with: { provision: { securityLabel: [{ code: 'R' }] } }, want: ['field-missing Consent.provision.securityLabel[0].system'] },
  { title: 'a label of another system', clause: 'M33', with: { provision: { securityLabel: [{ system: 'https://region.example/afdeling', code: 'A1' }] } }, want: [] },
  { title: 'an action that there is not', clause: 'M11', with: { provision: { action: [{ coding: [{ system: `${V3}/consentaction`, code: 'send' }] }] } }, want: ['code-unknown Consent.provision.action[0]'] },
  { title: 'an action', clause: 'M11', with: { provision: { action: [{ coding: [{ system: `${V3}/consentaction`, code: 'disclose' }] }] } }, want: [] },
  { title: 'an exception of a label that there is not', clause: 'I1', with: { provision: { provision: [{ type: 'deny', securityLabel: [{ system: `${V3}/v3-ActCode`, code: 'SUDD' }] }] } }, want: ['code-unknown Consent.provision.provision[0].securityLabel[0]'] },
  { title: 'a refusal is heard, though nobody can tell of what', clause: 'V10', with: { provision: { ...deny, securityLabel: [{ system: `${V3}/v3-ActCode`, code: 'SUDD' }] } }, want: [] },
]

export const captureCases: Readonly<Record<string, readonly CaptureCase[]>> = {
  content,
  exceptions,
  scope,
  evidence,
  performers,
  codes,
  statuses,
}
