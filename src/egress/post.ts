import { Agent, request } from 'undici'
import { readRetryAfter, readStart } from './answer.ts'
import { within } from './deadline.ts'
import type { EgressPolicy } from './egress-policy.ts'
import { faultOf } from './fault-of.ts'
import { createGuardedConnect } from './guarded-connect.ts'
import { readHeaders } from './request-headers.ts'
import { parseTargetUrl } from './target-url.ts'
import type { TargetUrl } from './target-url.ts'

export { EgressError } from './egress-error.ts'
export type { EgressPolicy } from './egress-policy.ts'

/** The one place that opens a connection to a recipient. OWASP API7:2023 (server side request forgery). */
export interface Egress {
  /** Any status is an answer, 3xx included: redirects are never followed. @throws EgressError */
  post(target: Target, body: string): Promise<Answer>
  /** Ends what is under way with `closed`. */
  close(): Promise<void>
}

interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** In total: name, connection, sending and the whole answer. */
  readonly timeoutMs: number
}

interface Answer {
  readonly status: number
  readonly retryAfterMs?: number
  /** At most 64 KB, for the handshake and for people. */
  readonly bodyStart: string
}

/** A batch of 32 notifications to one recipient goes out in a few rounds, and no recipient sees more of us at once. */
const CONNECTIONS_PER_ORIGIN = 16

/** Each with its pool: far more recipients than a gateway has, and a bound on memory. */
const MAX_ORIGINS = 10_000

/** Of the answer; nothing that we read there is long. */
const MAX_HEADER_BYTES = 8 * 1024

/** Node's own default of a server; a server that says otherwise in `Keep-Alive` is believed, up to a minute. */
const KEEP_ALIVE_MS = 4_000
const KEEP_ALIVE_MAX_MS = 60_000

export function createEgress(policy: EgressPolicy): Egress {
  const agent = new Agent({
    connect: createGuardedConnect(policy),
    connections: policy.connectionsPerOrigin ?? CONNECTIONS_PER_ORIGIN,
    maxOrigins: MAX_ORIGINS,
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    pipelining: 1,
    allowH2: false,
    // One clock: the total deadline. undici's own would be restarted by every byte of a dripping answer.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    async post(target, body) {
      const url = parseTargetUrl(target.url, policy)
      const headers = readHeaders(target.headers)
      return within(target.timeoutMs, url.hostname, (signal) =>
        exchange(agent, url, { headers, body, signal }),
      )
    },
    close: () => agent.destroy(),
  }
}

interface Sent {
  readonly headers: Record<string, string>
  readonly body: string
  readonly signal: AbortSignal
}

async function exchange(agent: Agent, url: TargetUrl, sent: Sent): Promise<Answer> {
  try {
    const answer = await request(url.origin + url.path, { dispatcher: agent, method: 'POST', ...sent })
    return {
      status: answer.statusCode,
      ...readRetryAfter(answer.headers['retry-after'], Date.now()),
      bodyStart: await readStart(answer.body),
    }
  } catch (error) {
    throw faultOf(error, url.hostname)
  }
}
