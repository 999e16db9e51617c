/** The privacy officer's question: what happened to this citizen's data? Reading the log is itself logged. */
import type { AuditEvent, Bundle } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { renderAuditEvent } from '#audit/audit-event.ts'
import { reasons, type ReasonCode } from '#consent/decision.ts'
import { explain } from '#consent/explain.ts'
import { appendAudit, type AuditQuery, searchAudit, type StoredAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import { organizationsById } from '#store/organizations.ts'
import { notFound } from './access.ts'
import type { Answer } from './answer.ts'
import { readAuditRequest } from './audit-request.ts'
import type { Call, Exchange } from './call.ts'
import { NOBODY, subjectAsked } from './citizen-asked.ts'
import { isUuid } from './is-uuid.ts'
import { withCursor } from './log-page.ts'

export async function searchAuditEvents(exchange: Exchange, call: Call): Promise<Answer> {
  const { count, citizen, filters } = readAuditRequest(exchange, call)
  return exchange.database.transaction(async (tx) => {
    const subjectId = await subjectAsked(tx, exchange.seal, citizen)
    const found = await searchAudit(tx, {
      ...filters,
      ...readerOf(call),
      limit: count + 1,
      ...(subjectId ? { subjectId } : {}),
    })
    await appendAudit(tx, [auditRow(readEntry(exchange, call, subjectId))])
    const page = found.slice(0, count)
    const events = await rendered(tx, exchange, call, page)
    const last = found.length > count ? page.at(-1) : undefined
    return {
      status: 200,
      nonClinical: bundleOf(exchange, call, events, next(exchange, call, subjectId, last)),
    }
  })
}

export async function readAuditEvent(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = call
  if (!isUuid(id)) throw notFound()
  return exchange.database.transaction(async (tx) => {
    const found = await searchAudit(tx, { ...readerOf(call), id, limit: 1 })
    await appendAudit(tx, [auditRow(readEntry(exchange, call, undefined))])
    const [event] = await rendered(tx, exchange, call, found)
    return event ? { status: 200, nonClinical: event } : { status: 404, nonClinical: notFound().outcome }
  })
}

function readerOf({ requester }: Call): Pick<AuditQuery, 'organizationId' | 'oversight'> {
  const { organizationId, sector } = requester
  return { organizationId, ...(sector === 'oversight' ? { oversight: true } : {}) }
}

async function rendered(
  tx: Transaction,
  exchange: Exchange,
  { requester }: Call,
  page: readonly StoredAudit[],
): Promise<AuditEvent[]> {
  const entries = page.map((row) => ({ row, entry: shownTo(requester.organizationId, row) }))
  const named = entries
    .flatMap(({ entry }) => [entry.custodian, entry.recipient, entry.organization])
    .filter((id) => id !== undefined)
  const organizations = await organizationsById(tx, named)
  return entries.map(({ row, entry }) =>
    renderAuditEvent(
      { entry, recorded: row.recorded.toISOString(), leafHash: row.leaf_hash.toString('hex') },
      {
        observer: exchange.fhirBase,
        nameOf: (id) => organizations.get(id)?.name,
        sentenceOf,
      },
    ),
  )
}

/** What was withheld is the custodian's to know: a recipient learns that something was, and not what. */
function shownTo(organizationId: string, row: StoredAudit): AuditEntry {
  const { withheld, subject, ...entry } = JSON.parse(row.entry) as AuditEntry
  return {
    ...entry,
    ...(subject && row.tells_subject ? { subject } : {}),
    ...(withheld && entry.custodian === organizationId ? { withheld } : {}),
  }
}

function sentenceOf({ reason, basis }: AuditEntry): string | undefined {
  return reason !== undefined && isReason(reason)
    ? explain({ reason, basis: basis ?? [] }, { language: 'en', audience: 'privacyOfficer', labels: [] })
    : undefined
}

function isReason(reason: string): reason is ReasonCode {
  return Object.hasOwn(reasons, reason)
}

function bundleOf(
  { fhirBase }: Exchange,
  { query }: Call,
  events: AuditEvent[],
  more: URLSearchParams | undefined,
): Bundle<AuditEvent> {
  const url = (asked: URLSearchParams): string => `${fhirBase}/AuditEvent${asked.size > 0 ? `?${asked}` : ''}`
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    link: [
      { relation: 'self', url: url(understood(query)) },
      ...(more ? [{ relation: 'next', url: url(more) }] : []),
    ],
    ...(events.length > 0
      ? {
          entry: events.map((resource) => ({
            fullUrl: `${fhirBase}/AuditEvent/${resource.id}`,
            resource,
            search: { mode: 'match' as const },
          })),
        }
      : {}),
  }
}

/** Without the national id, which must not stand in a URL, and without what may be one. */
function understood(query: URLSearchParams): URLSearchParams {
  const self = new URLSearchParams(query)
  self.delete('patient.identifier')
  const id = self.get('_id')
  if (id !== null && !isUuid(id)) self.set('_id', '')
  return self
}

/** The next page names the citizen by the reference that the events of this one do. */
function next(
  exchange: Exchange,
  call: Call,
  subjectId: string | undefined,
  last: StoredAudit | undefined,
): URLSearchParams | undefined {
  if (!last) return undefined
  const more = understood(call.query)
  more.delete('_cursor')
  if (subjectId) more.set('patient', `Patient/${subjectId}`)
  return withCursor(exchange, call, more, { at: last.recorded_us, id: last.audit_id })
}

function readEntry(
  exchange: Exchange,
  { requester, requestId, id }: Call,
  subjectId: string | undefined,
): AuditEntry {
  return {
    v: 1,
    id: exchange.newId(),
    kind: 'audit-read',
    at: exchange.now().toISOString(),
    outcome: 'success',
    client: requester.clientId,
    organization: requester.organizationId,
    purposeOfUse: requester.purposeOfUse,
    interaction: id ? 'read' : 'search-type',
    requestId,
    ...(subjectId && subjectId !== NOBODY ? { subject: subjectId } : {}),
  }
}
