/** A query to the audit log, read as strictly as one for records. https://hl7.org/fhir/R4/auditevent.html#search */
import { AUDIT_ENTITY } from '#audit/audit-event.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { NamedSubject } from '#intake/subject.ts'
import type { AuditQuery } from '#store/audit-log.ts'
import { isUuid } from './is-uuid.ts'
import type { Call, Exchange } from './call.ts'
import { citizenAsked, NOBODY } from './citizen-asked.ts'
import { type DateBounds, narrowed, readDateBound } from './date-bound.ts'
import { placeAsked } from './log-page.ts'
import { readCount } from './page.ts'

const PARAMETERS = [
  'patient',
  'patient.identifier',
  '_id',
  'date',
  'outcome',
  'entity-type',
  '_count',
  '_cursor',
]

export interface AuditRequest {
  readonly count: number
  readonly citizen: NamedSubject | undefined
  readonly filters: Pick<AuditQuery, 'id' | 'outcome' | 'from' | 'until' | 'before' | 'overridesOnly'>
}

export function readAuditRequest(exchange: Pick<Exchange, 'seal'>, call: Call): AuditRequest {
  const { query } = call
  refuseUnknown(query)
  const start = placeAsked(exchange, call)
  return {
    count: readCount(query.get('_count')),
    citizen: citizenAsked(call),
    filters: {
      ...idAsked(query.get('_id')),
      ...outcomeAsked(query.get('outcome')),
      ...datesAsked(query.getAll('date')),
      ...entityTypeAsked(query.get('entity-type')),
      ...(start && { before: { recordedUs: start.at, id: start.id } }),
    },
  }
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

/** https://hl7.org/fhir/R4/auditevent.html#search, of which one value is served: broken glass. */
function entityTypeAsked(type: string | null): { overridesOnly?: true } {
  if (type === null) return {}
  if (type === 'override' || type === `${AUDIT_ENTITY}|override`) return { overridesOnly: true }
  throw invalid(
    'entity-type',
    `ask for \`${AUDIT_ENTITY}|override\`: the events in which the glass was broken`,
  )
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
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
