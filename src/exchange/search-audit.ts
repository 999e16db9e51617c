/** The privacy officer's question: what happened to this citizen's data? Reading the log is itself logged. */
import type { AuditEvent, Bundle } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { renderAuditEvent } from '#audit/audit-event.ts'
import { reasons, type ReasonCode } from '#consent/decision.ts'
import { explain } from '#consent/explain.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import { appendAudit, type AuditQuery, searchAudit, type StoredAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import { organizationsById } from '#store/organizations.ts'
import { findSubject } from '#store/persons.ts'
import { isUuid, notFound } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { type DateBounds, narrowed, readDateBound } from './date-bound.ts'

const DEFAULT_COUNT = 100
const MAX_COUNT = 500
const PARAMETERS = ['patient', 'patient.identifier', '_id', 'date', 'outcome', '_count', 'cursor']

/** No event has the nil id, and no citizen. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

export async function searchAuditEvents(exchange: Exchange, call: Call): Promise<Answer> {
  refuseUnknown(call.query)
  const count = readCount(call.query.get('_count'))
  return exchange.database.transaction(async (tx) => {
    const subjectId = await subjectAsked(tx, exchange, call)
    const asked: AuditQuery = {
      organizationId: call.requester.organizationId,
      limit: count + 1,
      ...(subjectId ? { subjectId } : {}),
      ...idAsked(call.query.get('_id')),
      ...outcomeAsked(call.query.get('outcome')),
      ...datesAsked(call.query.getAll('date')),
      ...cursorAsked(call.query.get('cursor')),
    }
    const found = await searchAudit(tx, asked)
    await appendAudit(tx, [auditRow(readEntry(exchange, call, subjectId))])
    const page = found.slice(0, count)
    const events = await rendered(tx, exchange, call, page)
    const last = found.length > count ? page.at(-1) : undefined
    return { status: 200, nonClinical: bundleOf(exchange, call, events, next(call, subjectId, last)) }
  })
}

export async function readAuditEvent(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = call
  if (!isUuid(id)) throw notFound()
  return exchange.database.transaction(async (tx) => {
    const found = await searchAudit(tx, { organizationId: call.requester.organizationId, id, limit: 1 })
    await appendAudit(tx, [auditRow(readEntry(exchange, call, undefined))])
    const [event] = await rendered(tx, exchange, call, found)
    return event ? { status: 200, nonClinical: event } : { status: 404, nonClinical: notFound().outcome }
  })
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
  { query }: Call,
  subjectId: string | undefined,
  last: StoredAudit | undefined,
): URLSearchParams | undefined {
  if (!last) return undefined
  const more = understood(query)
  if (subjectId) more.set('patient', `Patient/${subjectId}`)
  more.set('cursor', cursorOf(last))
  return more
}

async function subjectAsked(
  tx: Transaction,
  { seal }: Exchange,
  { query, queryInUrl }: Call,
): Promise<string | undefined> {
  const nationalId = query.get('patient.identifier')
  if (nationalId !== null) {
    if (queryInUrl)
      throw invalid(
        'patient.identifier',
        'a national id must not stand in a URL: send it in the form body of `POST …/_search`',
      )
    const at = nationalId.indexOf('|')
    const identifier = readPersonIdentifier(
      nationalId.slice(0, Math.max(at, 0)),
      nationalId.slice(at + 1),
      'patient.identifier',
    )
    return (await findSubject(tx, seal, identifier)) ?? NOBODY
  }
  const reference = query.get('patient')
  if (reference === null) return undefined
  const id = reference.replace(/^Patient\//, '')
  if (!isUuid(id))
    throw invalid(
      'patient',
      'a `Patient/…` reference is needed; to ask by national id, POST `patient.identifier` to `_search`',
    )
  return id
}

function idAsked(id: string | null): { id?: string } {
  return id === null ? {} : { id: isUuid(id) ? id : NOBODY }
}

function outcomeAsked(outcome: string | null): { outcome?: 'success' | 'refused' } {
  if (outcome === null) return {}
  if (outcome === '0') return { outcome: 'success' }
  if (outcome === '8') return { outcome: 'refused' }
  throw invalid('outcome', 'ask for `0` (done, permitted) or `8` (refused, denied)')
}

function datesAsked(dates: readonly string[]): DateBounds {
  let asked: DateBounds = {}
  for (const date of dates) {
    const bound = readDateBound(date)
    if (!bound)
      throw invalid(
        'date',
        'write a prefix ge, gt, le or lt and a date, or an instant with its zone, such as `ge2026-01-31T00:00:00Z`',
      )
    asked = narrowed(asked, bound)
  }
  return asked
}

function readCount(count: string | null): number {
  if (count === null) return DEFAULT_COUNT
  if (!/^[1-9]\d{0,2}$/.test(count) || Number(count) > MAX_COUNT)
    throw invalid('_count', `ask for 1 to ${MAX_COUNT}`)
  return Number(count)
}

/** Where the next page starts; it tells nothing that the page before did not. */
function cursorOf({ recorded_us, audit_id }: StoredAudit): string {
  return Buffer.from(`${recorded_us} ${audit_id}`).toString('base64url')
}

function cursorAsked(cursor: string | null): { before?: { recordedUs: number; id: string } } {
  if (cursor === null) return {}
  const [, recordedUs, id] =
    /^(\d{1,16}) ([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (!recordedUs || !isUuid(id)) throw invalid('cursor', 'repeat the cursor of the `next` link as it was')
  return { before: { recordedUs: Number(recordedUs), id } }
}

/** A filter that were ignored, or overruled by another of its name, would answer more than was asked for. */
function refuseUnknown(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (!PARAMETERS.includes(name)) {
      throw new GatewayError({
        code: 'parameter-unknown',
        text: `known parameters of AuditEvent are ${PARAMETERS.join(', ')}`,
      })
    }
    if (name !== 'date' && query.getAll(name).length > 1) throw invalid(name, 'send it once')
  }
  if (query.has('patient') && query.has('patient.identifier'))
    throw invalid('patient', 'name one citizen, once')
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
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
