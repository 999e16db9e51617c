/**
 * The door for a citizen's identity, beside the one for records. No consent is asked, since nothing of anybody else's leaves by it: an
 * organisation that knows the citizen is told the numbers it knows them by and what it wrote itself; to any other there is no
 * such citizen. With its audit row in the same transaction, like every release.
 */
import { randomUUID } from 'node:crypto'
import type { Identifier, Patient } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import type { Decision } from '#consent/decision.ts'
import { type Disclosure, release } from '#redact/disclosure.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import {
  type Demographics,
  findDemographics,
  findDemographicsVersion,
  type PatientKey,
} from '#store/patients.ts'
import { isKnownTo, type NationalId, nationalIdsOf } from '#store/persons.ts'
import type { DiscloseOptions } from './decide-stored.ts'
import type { DisclosureRequest } from './disclosure-request.ts'

/** Own demographics and the numbers that a known citizen was known by already: nothing that another one holds. */
const OWN: Decision = { effect: 'permit', reason: 'own-record', basis: [], obligations: [], withheld: [] }

/** A version of the own demographics, else the current ones; who is known without any has their numbers alone. */
export async function disclosePatient(
  tx: Transaction,
  options: DiscloseOptions,
  request: DisclosureRequest,
  subjectId: string,
  versionId?: string,
): Promise<Disclosure | undefined> {
  const known = await isKnownTo(tx, subjectId, request.recipientId)
  const own = known ? await ownDemographics(tx, request, subjectId, versionId) : undefined
  if (!known || (versionId !== undefined && own === undefined)) {
    await appendAudit(tx, [auditRow(refusedEntry(request, subjectId))])
    return undefined
  }
  const nationalIds = await nationalIdsOf(tx, options.seal, [subjectId])
  options.onDecision(OWN)
  await appendAudit(tx, [auditRow(releasedEntry(request, subjectId, own?.versionId))])
  return release(patientOf(subjectId, nationalIds.get(subjectId) ?? [], own), OWN)
}

/** Versions that the asking organisation wrote, as many as are given: undefined for a citizen whom it does not know. */
export async function disclosePatientVersions(
  tx: Transaction,
  options: DiscloseOptions,
  request: DisclosureRequest,
  subjectId: string,
  versions: (key: PatientKey) => Promise<readonly Demographics[]>,
): Promise<readonly Disclosure[] | undefined> {
  if (!(await isKnownTo(tx, subjectId, request.recipientId))) {
    await appendAudit(tx, [auditRow(refusedEntry(request, subjectId))])
    return undefined
  }
  const found = await versions({ subjectId, organizationId: request.recipientId })
  const nationalIds = (await nationalIdsOf(tx, options.seal, [subjectId])).get(subjectId) ?? []
  await appendAudit(
    tx,
    found.map(({ versionId }) => auditRow(releasedEntry(request, subjectId, versionId))),
  )
  return found.map((own) => {
    options.onDecision(OWN)
    return release(patientOf(subjectId, nationalIds, own), OWN)
  })
}

function ownDemographics(
  tx: Transaction,
  { recipientId }: DisclosureRequest,
  subjectId: string,
  versionId: string | undefined,
): Promise<Demographics | undefined> {
  const key = { subjectId, organizationId: recipientId }
  return versionId === undefined ? findDemographics(tx, key) : findDemographicsVersion(tx, key, versionId)
}

function patientOf(
  subjectId: string,
  nationalIds: readonly NationalId[],
  own: Demographics | undefined,
): Patient {
  const { identifier = [], meta, ...rest } = own?.content ?? { resourceType: 'Patient' as const }
  const identifiers: Identifier[] = [
    ...nationalIds.map(({ system, value }) => ({ use: 'official' as const, system, value })),
    ...identifier,
  ]
  return {
    ...rest,
    id: subjectId,
    ...(own
      ? { meta: { ...meta, versionId: own.versionId, lastUpdated: own.lastUpdated.toISOString() } }
      : {}),
    ...(identifiers.length > 0 ? { identifier: identifiers } : {}),
  }
}

function releasedEntry(
  request: DisclosureRequest,
  subjectId: string,
  versionId: string | undefined,
): AuditEntry {
  return {
    ...entryOf(request, subjectId),
    outcome: 'success',
    effect: 'permit',
    reason: OWN.reason,
    custodian: request.recipientId,
    resources: [{ type: 'Patient', id: subjectId, ...(versionId ? { version: versionId } : {}) }],
  }
}

/** The same whether somebody else knows this citizen or there is none. It has no custodian, so no log shows it to its asker. */
function refusedEntry(request: DisclosureRequest, subjectId: string): AuditEntry {
  return {
    ...entryOf(request, subjectId),
    outcome: 'refused',
    effect: 'deny',
    reason: 'not-found',
    resources: [{ type: 'Patient', id: subjectId }],
  }
}

function entryOf(request: DisclosureRequest, subjectId: string): Omit<AuditEntry, 'outcome'> {
  return {
    v: 1,
    id: randomUUID(),
    kind: 'disclose',
    at: request.now.toISOString(),
    subject: subjectId,
    client: request.clientId,
    organization: request.recipientId,
    recipient: request.recipientId,
    purposeOfUse: request.purposeOfUse,
    interaction: request.interaction,
    requestId: request.requestId,
  }
}
