/** Every way in: the six sector formats and the FHIR writes, each with an accepted body and what of it is about a citizen. */
import { randomUUID } from 'node:crypto'
import type { Encounter, Condition } from '@medplum/fhirtypes'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent, sampleText, subscriptionFor } from './fhir-samples.ts'
import type { SandboxClientId } from './gateway.ts'

export interface WayIn {
  readonly title: string
  readonly method: 'POST' | 'PUT'
  readonly path: string
  /** The route's template, as quarantine and logs name it. */
  readonly route: string
  readonly client: SandboxClientId
  readonly type: string
  readonly interaction: 'message' | 'create' | 'update'
  /** The receipt's form, and that of a refusal. */
  readonly answers: 'json' | 'hl7v2-ack' | 'fhir'
  readonly body: string
  /** Texts in `body` that say something about the citizen. */
  readonly secrets: readonly string[]
  /** What one accepted body adds to the tables, the citizen aside. */
  readonly stores: Readonly<Record<string, number>>
}

export const FHIR_JSON = 'application/fhir+json'
const HL7 = 'x-application/hl7-v2+er7'
const CPR = '1502829995'
const system = 'urn:oid:1.2.208.176.1.2'

/** Another citizen than the one of the samples, so that a file that sends both can tell them apart. */
function about(text: string, cpr: string): string {
  return text.replaceAll('2509479989', cpr).replaceAll('1502779995', cpr)
}

export const klPlan = {
  resourceType: 'CarePlan',
  id: 'plan-134418',
  meta: { versionId: '1' },
  status: 'active',
  intent: 'plan',
  title: 'Plan mod kokainmisbrug',
  subject: { identifier: { system, value: CPR } },
  author: { identifier: { system: 'urn:oid:1.2.208.176.1.1', value: '999002000016002' } },
  activity: [{ detail: { status: 'in-progress', description: 'Kokainfri i tre uger' } }],
}

export const encounter: Encounter = {
  resourceType: 'Encounter',
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  subject: { identifier: { system, value: CPR } },
  reasonCode: [{ text: 'Indlagt med psykose' }],
  period: { start: '2026-01-05T10:15:00+01:00' },
}

export const condition: Condition = {
  resourceType: 'Condition',
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
  },
  code: { text: 'Skizofreni siden ungdommen' },
  subject: { identifier: { system, value: CPR } },
}

const planId = randomUUID()
const plan = { ...sampleCarePlan(), id: planId, subject: { identifier: { system, value: CPR } } }
const consent = {
  ...sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY']),
  patient: { identifier: { system, value: CPR } },
}

// prettier-ignore
export const sectorWays: readonly WayIn[] = [
  { title: 'HL7 v2 ADT', client: 'hospital-ehr', method: 'POST', ...sector('/sectors/hospital/hl7v2'), type: HL7, answers: 'hl7v2-ack', body: about(sampleText('adt-a01.hl7'), CPR), secrets: [CPR, 'Elmer^Bruno', '19470925', 'Periodisk depression, moderat'], stores: { message: 1, resource: 1, resource_version: 1 } },
  { title: 'MedCom HospitalNotification', client: 'hospital-ehr', method: 'POST', ...sector('/sectors/hospital/notifications'), type: FHIR_JSON, answers: 'json', body: about(sampleText('hospitalnotification-admit.json'), CPR), secrets: [CPR, 'Berggren'], stores: { message: 1, resource: 1, resource_version: 1 } },
  { title: 'municipality record', client: 'municipality-system', method: 'POST', ...sector('/sectors/municipality/records'), type: 'application/json', answers: 'json', body: about(sampleText('municipality-record.json'), CPR), secrets: [CPR, 'Vil kunne passe sine børnebørn ædru', 'Disulfiram', 'Individuel alkoholbehandling'], stores: { message: 1, resource: 2, resource_version: 2 } },
  { title: 'KL plan', client: 'municipality-system', method: 'POST', ...sector('/sectors/municipality/plans'), type: FHIR_JSON, answers: 'json', body: JSON.stringify(klPlan), secrets: [CPR, 'Plan mod kokainmisbrug', 'Kokainfri i tre uger'], stores: { message: 1, resource: 1, resource_version: 1 } },
  { title: 'MedCom ConditionList', client: 'gp-system', method: 'POST', ...sector('/sectors/gp/condition-lists'), type: FHIR_JSON, answers: 'json', body: about(sampleText('gp-condition-list.json'), CPR), secrets: [CPR, 'Alkoholafhængighed', 'Forhøjet blodtryk'], stores: { message: 1, resource: 4, resource_version: 4 } },
  { title: 'GP contact', client: 'gp-system', method: 'POST', ...sector('/sectors/gp/contacts'), type: 'application/json', answers: 'json', body: about(sampleText('gp-contact.json'), CPR), secrets: [CPR, 'Opfølgning hos egen læge', 'Hjemmeblodtryk i en uge'], stores: { message: 1, resource: 3, resource_version: 3 } },
]

// prettier-ignore
export const fhirWays: readonly WayIn[] = [
  { title: 'PUT CarePlan', method: 'PUT', path: `/fhir/CarePlan/${planId}`, route: '/fhir/CarePlan/:id', client: 'hospital-ehr', interaction: 'update', ...fhir(plan), secrets: [CPR, 'Motiverende samtale om alkohol', 'Ingen alkohol i tre måneder'], stores: { resource: 1, resource_version: 1 } },
  { title: 'POST CarePlan', method: 'POST', path: '/fhir/CarePlan', route: '/fhir/CarePlan', client: 'hospital-ehr', interaction: 'create', ...fhir(plan), secrets: [CPR, 'Kriseplan gennemgås med borgeren'], stores: { resource: 1, resource_version: 1 } },
  { title: 'POST Encounter', method: 'POST', path: '/fhir/Encounter', route: '/fhir/Encounter', client: 'hospital-ehr', interaction: 'create', ...fhir(encounter), secrets: [CPR, 'Indlagt med psykose'], stores: { resource: 1, resource_version: 1 } },
  { title: 'POST Condition', method: 'POST', path: '/fhir/Condition', route: '/fhir/Condition', client: 'gp-system', interaction: 'create', ...fhir(condition), secrets: [CPR, 'Skizofreni siden ungdommen'], stores: { resource: 1, resource_version: 1 } },
  { title: 'POST Consent', method: 'POST', path: '/fhir/Consent', route: '/fhir/Consent', client: 'hospital-ehr', interaction: 'create', ...fhir(consent), secrets: [CPR], stores: { resource: 1, resource_version: 1 } },
  { title: 'POST Subscription', method: 'POST', path: '/fhir/Subscription', route: '/fhir/Subscription', client: 'gp-system', interaction: 'create', ...fhir(subscriptionFor('http://127.0.0.1:9/', { headers: ['Authorization: Bearer geheim-134418'] })), secrets: ['geheim-134418'], stores: { subscription: 1 } },
]

export const waysIn: readonly WayIn[] = [...sectorWays, ...fhirWays]

function sector(path: string): Pick<WayIn, 'path' | 'route' | 'interaction'> {
  return { path, route: path, interaction: 'message' }
}

function fhir(resource: object): Pick<WayIn, 'type' | 'answers' | 'body'> {
  return { type: FHIR_JSON, answers: 'fhir', body: JSON.stringify(resource) }
}
