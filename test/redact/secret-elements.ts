/**
 * Every element of a CarePlan and an Encounter that can give an addiction away, each with a marker in all of its strings:
 * ids, extensions, systems, codes' words, addresses. Wherever the marker turns up, it came from what was withheld.
 */
import type { CarePlan, Encounter, Goal, Organization, Reference, Resource } from '@medplum/fhirtypes'
import { builtInRules, type LabelRecord } from '#label/label-record.ts'
import type { LabelSource } from '#label/label.ts'
import { rules } from './decided.ts'

/** A word that stands nowhere in the code. */
export const CANARY = 'kanariefugl134418'

export const SKS = 'urn:oid:1.2.208.176.2.4.12'

const drinking = ['DF102', 'DF112', 'DF191', 'DK703']
export const NEVER_SEEN = new RegExp(
  [CANARY, ...drinking, '"SUD"', 'ETHUD', 'OPIOIDUD', 'alkohol', 'rusmid'].join('|'),
  'i',
)

export const extension = [
  { id: CANARY, url: `https://rusmiddelcenter.example/${CANARY}`, valueString: CANARY },
]

export function concept(code = 'DF102') {
  return {
    id: CANARY,
    extension,
    coding: [{ id: CANARY, system: SKS, code, display: `Alkohol ${CANARY}` }],
    text: CANARY,
  }
}

/** To a record whose labels say what it is about. */
export function record<T extends Resource>(type: T['resourceType']): Reference<T> {
  return { id: CANARY, reference: `${type}/${CANARY}`, type }
}

export const unit: Reference<Organization> = { reference: `Organization/${CANARY}`, display: CANARY }
export const identifier = { system: `https://rusmiddelcenter.example/${CANARY}`, value: CANARY }
export const ofUnit = { system: 'urn:ietf:rfc:3986', value: `urn:x:${CANARY}`, assigner: unit }

function goal(id: string, more: Partial<Goal>): Goal {
  return {
    resourceType: 'Goal',
    id,
    lifecycleStatus: 'active',
    subject: { reference: 'Patient/p' },
    description: concept('DF112'),
    ...more,
  }
}

export const narrative = {
  status: 'generated' as const,
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${CANARY}</div>`,
}

/** Each is put into a plan alone or beside others. */
export const secretsOfPlan: readonly Partial<CarePlan>[] = [
  { title: `Plan ${CANARY}`, description: CANARY },
  { description: CANARY },
  { category: [concept()] },
  { addresses: [record('Condition')] },
  { supportingInfo: [record('Condition')] },
  { supportingInfo: [{ display: CANARY }] },
  { goal: [record('Goal')] },
  { contained: [goal(CANARY, { text: narrative })], goal: [{ reference: `#${CANARY}` }] },
  {
    contained: [goal(`${CANARY}-2`, { note: [{ text: CANARY }] })],
    activity: [{ detail: { status: 'scheduled', goal: [{ reference: `#${CANARY}-2` }] } }],
  },
  { contained: [goal(`${CANARY}-3`, {})] },
  { careTeam: [{ ...record('CareTeam'), display: `Rusmiddelteam ${CANARY}` }] },
  { author: { reference: `Organization/${CANARY}` } },
  { contributor: [{ reference: `Organization/${CANARY}` }] },
  { encounter: record('Encounter') },
  { basedOn: [record('CarePlan')] },
  { partOf: [record('CarePlan')] },
  { replaces: [record('CarePlan')] },
  { instantiatesUri: [`https://rusmiddelcenter.example/${CANARY}`] },
  { instantiatesCanonical: [`https://rusmiddelcenter.example/${CANARY}`] },
  { identifier: [identifier] },
  { identifier: [ofUnit] },
  { note: [{ text: CANARY, authorReference: unit }] },
  { extension },
  {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
        valueAttachment: { contentType: 'image/png', data: 'AAAA', title: CANARY },
      },
    ],
  },
  {
    description: CANARY,
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
        // Where no rule finds anything in the address: the file is what nobody has read.
        valueAttachment: { contentType: 'image/png', url: `http://hl7.org/fhir/consent-${CANARY}` },
      },
    ],
  },
  { text: narrative },
  {
    meta: {
      source: `https://rusmiddelcenter.example/${CANARY}`,
      tag: [{ system: 'urn:x', code: CANARY }],
      security: [{ system: `urn:${CANARY}`, code: CANARY, display: CANARY }],
      profile: [`https://other.example/${CANARY}`],
    },
  },
  {
    activity: [
      { id: CANARY, extension, detail: { status: 'in-progress', code: concept(), description: CANARY } },
    ],
  },
  { activity: [{ detail: { status: 'in-progress', code: concept('DF191') } }] },
  { activity: [{ outcomeCodeableConcept: [concept()], detail: { status: 'completed' } }] },
  { activity: [{ outcomeReference: [record('Condition')] }] },
  { activity: [{ reference: record('Task'), progress: [{ text: CANARY }] }] },
  { activity: [{ detail: { status: 'in-progress', reasonCode: [concept('DK703')] } }] },
  { activity: [{ detail: { status: 'in-progress', reasonReference: [record('Condition')] } }] },
  { activity: [{ detail: { status: 'in-progress', statusReason: concept() } }] },
  {
    activity: [
      { detail: { status: 'in-progress', location: { reference: `Location/${CANARY}`, display: CANARY } } },
    ],
  },
  { activity: [{ detail: { status: 'in-progress', performer: [{ reference: `Organization/${CANARY}` }] } }] },
  { activity: [{ detail: { status: 'in-progress', productCodeableConcept: concept() } }] },
  { activity: [{ detail: { status: 'in-progress', description: CANARY } }] },
  { activity: [{ detail: { status: 'in-progress', scheduledString: CANARY } }] },
  { activity: [{ detail: { status: 'in-progress', quantity: { value: 3, unit: CANARY } } }] },
  {
    activity: [
      { detail: { status: 'in-progress', instantiatesUri: [`https://rusmiddelcenter.example/${CANARY}`] } },
    ],
  },
]

export const secretsOfContact: readonly Partial<Encounter>[] = [
  { identifier: [identifier] },
  { identifier: [ofUnit] },
  { type: [concept()] },
  { serviceType: concept() },
  { priority: { text: CANARY } },
  { reasonCode: [concept()] },
  { reasonReference: [record('Condition')] },
  { diagnosis: [{ condition: record('Condition'), use: { text: CANARY } }] },
  { diagnosis: [{ condition: { reference: `Condition/${CANARY}`, display: `Alkohol ${CANARY}` } }] },
  {
    participant: [
      { individual: { reference: `Practitioner/${CANARY}`, display: `Rusmiddelkonsulent ${CANARY}` } },
    ],
  },
  { location: [{ location: { reference: `Location/${CANARY}`, display: CANARY } }] },
  { serviceProvider: { reference: `Organization/${CANARY}`, display: CANARY } },
  { hospitalization: { origin: { reference: `Organization/${CANARY}` } } },
  { hospitalization: { destination: { reference: `Organization/${CANARY}` }, admitSource: concept() } },
  { hospitalization: { preAdmissionIdentifier: identifier } },
  { hospitalization: { preAdmissionIdentifier: ofUnit } },
  { hospitalization: { dietPreference: [concept()], dischargeDisposition: { text: CANARY } } },
  { hospitalization: { specialArrangement: [{ text: CANARY }], specialCourtesy: [concept()] } },
  { episodeOfCare: [record('EpisodeOfCare')] },
  { basedOn: [record('ServiceRequest')] },
  { appointment: [record('Appointment')] },
  { account: [{ ...record('Account'), display: CANARY }] },
  { partOf: record('Encounter') },
  { statusHistory: [{ extension, status: 'arrived', period: { start: '2026-06-01' } }] },
  {
    classHistory: [
      { class: { system: `urn:${CANARY}`, code: CANARY, display: CANARY }, period: { start: '2026-06-01' } },
    ],
  },
  { extension },
  { text: narrative },
  { meta: { source: `https://rusmiddelcenter.example/${CANARY}`, tag: [{ system: 'urn:x', code: CANARY }] } },
  {
    contained: [
      { resourceType: 'Condition', id: CANARY, subject: { reference: 'Patient/p' }, code: concept() },
    ],
    diagnosis: [{ condition: { reference: `#${CANARY}` } }],
  },
]

const aboutDrinking: LabelRecord = {
  ruleSetVersion: rules.version,
  sensitivities: ['ETHUD'],
  confidentiality: 'R',
  elements: [
    { path: 'Condition', sensitivities: ['ETHUD'], confidentiality: 'R', rule: builtInRules.sourceLabel },
  ],
}

const TYPES =
  'Condition Goal CareTeam Encounter CarePlan Task EpisodeOfCare ServiceRequest Appointment Account Observation Communication DocumentReference RelatedPerson DiagnosticReport'

/** What the gateway knows of those that the elements above point to. */
export const knownAddiction: Partial<LabelSource> = {
  referenced: new Map(TYPES.split(' ').map((type) => [`${type}/${CANARY}`, aboutDrinking])),
  sensitiveUnits: new Map(
    ['Organization', 'Location', 'Practitioner'].map((type) => [`${type}/${CANARY}`, ['SUD']]),
  ),
}
