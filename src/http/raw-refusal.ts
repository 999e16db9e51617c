/** What Node refuses before there is a request to route, as the OperationOutcome that every other refusal is. */
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { type ErrorCode, GatewayError, toOperationOutcome } from '#fhir/gateway-error.ts'

const texts = {
  'request-malformed':
    'this is no HTTP/1.1 request that can be read in one way; send it through an HTTP client',
  'request-timeout': 'the request did not arrive whole in time; send it again',
  'headers-too-large':
    'the headers are larger than 16 kB together; leave out those that are not needed, such as cookies',
  'body-too-large': 'the chunks of the body carry more extensions than content; send them without',
  'method-not-allowed': 'no tunnel is opened here; send the request itself',
} as const satisfies Partial<Record<ErrorCode, string>>

export type RawRefusal = keyof typeof texts

/** The codes are those of llhttp and of Node's server: https://nodejs.org/api/errors.html#nodejs-error-codes */
export function refusalOf(error: Error): RawRefusal {
  const code = 'code' in error ? error.code : undefined
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout'
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers-too-large'
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 'body-too-large'
  return 'request-malformed'
}

/** Status line, headers and body as they go on the wire; the connection ends after them. */
export function rawRefusal(code: RawRefusal): string {
  const error = new GatewayError({ code, text: texts[code] })
  const body = JSON.stringify(toOperationOutcome(error))
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'Content-Type: application/fhir+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${randomUUID()}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
