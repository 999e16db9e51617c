/** The table of FHIR interactions: what routes requests is what the CapabilityStatement is made from. */
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import type { Interaction } from './capabilities.ts'
import {
  createDirectory,
  deleteDirectory,
  readDirectory,
  searchDirectoryOf,
  updateDirectory,
} from './directory.ts'
import { historyOfDirectory, vreadDirectory } from './directory-history.ts'
import { readOrganization, searchOrganizationDirectory } from './organization.ts'
import { vreadPatient } from './patient.ts'
import { historyOfPatient } from './patient-history.ts'
import { readProvenance, searchProvenance } from './provenance.ts'
import { bundle } from './bundle.ts'
import { conditionalUpdate } from './conditional-update.ts'
import { create } from './create.ts'
import { deleteResource } from './delete.ts'
import { decideOperation } from './decide-operation.ts'
import { idempotent } from './idempotent.ts'
import { override } from './override.ts'
import { patch } from './patch.ts'
import { readPatient, searchPatients } from './patient.ts'
import { patchPatient } from './patient-patch.ts'
import { createPatient, updatePatient } from './patient-write.ts'
import { patientEverything, planEverything } from './everything.ts'
import { history } from './history.ts'
import { read } from './read.ts'
import { readAuditEvent, searchAuditEvents } from './search-audit.ts'
import { search } from './search.ts'
import {
  createSubscription,
  deleteSubscription,
  readSubscriptionResource,
  searchSubscriptions,
  subscriptionStatus,
  updateSubscription,
} from './subscription.ts'
import { reasonOfReview } from './review-reason.ts'
import { conditionalUpdateTask, readTask, searchTasks, updateTask } from './task.ts'
import { vread } from './vread.ts'
import { update } from './update.ts'
import { validate } from './validate.ts'
import { validatePatient } from './validate-patient.ts'
import { withdraw } from './withdraw.ts'
import { heldTypes, type HeldType } from '#fhir/held-types.ts'
import { CONSENT_STAYS } from '#intake/accept-delete.ts'

export interface FhirRoute extends Interaction {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below `/fhir`. */
  readonly path: string
  /** The letter that a scope must hold for the type. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
  readonly scope: 'c' | 'r' | 'u' | 'd' | 's'
  /** What the request's body is. */
  readonly body: 'none' | 'resource' | 'form' | 'json-patch'
  readonly run: (exchange: Exchange, call: Call) => Promise<Answer>
}

type Row = readonly [
  FhirRoute['method'],
  string,
  Interaction['interaction'],
  FhirRoute['scope'],
  FhirRoute['body'],
  FhirRoute['run'],
]

// prettier-ignore
const held: readonly Row[] = [
  ['post', '/:type',         'create',      'c', 'resource', create],
  ['get',  '/:type',         'search-type', 's', 'none',     search],
  ['post', '/:type/_search', 'search-type', 's', 'form',     search],
  ['get',  '/:type/:id',     'read',        'r', 'none',     read],
  ['get',  '/:type/:id/_history',      'history-instance', 'r', 'none', history],
  ['get',  '/:type/:id/_history/:vid', 'vread',            'r', 'none', vread],
  ['put',  '/:type',         'update',      'u', 'resource', conditionalUpdate],
  ['put',  '/:type/:id',     'update',      'u', 'resource', update],
  ['patch', '/:type/:id',    'patch',       'u', 'json-patch', patch],
  ['post', '/:type/$validate',     '$validate', 'c', 'resource', validate],
  ['post', '/:type/:id/$validate', '$validate', 'u', 'resource', validate],
]

/** A Consent is taken back, not deleted: what was done on it must stay to be read. */
const deletable: readonly HeldType[] = heldTypes.filter((type) => type !== 'Consent')
const deletion: readonly Row[] = [['delete', '/:type/:id', 'delete', 'd', 'none', deleteResource]]

/** What to do where an address does not take a method that one like it does. */
export const insteadOf: Readonly<Record<string, string>> = {
  'DELETE /fhir/Consent/:id': CONSENT_STAYS,
}

// prettier-ignore
const subscription: readonly Row[] = [
  ['post',   '/:type',             'create',      'c', 'resource', createSubscription],
  ['get',    '/:type',             'search-type', 's', 'none',     searchSubscriptions],
  ['get',    '/:type/$status',     '$status',     'r', 'none',     subscriptionStatus],
  ['get',    '/:type/:id/$status', '$status',     'r', 'none',     subscriptionStatus],
  ['get',    '/:type/:id',         'read',        'r', 'none',     readSubscriptionResource],
  ['put',    '/:type/:id',         'update',      'u', 'resource', updateSubscription],
  ['delete', '/:type/:id',         'delete',      'd', 'none',     deleteSubscription],
]

// prettier-ignore
const auditEvent: readonly Row[] = [
  ['get',  '/:type',         'search-type', 's', 'none', searchAuditEvents],
  ['post', '/:type/_search', 'search-type', 's', 'form', searchAuditEvents],
  ['get',  '/:type/:id',     'read',        'r', 'none', readAuditEvent],
]

// prettier-ignore
const patient: readonly Row[] = [
  ['post', '/:type',         'create',      'c', 'resource', createPatient],
  ['get',  '/:type',         'search-type', 's', 'none',     searchPatients],
  ['post', '/:type/_search', 'search-type', 's', 'form',     searchPatients],
  ['post', '/:type/$validate', '$validate', 'c', 'resource', validatePatient],
  ['get',  '/:type/:id',     'read',        'r', 'none',     readPatient],
  ['get',  '/:type/:id/_history',      'history-instance', 'r', 'none', historyOfPatient],
  ['get',  '/:type/:id/_history/:vid', 'vread',            'r', 'none', vreadPatient],
  ['put',  '/:type/:id',     'update',      'u', 'resource', updatePatient],
  ['patch', '/:type/:id',    'patch',       'u', 'json-patch', patchPatient],
  ['post', '/:type/:id/$validate', '$validate', 'u', 'resource', validatePatient],
]

// prettier-ignore
const organization: readonly Row[] = [
  ['get',  '/:type',         'search-type', 's', 'none', searchOrganizationDirectory],
  ['post', '/:type/_search', 'search-type', 's', 'form', searchOrganizationDirectory],
  ['get',  '/:type/:id',     'read',        'r', 'none', readOrganization],
]

// prettier-ignore
const directory = (type: 'Practitioner' | 'PractitionerRole'): readonly Row[] => [
  ['post',   '/:type',         'create',      'c', 'resource', createDirectory(type)],
  ['get',    '/:type',         'search-type', 's', 'none',     searchDirectoryOf(type)],
  ['post',   '/:type/_search', 'search-type', 's', 'form',     searchDirectoryOf(type)],
  ['get',    '/:type/:id',     'read',        'r', 'none',     readDirectory(type)],
  ['get',    '/:type/:id/_history',      'history-instance', 'r', 'none', historyOfDirectory(type)],
  ['get',    '/:type/:id/_history/:vid', 'vread',            'r', 'none', vreadDirectory(type)],
  ['put',    '/:type/:id',     'update',      'u', 'resource', updateDirectory(type)],
  ['delete', '/:type/:id',     'delete',      'd', 'none',     deleteDirectory(type)],
]

// prettier-ignore
const provenance: readonly Row[] = [
  ['get',  '/:type',         'search-type', 's', 'none', searchProvenance],
  ['post', '/:type/_search', 'search-type', 's', 'form', searchProvenance],
  ['get',  '/:type/:id',     'read',        'r', 'none', readProvenance],
]

/** A Task is a record, or a work item of the reader's own organisation. */
const taskRuns: ReadonlyMap<FhirRoute['run'], FhirRoute['run']> = new Map([
  [search, searchTasks],
  [read, readTask],
  [update, updateTask],
  [conditionalUpdate, conditionalUpdateTask],
])
const task: readonly Row[] = [
  ...held.map(([method, path, interaction, scope, body, run]): Row => [
    method,
    path,
    interaction,
    scope,
    body,
    taskRuns.get(run) ?? run,
  ]),
  ['get', '/:type/:id/$reason', '$reason', 'r', 'none', reasonOfReview],
]

// prettier-ignore
const consentOperations: readonly Row[] = [
  ['post', '/:type/$decide',   '$decide',   'r', 'resource', decideOperation],
  ['post', '/:type/$override', '$override', 'c', 'resource', override],
  ['post', '/:type/:id/$withdraw', '$withdraw', 'u', 'resource', withdraw],
]

export const fhirRoutes: readonly FhirRoute[] = [
  // Of no type, and with no scope of its own: each of its entries has one.
  ...of('', [['post', '', 'batch', 'c', 'resource', bundle(() => fhirRoutes)]]),
  // Before the ids that their names would be.
  ...of('Consent', consentOperations),
  ...heldTypes.flatMap((type) => of(type, type === 'Task' ? task : held)),
  ...deletable.flatMap((type) => of(type, deletion)),
  ...of('Patient', patient),
  ...of('Patient', [['get', '/:type/:id/$everything', '$everything', 'r', 'none', patientEverything]]),
  ...of('CarePlan', [['get', '/:type/:id/$everything', '$everything', 'r', 'none', planEverything]]),
  ...of('Subscription', subscription),
  ...of('AuditEvent', auditEvent),
  ...of('Organization', organization),
  ...of('Practitioner', directory('Practitioner')),
  ...of('PractitionerRole', directory('PractitionerRole')),
  ...of('Provenance', provenance),
]

/** What changes something and could be sent twice by mistake. A PUT too: it would be another version, and another notification. */
function keyed(
  method: FhirRoute['method'],
  body: FhirRoute['body'],
  interaction: Interaction['interaction'],
): boolean {
  return (
    method !== 'get' &&
    (body === 'resource' || body === 'json-patch') &&
    !['$decide', '$validate'].includes(interaction)
  )
}

function of(resourceType: string, rows: readonly Row[]): FhirRoute[] {
  return rows.map(([method, path, interaction, scope, body, run]) => ({
    method,
    path: path.replace(':type', resourceType),
    resourceType,
    interaction,
    scope,
    body,
    run: keyed(method, body, interaction)
      ? idempotent(`${method} ${path.replace(':type', resourceType)}`, run)
      : run,
  }))
}
