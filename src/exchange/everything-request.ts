/** What is asked of `$everything`. https://hl7.org/fhir/R4/operation-patient-everything.html */
import type { DateClauses } from '#fhir/date-search.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Call } from './call.ts'
import { isLenient } from './handling.ts'
import { readInstant } from './history-request.ts'
import { LIST_COUNT, readCount } from './page.ts'

export interface EverythingRequest {
  readonly types: readonly string[] | undefined
  readonly lastUpdated: DateClauses
  readonly count: number
  readonly cursor: string | undefined
  /** The query as it was understood, without the cursor. */
  readonly self: string
}

const PARAMETERS = ['_type', '_since', '_count', '_cursor']

export function readEverythingRequest(call: Pick<Call, 'query' | 'header'>): EverythingRequest {
  const { query } = call
  for (const name of query.keys()) {
    if (PARAMETERS.includes(name)) {
      if (query.getAll(name).length > 1)
        throw new GatewayError({ code: 'parameter-invalid', expression: name, text: 'send it once' })
    } else if (!isLenient(call) || name.includes(':')) {
      const text = `known parameters of \`$everything\` are ${PARAMETERS.join(', ')}`
      throw new GatewayError({ code: 'parameter-unknown', text })
    }
  }
  const understood = new URLSearchParams()
  for (const name of ['_type', '_since', '_count']) {
    const value = query.get(name)
    if (value !== null) understood.set(name, value)
  }
  const since = readInstant('_since', query.get('_since'))?.getTime()
  return {
    types: query.get('_type')?.split(','),
    lastUpdated: since === undefined ? [] : [[{ prefix: 'ge', from: since, until: since + 1 }]],
    count: readCount(query.get('_count'), LIST_COUNT),
    cursor: query.get('_cursor') ?? undefined,
    self: understood.toString(),
  }
}
