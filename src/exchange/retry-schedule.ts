/** When a delivery that failed is tried again: the schedule of Standard Webhooks, over 75 h 35 m. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Waiting time before the second attempt, the third, and so on: ten attempts in all. */
const WAITS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

/** A 4xx is about the item and will not change by itself. */
const CLIENT_ERROR_ATTEMPTS = 3
/** After 429 or a timeout the endpoint gets at least this long to recover. */
const BUSY_WAIT_MS = MINUTE

/** An answer's status, or that there was none. `stopped`: we ended the attempt ourselves. */
export type Attempted =
  | { readonly status: number; readonly retryAfterMs?: number }
  | { readonly failure: 'timeout' | 'unreachable' | 'blocked' | 'stopped' }

export type Next =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'retry'; readonly inMs: number; readonly reason: string }
  | { readonly kind: 'dead'; readonly reason: string }

/** `jitter` is a random number from 0 to 1: it spreads the wait by ±20 %. */
export function nextAfter(attempt: number, attempted: Attempted, jitter: number): Next {
  if ('status' in attempted && attempted.status >= 200 && attempted.status < 300) return { kind: 'delivered' }
  // 410: the endpoint says that it wants no more. A 3xx is a failure like any other: it is never followed.
  if ('status' in attempted && attempted.status === 410) return { kind: 'gone' }
  // The next worker goes on at once; it says nothing about the endpoint, so it never ends a delivery either.
  if ('failure' in attempted && attempted.failure === 'stopped')
    return { kind: 'retry', inMs: 0, reason: 'stopped' }
  const reason = 'status' in attempted ? `http-${attempted.status}` : attempted.failure
  const wait = WAITS_MS[attempt - 1]
  if (wait === undefined || (isAboutItem(attempted) && attempt >= CLIENT_ERROR_ATTEMPTS))
    return { kind: 'dead', reason }
  return { kind: 'retry', inMs: waitFor(attempted, wait, jitter), reason }
}

function waitFor(attempted: Attempted, wait: number, jitter: number): number {
  const spread = Math.round(wait * (0.8 + 0.4 * jitter))
  // Retry-After counts between one and two times the schedule's own wait.
  const asked = 'status' in attempted ? Math.min(Math.max(attempted.retryAfterMs ?? 0, 0), 2 * wait) : 0
  const busy =
    ('status' in attempted && attempted.status === 429) ||
    ('failure' in attempted && attempted.failure === 'timeout')
  return Math.max(spread, asked, busy ? BUSY_WAIT_MS : 0)
}

function isAboutItem(attempted: Attempted): boolean {
  return (
    'status' in attempted &&
    attempted.status >= 400 &&
    attempted.status < 500 &&
    ![408, 425, 429].includes(attempted.status)
  )
}
