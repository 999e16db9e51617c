/**
 * How much one caller may ask for: by address before anything of the request is believed, by client after its token. Kept
 * in the memory of this process, since what it protects is this process: two replicas let through twice as much. A shared
 * count would cost each request a round trip to Redis or a write to PostgreSQL, in the path that is to be protected.
 * A count says nothing about anybody's data: what a request costs depends on its kind alone.
 */
import type { Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { GatewayError } from '#fhir/gateway-error.ts'
import { clientAddress } from './client-address.ts'

/** Per minute, but for the last: requests of one client at a time. */
export interface Rates {
  readonly address: number
  readonly token: number
  readonly tokenRefused: number
  readonly client: number
  readonly clientConcurrency: number
}

export interface RateLimits {
  /** Before all routes but those of the operator's machines. */
  readonly byAddress: RequestHandler
  /** Before the token endpoint and its neighbours: of all requests, and of the refused ones. */
  readonly token: readonly RequestHandler[]
  /**
   * Counts a request of an authenticated client until its answer is over.
   * @throws GatewayError `rate-limited`
   */
  admit(response: Response, clientId: string, interaction: string): Promise<void>
  /**
   * Counts what an admitted request asks for beside itself: the entries of a Bundle.
   * @throws GatewayError `rate-limited`
   */
  charge(response: Response, clientId: string, interactions: readonly (string | undefined)[]): Promise<void>
}

const WINDOW_S = 60
/** One customer of an access provider has a /64 at least. */
const IPV6_PREFIX_BITS = 64
/** The operator's machines ask these, and must be answered when it matters most. */
const EXEMPT = /^\/(?:health\/(?:live|ready)|metrics)(?:\?|$)/

/** In reads: about what each costs in decisions and rows. What is not listed costs one. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'search-type': 3,
  'history-instance': 3,
  $everything: 10,
  $decide: 3,
  message: 2,
  batch: 10,
  transaction: 10,
}

export function weightOf(interaction: string): number {
  return WEIGHTS[interaction] ?? 1
}

export function createRateLimits(rates: Rates): RateLimits {
  const client = new RateLimiterMemory({ points: rates.client, duration: WINDOW_S })
  const underWay = new Map<string, number>()
  async function consume(response: Response, clientId: string, points: number): Promise<void> {
    const over = await client.consume(clientId, points).then(() => undefined, refusedBy)
    if (!over) return
    const afterS = Math.max(1, Math.ceil(over.msBeforeNext / 1_000))
    throw tooMany(response, { name: 'client', quota: rates.client, windowS: WINDOW_S, afterS })
  }

  return {
    byAddress: addressLimit('address', rates.address, {
      skip: ({ originalUrl }) => EXEMPT.test(originalUrl),
    }),
    token: [
      addressLimit('token', rates.token),
      addressLimit('token-refused', rates.tokenRefused, {
        skipSuccessfulRequests: true,
        requestWasSuccessful: (_request, { statusCode }) => statusCode < 400 || statusCode >= 500,
      }),
    ],
    async admit(response, clientId, interaction) {
      const busy = underWay.get(clientId) ?? 0
      if (busy >= rates.clientConcurrency)
        throw tooMany(response, {
          name: 'concurrency',
          quota: rates.clientConcurrency,
          windowS: 1,
          afterS: 1,
        })
      // Before anything is waited for, so that requests that come together count each other.
      occupy(underWay, response, clientId)
      await consume(response, clientId, weightOf(interaction))
    },
    async charge(response, clientId, interactions) {
      const points = interactions.reduce((sum, each) => sum + (each === undefined ? 0 : weightOf(each)), 0)
      if (points > 0) await consume(response, clientId, points)
    },
  }
}

/** Until the answer is over, or its connection. Of one that is gone already no end would be told: its place would never be free. */
function occupy(underWay: Map<string, number>, response: Response, clientId: string): void {
  if (response.closed) return
  underWay.set(clientId, (underWay.get(clientId) ?? 0) + 1)
  response.once('close', () => {
    const left = (underWay.get(clientId) ?? 1) - 1
    if (left === 0) underWay.delete(clientId)
    else underWay.set(clientId, left)
  })
}

function refusedBy(cause: unknown): RateLimiterRes {
  if (cause instanceof RateLimiterRes) return cause
  throw cause
}

type AddressOptions = Pick<
  NonNullable<Parameters<typeof rateLimit>[0]>,
  'skip' | 'skipSuccessfulRequests' | 'requestWasSuccessful'
>

function addressLimit(name: string, quota: number, options: AddressOptions = {}): RequestHandler {
  return rateLimit({
    ...options,
    windowMs: WINDOW_S * 1_000,
    limit: quota,
    // On a 429 alone: on every answer they would tell one client behind an address what the others do.
    standardHeaders: false,
    legacyHeaders: false,
    // It warns of forwarded headers that `client-address.ts` knows not to believe.
    validate: false,
    keyGenerator: (request) => ipKeyGenerator(clientAddress(request), IPV6_PREFIX_BITS),
    handler: (request: Request, response, next) => {
      next(tooMany(response, { name, quota, windowS: WINDOW_S, afterS: secondsLeft(request) }))
    },
  })
}

function secondsLeft(request: Request): number {
  const info: unknown = 'rateLimit' in request ? request.rateLimit : undefined
  const resetTime =
    typeof info === 'object' && info !== null && 'resetTime' in info ? info.resetTime : undefined
  const leftMs = resetTime instanceof Date ? resetTime.getTime() - Date.now() : WINDOW_S * 1_000
  return Math.max(1, Math.ceil(leftMs / 1_000))
}

interface Exceeded {
  readonly name: string
  readonly quota: number
  readonly windowS: number
  readonly afterS: number
}

/** Fields of https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-08, without a partition key. */
function tooMany(response: Response, { name, quota, windowS, afterS }: Exceeded): GatewayError {
  response.setHeader('Retry-After', String(afterS))
  response.setHeader('RateLimit-Policy', `"${name}";q=${quota};w=${windowS}`)
  response.setHeader('RateLimit', `"${name}";r=0;t=${afterS}`)
  return new GatewayError({
    code: 'rate-limited',
    text: 'more was asked for than one caller may; send the same request again after the seconds in Retry-After',
  })
}
