/**
 * From PostgreSQL to the queue, in each worker process: LISTEN for what was announced, and a sweep on a plain timer that
 * finds whatever has work. The sweep makes losing the whole queue harmless.
 */
import pg from 'pg'
import { CHANNEL } from './announcer.ts'

/** The bound on how long a lost wake-up can go unnoticed. */
const SWEEP_MS = 2_000
const RECONNECT_MS = 500

export interface RelayOptions {
  readonly connection: pg.ClientConfig
  readonly subscriptionsWithWork: () => Promise<readonly string[]>
  readonly wake: (subscriptionIds: readonly string[]) => Promise<void>
  readonly onError: (error: unknown) => void
}

export interface Relay {
  close(): Promise<void>
}

export function startRelay(options: RelayOptions): Relay {
  const stopped = new AbortController()
  let client: pg.Client | undefined
  let reconnect: NodeJS.Timeout | undefined
  let sweeping: Promise<void> | undefined

  function wake(ids: readonly string[]): Promise<void> {
    return options.wake(ids).catch(options.onError)
  }

  function sweep(): Promise<void> {
    sweeping ??= options
      .subscriptionsWithWork()
      .then((ids) => wake(ids))
      .catch(options.onError)
      .finally(() => {
        sweeping = undefined
      })
    return sweeping
  }

  async function listen(): Promise<void> {
    const listener = new pg.Client({ ...options.connection, keepAlive: true })
    client = listener
    listener.on('notification', ({ payload }) => {
      if (payload) void wake(payload.split(','))
    })
    listener.on('error', () => undefined)
    listener.on('end', again)
    try {
      await listener.connect()
      await listener.query(`listen ${CHANNEL}`)
      // What was announced while nobody listened.
      await sweep()
    } catch (error) {
      options.onError(error)
      await listener.end().catch(() => undefined)
      again()
    }
  }

  function again(): void {
    clearTimeout(reconnect)
    if (!stopped.signal.aborted) reconnect = setTimeout(() => void listen(), RECONNECT_MS)
  }

  void listen()
  const timer = setInterval(() => void sweep(), SWEEP_MS)

  return {
    close: async () => {
      stopped.abort()
      clearInterval(timer)
      clearTimeout(reconnect)
      await sweeping
      await client?.end().catch(() => undefined)
    },
  }
}
