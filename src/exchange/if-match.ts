import { GatewayError } from '#fhir/gateway-error.ts'
import type { Call } from './call.ts'

/** The version that a write is made from, if its sender says. https://hl7.org/fhir/R4/http.html#concurrency */
export function readIfMatch({ header }: Pick<Call, 'header'>): string | undefined {
  const value = header('if-match')
  if (value === undefined) return undefined
  const version = /^W\/"([^"]+)"$/.exec(value)?.[1]
  if (!version) {
    throw new GatewayError({
      code: 'parameter-invalid',
      expression: 'http:If-Match',
      text: 'write the ETag as it was answered: `W/"<version>"`',
    })
  }
  return version
}
