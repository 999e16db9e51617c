/** How many entries a page has. https://hl7.org/fhir/R4/search.html#count */
import { GatewayError } from '#fhir/gateway-error.ts'

/** Of a log, and of records, each of which costs a decision. */
const LOG_COUNT = 100
export const LIST_COUNT = 20
const MAX_COUNT = 500

export function readCount(count: string | null, fallback = LOG_COUNT): number {
  if (count === null) return fallback
  if (!/^[1-9]\d{0,2}$/.test(count) || Number(count) > MAX_COUNT)
    throw invalid('_count', `ask for 1 to ${MAX_COUNT}`)
  return Number(count)
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
