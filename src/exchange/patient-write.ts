/** Create and update of a Patient: what the sender's organisation knows of a citizen, for itself. https://hl7.org/fhir/R4/http.html#create */
import { createHash } from 'node:crypto'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import { findDemographics, lockDemographics, putDemographics } from '#store/patients.ts'
import { findSubject, isKnownTo, subjectOf } from '#store/persons.ts'
import { accessOf } from './access.ts'
import type { Answer } from './answer.ts'
import { asPreferred, type Written } from './as-preferred.ts'
import type { Call, Exchange } from './call.ts'
import { disclosePatient } from './disclose-patient.ts'
import { readIfMatch } from './if-match.ts'
import { isUuid } from './is-uuid.ts'
import { readPatientCondition } from './patient-condition.ts'
import { type PatientContent, readPatientContent } from './patient-content.ts'
import { readResourceBody, requireSameId } from './resource-body.ts'

/**
 * The number in the body says whose demographics these are, so the id is that citizen's. INVARIANT: nothing in the answer depends on
 * whether another organisation knows the citizen.
 */
export async function createPatient(exchange: Exchange, call: Call): Promise<Answer> {
  const { nationalIds, content } = readPatientContent(exchange.validator, readResourceBody(call))
  const nationalId = oneOf(nationalIds)
  const keepsHeld = readPatientCondition(call, nationalId)
  return exchange.database.transaction(async (tx) => {
    const subjectId = await subjectOf(tx, exchange.seal, nationalId)
    const stored = await storePatient(tx, exchange, call, { subjectId, content, interaction: 'create' })
    if (!stored && !keepsHeld) throw heldAlready(subjectId)
    return stored ?? found(tx, exchange, call, subjectId)
  })
}

/** Of a citizen whom the sender knows; of any other it is answered as of one who does not exist. */
export async function updatePatient(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = call
  const sent = readResourceBody(call)
  const { nationalIds, content } = readPatientContent(exchange.validator, sent)
  if (!isUuid(id)) throw notWritable()
  requireSameId(sent, id)
  const ifMatch = readIfMatch(call)
  return exchange.database.transaction(async (tx) => {
    const key = { subjectId: id, organizationId: call.requester.organizationId }
    // Before anything is said of the numbers: else a stranger could try which of them are this citizen's.
    if (!(await isKnownTo(tx, id, key.organizationId))) throw notWritable()
    await requireSameCitizen(tx, exchange, id, nationalIds)
    if (ifMatch !== undefined && (await lockDemographics(tx, key)) !== ifMatch) throw conflict()
    const stored = await storePatient(tx, exchange, call, { subjectId: id, content, interaction: 'update' })
    if (!stored) throw new Error('an update stored nothing')
    return stored
  })
}

interface Write {
  readonly subjectId: string
  readonly content: PatientContent['content']
  readonly interaction: 'create' | 'update' | 'patch'
}

/** @returns nothing where it is a create, and there are own demographics already. */
export async function storePatient(
  tx: Transaction,
  exchange: Exchange,
  call: Call,
  { subjectId, content, interaction }: Write,
): Promise<Answer | undefined> {
  const versionId = exchange.newId()
  const stored = await putDemographics(
    tx,
    {
      subjectId,
      organizationId: call.requester.organizationId,
      versionId,
      content: { ...content, id: subjectId },
    },
    { onlyNew: interaction === 'create' },
  )
  if (!stored) return undefined
  await appendAudit(tx, [auditRow(acceptedEntry(exchange, call, { subjectId, versionId, interaction }))])
  const done = stored.created ? 'created' : 'updated'
  const written = writtenAnswer(exchange, { subjectId, versionId, recorded: stored.recorded }, done)
  return answered(tx, exchange, call, interaction, { subjectId, written })
}

/** Of a create on a condition: there were own demographics, and they stay as they are. Their row is locked since it was tried. */
async function found(tx: Transaction, exchange: Exchange, call: Call, subjectId: string): Promise<Answer> {
  const own = await findDemographics(tx, { subjectId, organizationId: call.requester.organizationId })
  if (!own) throw new Error('demographics are neither new nor there')
  const { versionId, lastUpdated: recorded } = own
  const written = writtenAnswer(exchange, { subjectId, versionId, recorded }, 'found')
  return answered(tx, exchange, call, 'create', { subjectId, written })
}

async function answered(
  tx: Transaction,
  exchange: Exchange,
  call: Call,
  interaction: Write['interaction'],
  { subjectId, written }: { readonly subjectId: string; readonly written: Written },
): Promise<Answer> {
  // What is kept to be given again holds no resource: then the outcome says that it was done.
  if ((call.bundle ?? call).header('idempotency-key') !== undefined) return written
  return asPreferred(call, written, async () => {
    const access = accessOf(exchange, call, interaction)
    const disclosure = await disclosePatient(tx, exchange, access, subjectId)
    if (!disclosure) throw new Error('its own demographics were withheld from their custodian')
    return { disclosure }
  })
}

interface WrittenVersion {
  readonly subjectId: string
  readonly versionId: string
  readonly recorded: Date
}

function writtenAnswer(
  { fhirBase }: Exchange,
  { subjectId, versionId, recorded }: WrittenVersion,
  done: 'created' | 'updated' | 'found',
): Written {
  const reference = `Patient/${subjectId}`
  const follows =
    done === 'found' ? 'it fits the condition, so nothing was stored' : 'your organisation alone reads it'
  return {
    status: done === 'created' ? 201 : 200,
    headers: {
      Location: `${fhirBase}/${reference}/_history/${versionId}`,
      ETag: `W/"${versionId}"`,
      'Last-Modified': recorded.toUTCString(),
    },
    nonClinical: {
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'information',
          code: 'informational',
          diagnostics: `${done} ${reference}, version ${versionId}; ${follows}`,
        },
      ],
    },
  }
}

function acceptedEntry(
  exchange: Exchange,
  { requester, requestId, body }: Call,
  { subjectId, versionId, interaction }: Omit<Write, 'content'> & { readonly versionId: string },
): AuditEntry {
  return {
    v: 1,
    id: exchange.newId(),
    kind: 'accept',
    at: exchange.now().toISOString(),
    outcome: 'success',
    interaction,
    subject: subjectId,
    client: requester.clientId,
    organization: requester.organizationId,
    custodian: requester.organizationId,
    purposeOfUse: requester.purposeOfUse,
    requestId,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    resources: [{ type: 'Patient', id: subjectId, version: versionId }],
  }
}

function oneOf(nationalIds: PatientContent['nationalIds']): PatientContent['nationalIds'][number] {
  const [nationalId, ...others] = nationalIds
  if (nationalId === undefined) {
    throw new GatewayError({
      code: 'field-missing',
      expression: 'Patient.identifier',
      text: 'name the citizen: put the national id in `identifier` with its system, such as `urn:oid:1.2.208.176.1.2` for CPR',
    })
  }
  if (others.length > 0) {
    throw new GatewayError({
      code: 'field-invalid',
      expression: 'Patient.identifier',
      text: `found ${nationalIds.length} national ids; send one. That several are one person is for the operator to record`,
    })
  }
  return nationalId
}

/** A number in an update must be one of the citizen's own: nobody is moved, and nobody gets a number, by a Patient. */
async function requireSameCitizen(
  tx: Transaction,
  { seal }: Exchange,
  subjectId: string,
  nationalIds: PatientContent['nationalIds'],
): Promise<void> {
  for (const nationalId of nationalIds) {
    if ((await findSubject(tx, seal, nationalId)) === subjectId) continue
    throw new GatewayError({
      code: 'field-invalid',
      expression: 'Patient.identifier',
      text: 'a national id in the body is not of the citizen in the path; correct it, or POST a Patient with it',
    })
  }
}

function heldAlready(subjectId: string): GatewayError {
  return new GatewayError({
    code: 'patient-held-already',
    expression: 'Patient.identifier',
    text: `your organisation sent demographics of this citizen before: PUT these to \`Patient/${subjectId}\``,
  })
}

export function conflict(): GatewayError {
  return new GatewayError({
    code: 'version-conflict',
    text: 'the version in `If-Match` is not the current one: read the resource again, merge your change and send it with the new ETag',
  })
}

export function notWritable(): GatewayError {
  return new GatewayError({ code: 'not-found', text: 'there is no resource with this id that you may write' })
}
