import { EgressError } from './egress-error.ts'

/**
 * Ends a post at its deadline, whatever it waits for. An AbortSignal alone would not do: undici hears it only once there
 * is a connection, so a name server or a firewall that never answers would hold the post for good.
 * @throws EgressError `timeout`
 */
export async function within<T>(
  timeoutMs: number,
  host: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const reason = new EgressError('timeout', `\`${host}\` did not answer in time`)
    // The signal too: a connection that comes up later must not send.
    controller.abort(reason)
    late.reject(reason)
  }, timeoutMs)
  try {
    return await Promise.race([work(controller.signal), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
