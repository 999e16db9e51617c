import { EgressError } from './egress-error.ts'

/**
 * Ends a post at its deadline or when we close, whatever it waits for. An AbortSignal alone would not do: undici hears
 * it only once there is a connection, so a name server or a firewall that never answers would hold the post for good.
 */
export interface Deadlines {
  /** @throws EgressError `timeout`, `closed` */
  within<T>(timeoutMs: number, host: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  endAll(): void
}

export function createDeadlines(): Deadlines {
  const underWay = new Set<(reason: EgressError) => void>()
  return {
    async within(timeoutMs, host, work) {
      const controller = new AbortController()
      const ended = Promise.withResolvers<never>()
      const end = (reason: EgressError): void => {
        // The signal too: a connection that comes up later must not send.
        controller.abort(reason)
        ended.reject(reason)
      }
      const timer = setTimeout(
        () => end(new EgressError('timeout', `\`${host}\` did not answer in time`)),
        timeoutMs,
      )
      underWay.add(end)
      try {
        return await Promise.race([work(controller.signal), ended.promise])
      } finally {
        clearTimeout(timer)
        underWay.delete(end)
      }
    },
    endAll() {
      for (const end of underWay) end(new EgressError('closed', 'the gateway is shutting down'))
    },
  }
}
