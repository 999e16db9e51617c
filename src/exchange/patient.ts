/** Read, version read and search of a Patient: the citizen as the asking organisation knows them. https://hl7.org/fhir/R4/http.html#read */
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { appendAudit } from '#store/audit-log.ts'
import { findSubject } from '#store/persons.ts'
import { accessOf, notFound } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import type { Disclosure } from './disclose.ts'
import { disclosePatient } from './disclose-patient.ts'
import { isUuid } from './is-uuid.ts'
import { ordinaryPurposes } from './override-use.ts'
import { readPatientSearch } from './patient-search.ts'

export async function readPatient(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = call
  if (!isUuid(id)) throw notFound()
  return exchange.database.transaction(async (tx) => {
    const disclosure = await disclosePatient(tx, exchange, accessOf(exchange, call, 'read'), id)
    // Unknown to the asker and never existed are one answer, and both leave an audit row, so it is returned, not thrown.
    return disclosure ? { status: 200, disclosure } : absent()
  })
}

/** A version that the asking organisation wrote itself; there is no other that it could read. */
export async function vreadPatient(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, versionId } = call
  if (!isUuid(id) || !isUuid(versionId)) throw notFound()
  return exchange.database.transaction(async (tx) => {
    const disclosure = await disclosePatient(tx, exchange, accessOf(exchange, call, 'vread'), id, versionId)
    return disclosure ? { status: 200, disclosure } : absent()
  })
}

export async function searchPatients(exchange: Exchange, call: Call): Promise<Answer> {
  const { nationalId, ids, self } = readPatientSearch(call)
  return exchange.database.transaction(async (tx) => {
    const subjectId = nationalId && (await findSubject(tx, exchange.seal, nationalId))
    const asked = nationalId
      ? [subjectId].filter((id) => id !== undefined && (ids?.includes(id) ?? true))
      : (ids ?? [])
    const request = accessOf(exchange, call, 'search-type')
    const disclosures: Disclosure[] = []
    for (const id of asked) {
      const disclosure = id && (await disclosePatient(tx, exchange, request, id))
      if (disclosure) disclosures.push(disclosure)
    }
    await appendAudit(tx, [auditRow(searchEntry(exchange, call, subjectId))])
    const entries = disclosures.map((disclosure) => ({ disclosure, mode: 'match' as const }))
    const url = `${exchange.fhirBase}/Patient${self}`
    return { status: 200, list: { type: 'searchset', self: url, entries } }
  })
}

function absent(): Answer {
  return { status: 404, nonClinical: notFound().outcome }
}

function searchEntry(
  exchange: Exchange,
  { requester, requestId }: Call,
  subjectId: string | undefined,
): AuditEntry {
  return {
    v: 1,
    id: exchange.newId(),
    kind: 'search',
    at: exchange.now().toISOString(),
    outcome: 'success',
    client: requester.clientId,
    organization: requester.organizationId,
    purposeOfUse: ordinaryPurposes(requester.purposeOfUse),
    interaction: 'search-type',
    requestId,
    ...(subjectId ? { subject: subjectId } : {}),
  }
}
