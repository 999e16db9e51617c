/** FHIR search, by GET and by POST _search. https://hl7.org/fhir/R4/http.html#search */
import { auditRow } from '#audit/audit-row.ts'
import { appendAudit } from '#store/audit-log.ts'
import { stillAnswers } from '#redact/still-answers.ts'
import type { Transaction } from '#store/database.ts'
import { findSubject } from '#store/persons.ts'
import { findResource, searchResources, type StoredResource } from '#store/resources.ts'
import type { Answer } from './answer.ts'
import { accessOf } from './access.ts'
import type { Call, Exchange } from './call.ts'
import { disclose } from './disclose.ts'
import { ordinaryPurposes } from './override-use.ts'
import { readSearch, type Search } from './search-request.ts'

export async function search(exchange: Exchange, call: Call): Promise<Answer> {
  const asked = readSearch(call)
  return exchange.database.transaction(async (tx) => {
    const subjectId = await subjectAsked(tx, exchange, asked)
    const stored = await found(tx, asked, subjectId)
    const judged = await disclose(
      tx,
      exchange,
      { ...accessOf(exchange, call, 'search-type'), stillFits: stillAnswers(asked.clauses) },
      stored,
    )
    await appendAudit(tx, [auditRow(searchEntry(exchange, call, subjectId))])
    return {
      status: 200,
      list: {
        type: 'searchset',
        self: `${exchange.fhirBase}/${call.resourceType}${asked.self}`,
        entries: judged.flatMap(({ disclosure }) => (disclosure ? [{ disclosure, mode: 'match' }] : [])),
      },
    }
  })
}

async function subjectAsked(
  tx: Transaction,
  { seal }: Exchange,
  { subject }: Search,
): Promise<string | undefined> {
  if (!subject) return undefined
  return 'subjectId' in subject ? subject.subjectId : findSubject(tx, seal, subject.nationalId)
}

async function found(
  tx: Transaction,
  asked: Search,
  subjectId: string | undefined,
): Promise<StoredResource[]> {
  const query = { ...asked, ...asked.lastUpdated }
  if (subjectId) return searchResources(tx, { ...query, subjectId })
  // A citizen that nobody has sent yet, or none asked for: then ids are.
  if (asked.subject) return []
  const stored: StoredResource[] = []
  for (const id of asked.ids ?? []) {
    const one = await findResource(tx, asked.resourceType, id)
    if (one) stored.push(...(await searchResources(tx, { ...query, ids: [id], subjectId: one.subjectId })))
  }
  return stored
}

function searchEntry(exchange: Exchange, { requester, requestId }: Call, subjectId: string | undefined) {
  return {
    v: 1 as const,
    id: exchange.newId(),
    kind: 'search' as const,
    at: exchange.now().toISOString(),
    outcome: 'success' as const,
    client: requester.clientId,
    organization: requester.organizationId,
    purposeOfUse: ordinaryPurposes(requester.purposeOfUse),
    interaction: 'search-type',
    requestId,
    ...(subjectId ? { subject: subjectId } : {}),
  }
}
