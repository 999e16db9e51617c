/**
 * Pages of what grows at its end, such as a log: newest first, and where the next one starts, sealed like every cursor.
 * https://hl7.org/fhir/R4/http.html#paging
 */
import type { Call, Exchange } from './call.ts'
import { cursorTo, readCursor } from './cursor.ts'

export interface LogPlace {
  /** Of the last row of the page before, in microseconds since 1970. */
  readonly at: number
  readonly id: string
}

/** After which row this page starts. @throws GatewayError for a cursor of another question or another client. */
export function placeAsked(exchange: Pick<Exchange, 'seal'>, call: Call): LogPlace | undefined {
  const place = readCursor(call.query.get('_cursor') ?? undefined, useOf(exchange, call, call.query))
  return place && { at: Number(place.key), id: place.id }
}

/** The query of the next page: it names the citizen by reference, which the question it is bound to therefore does. */
export function withCursor(
  exchange: Pick<Exchange, 'seal'>,
  call: Call,
  query: URLSearchParams,
  { at, id }: LogPlace,
): URLSearchParams {
  const next = new URLSearchParams(query)
  next.set('_cursor', cursorTo({ key: String(at), id }, useOf(exchange, call, query)))
  return next
}

function useOf({ seal }: Pick<Exchange, 'seal'>, { requester, resourceType }: Call, query: URLSearchParams) {
  const question = [...query]
    .filter(([name]) => name !== '_cursor')
    .map(([name, value]) => `${name}=${value}`)
  return { seal, requester, resourceType, question: question.toSorted() }
}
