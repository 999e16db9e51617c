/** The sending half: the queue's worker, the relay that wakes it, and the egress that it sends through. */
import type { Config } from '#config/config.ts'
import { createEgress } from '#egress/post.ts'
import type { Exchange } from '#exchange/call.ts'
import { drain } from '#exchange/notify.ts'
import type { Log } from '#observe/log.ts'
import type { Metrics } from '#observe/metrics.ts'
import { startRelay } from '#queue/relay.ts'
import type { WakeUps } from '#queue/wake-ups.ts'
import { createDatabase, type Database } from '#store/database.ts'
import { subscriptionsWithWork } from '#store/deliveries.ts'
import { startRelabelling } from './start-relabelling.ts'
import { startResealing } from './start-resealing.ts'

interface WorkerParts {
  readonly config: Config
  readonly connection: Database['connection']
  readonly exchange: Exchange
  readonly metrics: Metrics
  readonly wakeUps: WakeUps
  readonly log: Log
}

/**
 * Few on purpose: while a drain waits for its turn, what comes in meanwhile joins its batch, and one decision's round
 * trips serve many events. Posting waits for nobody.
 */
const WORKER_CONNECTIONS = 3

/** Half of what a container usually gets to stop (10 s), so that what is cut off can still be marked as free. */
const POSTS_END_WITHIN_MS = 5_000

/**
 * Returns what ends it: no new claim is made, what is under way gets a moment, then the connections to recipients are
 * closed and their rows are free for the next worker.
 */
export function startWorker({
  config,
  connection,
  exchange,
  metrics,
  wakeUps,
  log,
}: WorkerParts): () => Promise<void> {
  let stopping = false
  const loopback = config.sandbox ? ['127.0.0.0/8', '::1/128'] : []
  const egress = createEgress({
    allowHttp: config.sandbox,
    allowedCidrs: [...config.egressCidrs, ...loopback],
  })
  const database = createDatabase({
    connection,
    maxConnections: WORKER_CONNECTIONS,
    onPoolError: (error) => log.warn({ event: 'database-connection-lost', err: error }),
  })
  const notifier = {
    ...exchange,
    database,
    egress,
    random: Math.random,
    isStopping: () => stopping,
    onSettled: metrics.settled,
  }
  wakeUps.work((subscriptionId) => drain(notifier, subscriptionId))
  const relay = startRelay({
    connection,
    subscriptionsWithWork: () => subscriptionsWithWork(database),
    wake: (ids) => wakeUps.wake(ids),
    onError: (error) => log.warn({ event: 'relay-error', err: error }),
  })
  const wake = (ids: readonly string[]) => wakeUps.wake(ids)
  const stopRelabelling = startRelabelling({ database, exchange, metrics, wake, log })
  const stopResealing = startResealing({ database, seal: exchange.seal, log })
  return async () => {
    stopping = true
    await Promise.all([relay.close(), stopRelabelling(), stopResealing()])
    const cutOff = setTimeout(() => void egress.close(), POSTS_END_WITHIN_MS)
    await wakeUps.close()
    clearTimeout(cutOff)
    await egress.close()
    await database.close()
  }
}
