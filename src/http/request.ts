/** What every request has: an id that is safe to log, its body as bytes, and who sends it. */
import { randomUUID } from 'node:crypto'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { raw } from 'express'
import type { Requester, TokenVerifier } from '#auth/requester.ts'
import { allows, allowsAll, type ScopeInteraction } from '#auth/scopes.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { clientAddress } from './client-address.ts'
import { isR4, isUtf8, type MediaType, readMediaType } from './media-type.ts'

/** A record or a bundle of a sector stays far below it. */
const BODY_LIMIT_BYTES = 2 * 1024 * 1024
/** A form holds search parameters, or a client assertion of some kB. */
const FORM_LIMIT_BYTES = 64 * 1024

/** A request id of the client's is kept only when nothing but an id can be in it. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/

/** Eight digits in a row may be a birth date, ten a national id. */
const DIGITS = /\d{6}/

export interface RequestLocals {
  requestId: string
  /** Of the route's template, never the URL: what logs and metrics call the request. */
  route: string
  requester?: Requester
}

export function locals(response: Response): RequestLocals {
  return response.locals as RequestLocals
}

/** Sets the id, and headers that hold for every answer: nothing of it may be kept by a cache. */
export function identify(request: Request, response: Response, next: NextFunction): void {
  const sent = request.get('x-request-id')
  const usable = sent !== undefined && REQUEST_ID.test(sent) && (isUuidShaped(sent) || !DIGITS.test(sent))
  const requestId = usable ? sent : randomUUID()
  Object.assign(response.locals, { requestId, route: 'unmatched' } satisfies RequestLocals)
  response.setHeader('X-Request-Id', requestId)
  response.setHeader('Cache-Control', 'no-store')
  // For whatever keeps it all the same: the answer is for this token, in the form that was asked for.
  response.setHeader('Vary', 'Accept, Authorization')
  next()
}

function isUuidShaped(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}

/** Inflating is off: a few bytes could become many. */
const bytes: RequestHandler = raw({ type: () => true, limit: BODY_LIMIT_BYTES, inflate: false })
const formBytes: RequestHandler = raw({ type: () => true, limit: FORM_LIMIT_BYTES, inflate: false })

/** @throws what Express's reader throws: too large, compressed, or broken off. */
export async function readBody(
  request: Request,
  response: Response,
  kind: 'form' | 'message' = 'message',
): Promise<Uint8Array> {
  // The client waits for the word: https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
  if (request.headers.expect !== undefined) response.writeContinue()
  const read = kind === 'form' ? formBytes : bytes
  await new Promise<void>((resolve, reject) => {
    read(request, response, (error?: unknown) => {
      if (error instanceof Error) reject(error)
      else resolve()
    })
  })
  const body: unknown = request.body
  return body instanceof Uint8Array ? body : new Uint8Array()
}

/** All of it: a second `?` is a character like any other (https://www.rfc-editor.org/rfc/rfc3986#section-3.4). */
export function queryOf(request: Request): string {
  const at = request.originalUrl.indexOf('?')
  return at < 0 ? '' : request.originalUrl.slice(at + 1)
}

export function requireMediaType(request: Request, mediaTypes: readonly string[]): void {
  const sent = request.get('content-type') ?? ''
  const found = readMediaType(sent)
  if (found === undefined || !mediaTypes.includes(found.type)) {
    const what = sent === '' ? 'no Content-Type was sent' : 'this Content-Type is not read here'
    throw unsupported(`${what}; send ${mediaTypes.map((type) => `\`${type}\``).join(' or ')}`)
  }
  // An HL7 v2 message names its character set itself, in MSH-18.
  if (!isJsonOrForm(found)) return
  if (!isUtf8(found)) throw unsupported('this charset is not read; send UTF-8')
  if (!isR4(found)) throw unsupported('this fhirVersion is not read; send FHIR 4.0')
}

function isJsonOrForm({ type }: MediaType): boolean {
  return /[/+](json|x-www-form-urlencoded)$/.test(type)
}

function unsupported(text: string): GatewayError {
  return new GatewayError({ code: 'media-type-unsupported', expression: 'http:Content-Type', text })
}

export function requireBody(body: Uint8Array): void {
  if (body.length === 0)
    throw new GatewayError({
      code: 'body-empty',
      text: 'the body is empty; send the message or resource in it',
    })
}

export async function authenticate(
  verifier: TokenVerifier,
  request: Request,
  response: Response,
): Promise<Requester> {
  const requester = await verifier.authenticate({
    authorization: request.get('authorization'),
    dpop: request.get('dpop'),
    method: request.method,
    path: request.originalUrl.split('?', 1)[0] ?? '',
    address: clientAddress(request),
    requestId: locals(response).requestId,
  })
  locals(response).requester = requester
  return requester
}

export function requireScope(
  requester: Requester,
  resourceType: string,
  interaction: ScopeInteraction,
  whole = false,
): void {
  if ((whole ? allowsAll : allows)(requester.scopes, resourceType, interaction)) return
  throw new GatewayError({
    code: 'scope-insufficient',
    text: `this needs the scope \`system/${resourceType}.${interaction}\`; ask the token endpoint for it, or the operator to register it for your client`,
  })
}
