/** A query to the audit log, read as strictly as one for records. https://hl7.org/fhir/R4/auditevent.html#search */
import { GatewayError } from '#fhir/gateway-error.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { NamedSubject } from '#intake/subject.ts'
import type { AuditQuery, StoredAudit } from '#store/audit-log.ts'
import { isUuid } from './access.ts'
import type { Call } from './call.ts'
import { type DateBounds, narrowed, readDateBound } from './date-bound.ts'

const DEFAULT_COUNT = 100
const MAX_COUNT = 500
const PARAMETERS = ['patient', 'patient.identifier', '_id', 'date', 'outcome', '_count', 'cursor']

/** No event has the nil id, and no citizen. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

export interface AuditRequest {
  readonly count: number
  readonly citizen: NamedSubject | undefined
  readonly filters: Pick<AuditQuery, 'id' | 'outcome' | 'from' | 'until' | 'before'>
}

export function readAuditRequest(call: Call): AuditRequest {
  const { query } = call
  refuseUnknown(query)
  return {
    count: readCount(query.get('_count')),
    citizen: citizenAsked(call),
    filters: {
      ...idAsked(query.get('_id')),
      ...outcomeAsked(query.get('outcome')),
      ...datesAsked(query.getAll('date')),
      ...cursorAsked(query.get('cursor')),
    },
  }
}

function citizenAsked({ query, queryInUrl }: Call): NamedSubject | undefined {
  const nationalId = query.get('patient.identifier')
  if (nationalId !== null) {
    if (queryInUrl)
      throw invalid(
        'patient.identifier',
        'a national id must not stand in a URL: send it in the form body of `POST …/_search`',
      )
    const at = nationalId.indexOf('|')
    const system = nationalId.slice(0, Math.max(at, 0))
    return { nationalId: readPersonIdentifier(system, nationalId.slice(at + 1), 'patient.identifier') }
  }
  const reference = query.get('patient')
  if (reference === null) return undefined
  const subjectId = reference.replace(/^Patient\//, '')
  if (isUuid(subjectId)) return { subjectId }
  throw invalid(
    'patient',
    'a `Patient/…` reference is needed; to ask by national id, POST `patient.identifier` to `_search`',
  )
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
export function cursorOf({ recorded_us, audit_id }: StoredAudit): string {
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
