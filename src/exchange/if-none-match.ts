import { GatewayError } from '#fhir/gateway-error.ts'
import type { Call } from './call.ts'

/** `If-None-Match: *` on a write: only if there is none yet. https://www.rfc-editor.org/rfc/rfc9110#field.if-none-match */
export function readIfNoneMatch({ header }: Pick<Call, 'header'>): boolean {
  const value = header('if-none-match')
  if (value === undefined) return false
  if (value.trim() === '*') return true
  throw new GatewayError({
    code: 'parameter-invalid',
    expression: 'http:If-None-Match',
    text: 'a write takes `*` here, which stores only what is not there yet; to replace a version that you know send `If-Match`',
  })
}
