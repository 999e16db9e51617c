import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Attempted, nextAfter } from '#exchange/retry-schedule.ts'

const HOUR = 3_600_000
/** Before the second attempt, the third, and so on. https://www.standardwebhooks.com, delivery attempts. */
const WAITS_MS = [5_000, 300_000, 1_800_000, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]

const statuses = fc.integer({ min: 100, max: 599 })
const attempted: fc.Arbitrary<Attempted> = fc.oneof(
  fc.record(
    { status: statuses, retryAfterMs: fc.integer({ min: -1_000, max: 10 ** 9 }) },
    { requiredKeys: ['status'] },
  ),
  fc.record({ failure: fc.constantFrom('timeout' as const, 'unreachable' as const, 'blocked' as const) }),
)

test('ten attempts over 75 h 35 m 5 s, without jitter', () => {
  const waits = WAITS_MS.map((_, i) => nextAfter(i + 1, { status: 503 }, 0.5))
  expect(waits).toEqual(WAITS_MS.map((inMs) => ({ kind: 'retry', inMs, reason: 'http-503' })))
  expect(WAITS_MS.reduce((sum, wait) => sum + wait, 0)).toBe(75 * HOUR + 35 * 60_000 + 5_000)
  expect(nextAfter(10, { status: 503 }, 0.5)).toEqual({ kind: 'dead', reason: 'http-503' })
})

// prettier-ignore
const cases: readonly { title: string; attempt: number; attempted: Attempted; jitter?: number; want: unknown }[] = [
  { title: '200', attempt: 1, attempted: { status: 200 }, want: { kind: 'delivered' } },
  { title: '299', attempt: 10, attempted: { status: 299 }, want: { kind: 'delivered' } },
  { title: '199 is no success', attempt: 1, attempted: { status: 199 }, want: { kind: 'retry', inMs: 5_000, reason: 'http-199' } },
  { title: '300 is not followed', attempt: 1, attempted: { status: 300 }, want: { kind: 'retry', inMs: 5_000, reason: 'http-300' } },
  { title: '410 ends the subscription, at the first attempt', attempt: 1, attempted: { status: 410 }, want: { kind: 'gone' } },
  { title: '400 at the second attempt', attempt: 2, attempted: { status: 400 }, want: { kind: 'retry', inMs: 300_000, reason: 'http-400' } },
  { title: '400 at the third: it is about the item', attempt: 3, attempted: { status: 400 }, want: { kind: 'dead', reason: 'http-400' } },
  { title: '499 at the third', attempt: 3, attempted: { status: 499 }, want: { kind: 'dead', reason: 'http-499' } },
  { title: '500 at the third', attempt: 3, attempted: { status: 500 }, want: { kind: 'retry', inMs: 1_800_000, reason: 'http-500' } },
  { title: '408 is about the moment', attempt: 3, attempted: { status: 408 }, want: { kind: 'retry', inMs: 1_800_000, reason: 'http-408' } },
  { title: '425 is about the moment', attempt: 3, attempted: { status: 425 }, want: { kind: 'retry', inMs: 1_800_000, reason: 'http-425' } },
  { title: '429 waits a minute at least', attempt: 1, attempted: { status: 429 }, want: { kind: 'retry', inMs: 60_000, reason: 'http-429' } },
  { title: '429 is about the moment', attempt: 3, attempted: { status: 429 }, want: { kind: 'retry', inMs: 1_800_000, reason: 'http-429' } },
  { title: 'a timeout waits a minute at least', attempt: 1, attempted: { failure: 'timeout' }, want: { kind: 'retry', inMs: 60_000, reason: 'timeout' } },
  { title: 'an endpoint that is away', attempt: 1, attempted: { failure: 'unreachable' }, want: { kind: 'retry', inMs: 5_000, reason: 'unreachable' } },
  { title: 'an address that is blocked, at the last attempt', attempt: 10, attempted: { failure: 'blocked' }, want: { kind: 'dead', reason: 'blocked' } },
  { title: 'Retry-After within the wait changes nothing', attempt: 2, attempted: { status: 503, retryAfterMs: 299_999 }, want: { kind: 'retry', inMs: 300_000, reason: 'http-503' } },
  { title: 'Retry-After beyond the wait is obeyed', attempt: 2, attempted: { status: 503, retryAfterMs: 400_000 }, want: { kind: 'retry', inMs: 400_000, reason: 'http-503' } },
  { title: 'Retry-After counts twice the wait at most', attempt: 2, attempted: { status: 503, retryAfterMs: 600_001 }, want: { kind: 'retry', inMs: 600_000, reason: 'http-503' } },
  { title: 'the least jitter', attempt: 2, attempted: { status: 503 }, jitter: 0, want: { kind: 'retry', inMs: 240_000, reason: 'http-503' } },
  { title: 'the most jitter', attempt: 2, attempted: { status: 503 }, jitter: 1, want: { kind: 'retry', inMs: 360_000, reason: 'http-503' } },
]
test.for(cases)('$title', ({ attempt, attempted: found, jitter = 0.5, want }) => {
  expect(nextAfter(attempt, found, jitter)).toEqual(want)
})

describe('promises', () => {
  const jitter = fc.double({ min: 0, max: 1, noNaN: true })
  const attempt = fc.integer({ min: 1, max: 12 })

  test('a wait is never shorter than 80 % of its step, nor longer than twice it or a minute', () => {
    fc.assert(
      fc.property(attempt, attempted, jitter, (n, found, j) => {
        const next = nextAfter(n, found, j)
        if (next.kind !== 'retry') return
        const step = WAITS_MS[n - 1] ?? 0
        expect(next.inMs).toBeGreaterThanOrEqual(step * 0.8)
        expect(next.inMs).toBeLessThanOrEqual(Math.max(2 * step, 60_000))
      }),
    )
  })

  test('it always ends: after ten attempts nothing is tried again, and only 2xx is delivered', () => {
    fc.assert(
      fc.property(attempt, attempted, jitter, (n, found, j) => {
        const { kind } = nextAfter(n, found, j)
        if (n >= 10) expect(kind).not.toBe('retry')
        const is2xx = 'status' in found && found.status >= 200 && found.status < 300
        expect(kind === 'delivered').toBe(is2xx)
      }),
    )
  })
})
