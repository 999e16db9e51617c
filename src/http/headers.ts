/**
 * What is refused by address line and headers alone, before a token, a parameter or a body is looked at. The promise: no
 * proxy before us read the same request in another way (https://www.rfc-editor.org/rfc/rfc9112#section-11.2).
 */
import type { NextFunction, Request, Response } from 'express'
import { GatewayError } from '#fhir/gateway-error.ts'

const MAX_URL_CHARS = 8_192
const MAX_HEADERS = 100

/** Node keeps the first of them, or the last, or joins them: whoever reads another one reads another request. */
const AT_MOST_ONCE: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'dpop',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'expect',
  'idempotency-key',
  'if-none-exist',
  'x-request-id',
])

export function guardHeaders(request: Request, response: Response, next: NextFunction): void {
  try {
    refuseAddress(request)
    refuseHeaders(request)
    refuseFraming(request)
  } catch (error) {
    // What follows on the connection may be the rest of what was not understood.
    response.shouldKeepAlive = false
    throw error
  }
  next()
}

function refuseAddress({ originalUrl, method }: Request): void {
  if (originalUrl.length > MAX_URL_CHARS) {
    throw new GatewayError({
      code: 'url-too-long',
      text: `the address has ${originalUrl.length} characters, ${MAX_URL_CHARS} are read; send a search as POST to \`_search\``,
    })
  }
  // `GET http://elsewhere/` is for proxies; `OPTIONS *` asks about no address and finds none.
  if (!originalUrl.startsWith('/') && !(method === 'OPTIONS' && originalUrl === '*'))
    throw malformed('the address must begin with `/`; this is no proxy')
}

function refuseHeaders({ rawHeaders, headers }: Request): void {
  if (rawHeaders.length / 2 > MAX_HEADERS) {
    throw new GatewayError({
      code: 'headers-too-large',
      text: `more than ${MAX_HEADERS} headers were sent; leave out those that are not needed`,
    })
  }
  const seen = new Set<string>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? ''
    if (seen.has(name) && AT_MOST_ONCE.has(name))
      throw malformed('a header came twice that may stand once; send it once', name)
    seen.add(name)
  }
  if (headers.host === undefined) throw malformed('no Host was sent; send one', 'host')
  const { expect } = headers
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    throw new GatewayError({
      code: 'expectation-unsupported',
      expression: 'http:Expect',
      text: 'only `100-continue` can be expected; leave the header out',
    })
  }
}

/** Content-Length beside Transfer-Encoding, and two lengths, end in Node's parser. */
function refuseFraming({ headers, httpVersion }: Request): void {
  const coding = headers['transfer-encoding']
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw malformed('send HTTP/1.1')
  if (coding === undefined) return
  if (httpVersion !== '1.1' || coding.toLowerCase() !== 'chunked')
    throw malformed(
      'a body is read by its length or as `chunked` in HTTP/1.1; send it so',
      'transfer-encoding',
    )
}

function malformed(text: string, header?: string): GatewayError {
  return new GatewayError({
    code: 'request-malformed',
    text,
    ...(header === undefined
      ? {}
      : { expression: `http:${header.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}` }),
  })
}
