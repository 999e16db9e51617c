/** What is asked of a history, read as strictly as a search. https://hl7.org/fhir/R4/http.html#history */
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Call } from './call.ts'
import { isLenient } from './handling.ts'
import { LIST_COUNT, readCount } from './page.ts'

export interface HistoryRequest {
  readonly count: number
  readonly since: Date | undefined
  readonly cursor: string | undefined
  /** The query as it was understood, without the cursor. */
  readonly self: string
}

const PARAMETERS = ['_count', '_since', '_cursor']
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

export function readHistoryRequest(call: Pick<Call, 'query' | 'header'>): HistoryRequest {
  const { query } = call
  for (const name of query.keys()) {
    if (!PARAMETERS.includes(name) && !isLenient(call)) {
      throw new GatewayError({
        code: 'parameter-unknown',
        text: `known parameters of a history are ${PARAMETERS.join(', ')}`,
      })
    }
    if (PARAMETERS.includes(name) && query.getAll(name).length > 1) throw invalid(name, 'send it once')
  }
  const understood = new URLSearchParams()
  for (const name of ['_since', '_count']) {
    const value = query.get(name)
    if (value !== null) understood.set(name, value)
  }
  return {
    count: readCount(query.get('_count'), LIST_COUNT),
    since: readInstant('_since', query.get('_since')),
    cursor: query.get('_cursor') ?? undefined,
    self: understood.toString(),
  }
}

export function readInstant(name: string, text: string | null): Date | undefined {
  if (text === null) return undefined
  const at = INSTANT.test(text) ? new Date(text) : undefined
  if (at && !Number.isNaN(at.getTime())) return at
  throw invalid(name, 'write an instant with its zone, such as `2026-01-31T00:00:00Z`')
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
