/** Keyset pages of a log that grows: how many, and after which row. https://hl7.org/fhir/R4/http.html#paging */
import { GatewayError } from '#fhir/gateway-error.ts'
import { isUuid } from './is-uuid.ts'

/** Of a log, and of records, each of which costs a decision. */
const LOG_COUNT = 100
export const LIST_COUNT = 20
const MAX_COUNT = 500

export interface PageStart {
  /** Of the last row of the page before, in microseconds since 1970. */
  readonly at: number
  readonly id: string
}

export function readCount(count: string | null, fallback = LOG_COUNT): number {
  if (count === null) return fallback
  if (!/^[1-9]\d{0,2}$/.test(count) || Number(count) > MAX_COUNT)
    throw invalid('_count', `ask for 1 to ${MAX_COUNT}`)
  return Number(count)
}

/** Where the next page starts; it tells nothing that the page before did not. */
export function cursorOf({ at, id }: PageStart): string {
  return Buffer.from(`${at} ${id}`).toString('base64url')
}

export function readCursor(cursor: string | null): PageStart | undefined {
  if (cursor === null) return undefined
  const [, at, id] = /^(\d{1,16}) ([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (!at || !isUuid(id)) throw invalid('cursor', 'repeat the cursor of the `next` link as it was')
  return { at: Number(at), id }
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
