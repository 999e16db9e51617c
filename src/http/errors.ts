/** The one place where an error becomes an HTTP answer: an OperationOutcome, never HTML, never a stack. */
import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler } from 'express'
import { tokenChallenge } from '#auth/requester.ts'
import { GatewayError, toOperationOutcome } from '#fhir/gateway-error.ts'

/** Long enough for a database to restart, short enough that a sender's queue does not grow. */
const RETRY_AFTER_S = 5

export interface ErrorOptions {
  readonly onUnexpected: (error: unknown, requestId: string) => void
}

export function errorHandler({ onUnexpected }: ErrorOptions): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const gatewayError = asGatewayError(error)
    if (gatewayError.status >= 500) onUnexpected(error, String(response.locals['requestId'] ?? ''))
    answerError(response, gatewayError)
  }
}

export function answerError(response: ServerResponse, error: GatewayError): void {
  response.statusCode = error.status
  if (error.status === 401) response.setHeader('WWW-Authenticate', tokenChallenge(error))
  if (error.status === 503 && !response.hasHeader('Retry-After'))
    response.setHeader('Retry-After', String(RETRY_AFTER_S))
  response.setHeader('Content-Type', 'application/fhir+json; charset=utf-8')
  response.end(JSON.stringify(toOperationOutcome(error)))
}

export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const status = statusOf(error)
  // What Express and its body parser refuse before we see it.
  if (status === 413)
    return new GatewayError(
      {
        code: 'body-too-large',
        text:
          limitOf(error) < 1024 * 1024
            ? `the form is larger than ${limitOf(error) / 1024} kB; ask for less at a time`
            : 'the body is larger than 2 MB; send it in parts, or without attachments',
      },
      { cause: error },
    )
  if (status === 415)
    return new GatewayError(
      {
        code: 'media-type-unsupported',
        expression: 'http:Content-Encoding',
        text: 'compressed bodies are not read; send it plain',
      },
      { cause: error },
    )
  if (status !== undefined && status >= 400 && status < 500) {
    return new GatewayError(
      {
        code: 'request-malformed',
        text: 'the request could not be read; check its address, length and encoding',
      },
      { cause: error },
    )
  }
  return new GatewayError(
    {
      code: 'internal',
      text: 'the gateway failed, nothing was stored; report the X-Request-Id of this answer to its operator',
    },
    { cause: error },
  )
}

/** Of the body's reader, in bytes; what it does not tell is the larger one. */
function limitOf(error: unknown): number {
  const limit = error instanceof Error && 'limit' in error ? error.limit : undefined
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  return 'status' in error && typeof error.status === 'number' ? error.status : undefined
}
