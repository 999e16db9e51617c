/**
 * For each type that is held beside plans and encounters: a record that is psychiatric, and every element of it that can
 * give an addiction away, each with the marker of secret-elements.ts in all of its strings.
 */
import type {
  CareTeam,
  Communication,
  DocumentReference,
  Goal,
  Observation,
  Resource,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import {
  CANARY,
  concept,
  extension,
  identifier,
  narrative,
  ofUnit,
  record,
  SKS,
  unit,
} from './secret-elements.ts'

export interface Secrets<R extends Resource = Resource> {
  /** What goes out of it: psychiatric or plain, so that there is something to take the rest out of. */
  readonly base: R
  readonly parts: readonly Partial<R>[]
}

const subject = { reference: 'Patient/p' }
const depression = { coding: [{ system: SKS, code: 'DF331' }] }
const note = [{ text: CANARY, authorReference: unit }]
const ofAll = [
  { identifier: [identifier] },
  { identifier: [ofUnit] },
  { extension },
  { text: narrative },
  { meta: { source: `https://rusmiddelcenter.example/${CANARY}`, tag: [{ system: 'urn:x', code: CANARY }] } },
]

const goal: Secrets<Goal> = {
  base: { resourceType: 'Goal', id: 'goal', lifecycleStatus: 'active', description: depression, subject },
  parts: [
    ...ofAll,
    { category: [concept()] },
    { priority: concept() },
    { achievementStatus: concept() },
    { startCodeableConcept: concept() },
    { target: [{ measure: concept(), detailString: CANARY }] },
    { target: [{ measure: { text: CANARY } }] },
    { statusReason: CANARY },
    { expressedBy: { reference: `Practitioner/${CANARY}`, display: CANARY } },
    { addresses: [record('Condition')] },
    { addresses: [record('Observation')] },
    { note },
    { outcomeCode: [concept()] },
    { outcomeReference: [record('Observation')] },
  ],
}

const team: Secrets<CareTeam> = {
  base: {
    resourceType: 'CareTeam',
    id: 'team',
    status: 'active',
    subject,
    participant: [{ member: { reference: 'Practitioner/open' } }],
    reasonCode: [depression],
  },
  parts: [
    ...ofAll,
    { name: `Rusmiddelteam ${CANARY}` },
    { name: CANARY, reasonCode: [concept()] },
    { category: [concept()] },
    { encounter: record('Encounter') },
    {
      participant: [
        { role: [{ text: CANARY }], member: { reference: `Practitioner/${CANARY}`, display: CANARY } },
      ],
    },
    { participant: [{ role: [concept()], member: { reference: 'Practitioner/open' } }] },
    { participant: [{ member: { reference: 'Practitioner/open' }, onBehalfOf: unit }] },
    { participant: [{ member: record('CareTeam') }] },
    { participant: [{ member: record('RelatedPerson') }] },
    { reasonCode: [concept()] },
    { reasonReference: [record('Condition')] },
    { managingOrganization: [unit] },
    { telecom: [{ system: 'url', value: `https://rusmiddelcenter.example/${CANARY}` }] },
    { note },
  ],
}

const observation: Secrets<Observation> = {
  base: {
    resourceType: 'Observation',
    id: 'finding',
    status: 'final',
    code: depression,
    subject,
    effectiveDateTime: '2026-06-01',
    valueInteger: 17,
  },
  parts: [
    ...ofAll,
    { basedOn: [record('ServiceRequest')] },
    { partOf: [{ reference: `Procedure/${CANARY}`, display: `Alkohol ${CANARY}` }] },
    { category: [concept()] },
    { encounter: record('Encounter') },
    { performer: [unit] },
    { interpretation: [concept()] },
    { note },
    { specimen: { reference: `Specimen/${CANARY}`, display: `Alkohol ${CANARY}` } },
    { device: { reference: `Device/${CANARY}`, display: `Alkohol ${CANARY}` } },
    { referenceRange: [{ text: CANARY }] },
    { referenceRange: [{ low: { value: 1 }, appliesTo: [concept()] }] },
    { hasMember: [record('Observation')] },
    { derivedFrom: [record('DocumentReference')] },
    { component: [{ code: concept('DF112'), valueString: CANARY }] },
    { component: [{ code: depression, valueCodeableConcept: concept() }] },
    { component: [{ code: depression, valueString: CANARY }], category: [concept()] },
  ],
}

const order: Secrets<ServiceRequest> = {
  base: {
    resourceType: 'ServiceRequest',
    id: 'order',
    status: 'active',
    intent: 'order',
    code: depression,
    subject,
  },
  parts: [
    ...ofAll,
    { instantiatesCanonical: [`https://rusmiddelcenter.example/${CANARY}`] },
    { instantiatesUri: [`https://rusmiddelcenter.example/${CANARY}`] },
    { basedOn: [record('CarePlan')] },
    { replaces: [record('ServiceRequest')] },
    { requisition: { ...identifier, assigner: unit } },
    { category: [concept()] },
    { encounter: record('Encounter') },
    { requester: unit },
    { performerType: concept() },
    { performer: [unit] },
    { locationCode: [concept()] },
    { locationReference: [{ reference: `Location/${CANARY}`, display: CANARY }] },
    { reasonCode: [concept()] },
    { reasonReference: [record('Condition')] },
    { insurance: [{ reference: `Coverage/${CANARY}`, display: `Alkohol ${CANARY}` }] },
    { supportingInfo: [record('DocumentReference')] },
    { specimen: [{ reference: `Specimen/${CANARY}`, display: `Alkohol ${CANARY}` }] },
    { note },
    { patientInstruction: CANARY },
    { relevantHistory: [{ reference: `Provenance/${CANARY}`, display: `Alkohol ${CANARY}` }] },
  ],
}

const message: Secrets<Communication> = {
  base: {
    resourceType: 'Communication',
    id: 'message',
    status: 'completed',
    subject,
    reasonCode: [depression],
    payload: [{ contentReference: { reference: 'DocumentReference/open' } }],
  },
  parts: [
    ...ofAll,
    { basedOn: [record('ServiceRequest')] },
    { partOf: [record('Communication')] },
    { inResponseTo: [record('Communication')] },
    { statusReason: concept() },
    { category: [concept()] },
    { medium: [concept()] },
    { topic: concept() },
    { about: [record('Condition')] },
    { encounter: record('Encounter') },
    { recipient: [unit] },
    { sender: unit },
    { reasonCode: [concept()] },
    { reasonReference: [record('Condition')] },
    { note },
  ],
}

const PSYCHIATRIC = {
  url: 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label',
  valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' },
}

const document: Secrets<DocumentReference> = {
  base: {
    resourceType: 'DocumentReference',
    id: 'document',
    status: 'current',
    docStatus: 'final',
    type: depression,
    subject,
    content: [{ attachment: { extension: [PSYCHIATRIC], contentType: 'text/plain', data: 'QQ==' } }],
  },
  parts: [
    ...ofAll,
    { masterIdentifier: { ...identifier, assigner: unit } },
    { category: [concept()] },
    { author: [unit] },
    { authenticator: unit },
    { custodian: unit },
    { relatesTo: [{ code: 'replaces', target: record('DocumentReference') }] },
    { description: CANARY },
    { context: { encounter: [record('Encounter')] } },
    { context: { event: [concept()] } },
    { context: { facilityType: concept() } },
    { context: { practiceSetting: concept() } },
    { context: { related: [record('Condition')] } },
  ],
}

const request: Secrets<Task> = {
  base: {
    resourceType: 'Task',
    id: 'request',
    status: 'requested',
    intent: 'order',
    code: depression,
    for: subject,
  },
  parts: [
    ...ofAll,
    { instantiatesCanonical: `https://rusmiddelcenter.example/${CANARY}` },
    { instantiatesUri: `https://rusmiddelcenter.example/${CANARY}` },
    { basedOn: [record('CarePlan')] },
    { groupIdentifier: { ...identifier, assigner: unit } },
    { partOf: [record('Task')] },
    { statusReason: concept() },
    { businessStatus: concept() },
    { encounter: record('Encounter') },
    { requester: unit },
    { performerType: [concept()] },
    { owner: unit },
    { location: { reference: `Location/${CANARY}`, display: CANARY } },
    { reasonCode: concept() },
    { reasonReference: record('Condition') },
    { insurance: [{ reference: `Coverage/${CANARY}`, display: `Alkohol ${CANARY}` }] },
    { note },
    { relevantHistory: [{ reference: `Provenance/${CANARY}`, display: `Alkohol ${CANARY}` }] },
    { restriction: { recipient: [unit] } },
    { input: [{ type: concept(), valueString: CANARY }] },
    { input: [{ type: depression, valueReference: record('Condition') }] },
    { output: [{ type: depression, valueString: CANARY }], reasonCode: concept() },
    { output: [{ type: depression, valueCodeableConcept: concept() }] },
    {
      output: [
        { type: depression, valueAttachment: { contentType: 'image/png', data: 'AAAA', title: CANARY } },
      ],
      reasonCode: concept(),
    },
  ],
}

export const secretsOfHeldTypes: readonly Secrets[] = [
  goal,
  team,
  observation,
  order,
  message,
  document,
  request,
] as readonly Secrets[]
