/**
 * Fetches a small JSON document, such as a client's JWKS, through the guard that deliveries go through: checked addresses,
 * no redirect, one clock, and no more bytes than are asked for. OWASP API7:2023 (server side request forgery).
 */
import { Agent, request } from 'undici'
import { within } from './deadline.ts'
import { EgressError } from './egress-error.ts'
import type { EgressPolicy } from './egress-policy.ts'
import { faultOf } from './fault-of.ts'
import { createGuardedConnect } from './guarded-connect.ts'
import { parseTargetUrl } from './target-url.ts'

export interface JsonFetcher {
  /** Only what was answered with 200, as JSON, and whole. @throws EgressError */
  getJson(url: string): Promise<unknown>
  close(): Promise<void>
}

/** In total: name, connection and the whole answer. A client waits for its token meanwhile. */
const TIMEOUT_MS = 5_000
const LIMIT_BYTES = 64 * 1024
const MAX_HEADER_BYTES = 8 * 1024
const MAX_URL_CHARS = 2_048
/** `application/json`, `application/jwk-set+json`: a page is not read as keys, whatever is in it. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:$|[ ;])/i

export function createJsonFetcher(policy: EgressPolicy): JsonFetcher {
  const agent = new Agent({
    connect: createGuardedConnect(policy),
    connections: 2,
    maxOrigins: 1_000,
    maxHeaderSize: MAX_HEADER_BYTES,
    pipelining: 1,
    allowH2: false,
    // One clock: the total deadline. undici's own would be restarted by every byte of a dripping answer.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    async getJson(text) {
      if (text.length > MAX_URL_CHARS) throw new EgressError('blocked', 'the URL is too long')
      const { origin, path, hostname } = parseTargetUrl(text, policy)
      return within(TIMEOUT_MS, hostname, (signal) => fetchJson(agent, origin + path, hostname, signal))
    },
    close: () => agent.destroy(),
  }
}

async function fetchJson(agent: Agent, url: string, host: string, signal: AbortSignal): Promise<unknown> {
  try {
    const headers = { accept: 'application/json', 'accept-encoding': 'identity' }
    const answer = await request(url, { dispatcher: agent, method: 'GET', headers, signal })
    const fault = faultIn(answer.statusCode, answer.headers)
    if (fault !== undefined) {
      // Unread, it would keep the connection. That it was broken off is an event of the stream as well, and no news.
      answer.body.on('error', () => undefined).destroy()
      throw new EgressError('protocol', `\`${host}\` ${fault}`)
    }
    return JSON.parse(await readWhole(answer.body, host)) as unknown
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new EgressError('protocol', `what \`${host}\` answered is not JSON`)
    throw faultOf(error, host)
  }
}

function faultIn(status: number, headers: Readonly<Record<string, string | string[] | undefined>>) {
  if (status !== 200) return `answered ${status}, and 200 alone is read: redirects are not followed`
  const { 'content-type': type, 'content-encoding': encoding } = headers
  if (typeof type !== 'string' || !JSON_TYPE.test(type))
    return 'answered with a Content-Type that is not JSON'
  return encoding === undefined || encoding === 'identity'
    ? undefined
    : 'answered compressed, which was not asked for'
}

/** Half a key set is none: unlike an answer that is kept for people, it is refused when it is too long. */
async function readWhole(body: AsyncIterable<unknown>, host: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    size += chunk.length
    if (size > LIMIT_BYTES)
      throw new EgressError('too-large', `what \`${host}\` answered is longer than 64 kB`)
    chunks.push(chunk)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
}
