/** FHIR search, by GET and by POST _search. https://hl7.org/fhir/R4/http.html#search */
import type { OperationOutcome } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { isDatedAlike, stillAnswers } from '#redact/still-answers.ts'
import { subset } from '#redact/subset.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import type { Stretch } from '#store/place.ts'
import type { StoredResource } from '#store/resources.ts'
import { type ListedResource, searchResources } from '#store/search-resources.ts'
import type { Answer, DisclosedEntry } from './answer.ts'
import { accessOf } from './access.ts'
import type { Call, Exchange } from './call.ts'
import { NOBODY, subjectAsked } from './citizen-asked.ts'
import { cursorTo, readCursor } from './cursor.ts'
import { type DisclosedPage, disclosePage, type DisclosureRequest } from './disclose.ts'
import { type Included, includedWith, type Match, MAX_INCLUDED, requireIncludeScopes } from './include.ts'
import { ordinaryPurposes } from './override-use.ts'
import { readSearch, type Search } from './search-request.ts'

export async function search(exchange: Exchange, call: Call): Promise<Answer> {
  const asked = readSearch(call)
  requireIncludeScopes(call, asked.includes)
  return exchange.database.transaction(async (tx) => {
    const subjectId = await subjectAsked(tx, exchange.seal, asked.subject)
    const { requester, resourceType } = call
    const use = { seal: exchange.seal, requester, resourceType, question: [subjectId ?? '', asked.question] }
    const access = accessOf(exchange, call, 'search-type')
    const page = await disclosePage(
      tx,
      exchange,
      { ...access, ...fitting(asked) },
      {
        rows: (stretch) => found(tx, asked, subjectId, stretch),
        count: asked.count,
        after: readCursor(asked.cursor, use),
      },
    )
    const matches = matchesOf(page)
    const included = await includedWith(tx, exchange, call, access, matches, asked.includes)
    await appendAudit(tx, [auditRow(searchEntry(exchange, call, subjectId))])
    const url = `${exchange.fhirBase}/${resourceType}`
    const next = page.next && nextOf(asked, subjectId, cursorTo(page.next, use))
    return {
      status: 200,
      list: {
        type: 'searchset',
        self: `${url}${asked.self}`,
        ...(next && { next: `${url}?${next}` }),
        entries: entriesOf(asked, matches, included),
      },
    }
  })
}

/** By what is withheld nothing is found, and nothing is sorted. */
function fitting({ clauses, date, order }: Search): Pick<DisclosureRequest, 'stillFits'> {
  const answers = stillAnswers(clauses, date)
  const isByDate = order === 'date' || order === '-date'
  return { stillFits: (released, whole) => answers(released) && (!isByDate || isDatedAlike(released, whole)) }
}

function found(
  tx: Transaction,
  { resourceType, ids, clauses, lastUpdated, date, order, subject }: Search,
  subjectId: string | undefined,
  stretch: Stretch,
): Promise<readonly ListedResource[]> {
  const query = { resourceTypes: [resourceType], ids, clauses, lastUpdated, date, order, ...stretch }
  return searchResources(tx, subject ? { ...query, subjectId } : query)
}

function matchesOf({ shown }: DisclosedPage<{ readonly stored: StoredResource }>): readonly Match[] {
  return shown.flatMap(({ row: { stored }, disclosure }) =>
    disclosure ? [{ subjectId: stored.subjectId, disclosure }] : [],
  )
}

function entriesOf(
  { summary, elements }: Search,
  matches: readonly Match[],
  { disclosures, isCut }: Included,
): readonly DisclosedEntry[] {
  const brief = { ...(summary && { summary }) }
  return [
    ...matches.map(({ disclosure }) => ({
      disclosure: subset(disclosure, { ...brief, ...(elements && { elements }) }),
      mode: 'match' as const,
    })),
    ...disclosures.map((disclosure) => ({ disclosure: subset(disclosure, brief), mode: 'include' as const })),
    ...(isCut ? [{ outcome: includedInPart() }] : []),
  ]
}

/** https://hl7.org/fhir/R4/valueset-search-entry-mode.html: a word about the search itself. */
export function includedInPart(): OperationOutcome {
  const diagnostics = `more than ${MAX_INCLUDED} records go with this page; ask for a smaller page with \`_count\``
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'warning', code: 'incomplete', diagnostics }],
  }
}

/** The citizen by our reference: the national id of the form must not stand in a URL. */
function nextOf({ subject, question }: Search, subjectId: string | undefined, cursor: string): string {
  return new URLSearchParams([
    ...(subject && subjectId ? [['patient', `Patient/${subjectId}`]] : []),
    ...new URLSearchParams(question),
    ['_cursor', cursor],
  ]).toString()
}

export function searchEntry(
  exchange: Pick<Exchange, 'newId' | 'now'>,
  { requester, requestId }: Pick<Call, 'requester' | 'requestId'>,
  subjectId: string | undefined,
  interaction = 'search-type',
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
    interaction,
    requestId,
    ...(subjectId && subjectId !== NOBODY ? { subject: subjectId } : {}),
  }
}
