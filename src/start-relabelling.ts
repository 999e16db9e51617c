/** The worker's part in labelling what is stored anew: at the start, and again after whatever stopped it. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Exchange } from '#exchange/call.ts'
import { relabel } from '#intake/relabel.ts'
import type { Log } from '#observe/log.ts'
import type { Metrics } from '#observe/metrics.ts'
import type { Database } from '#store/database.ts'

interface RelabellingParts {
  readonly database: Database
  readonly exchange: Pick<Exchange, 'labelRules'>
  readonly metrics: Pick<Metrics, 'relabelled'>
  readonly wake: (subscriptionIds: readonly string[]) => Promise<void>
  readonly log: Log
}

/** Asking whether there is something to do costs one small statement; the worker that was at it may have been killed. */
const AGAIN_MS = 15_000
/** With a batch of some 50 ms, a third of one connection at most. */
const PAUSE_MS = 100

/** Returns what ends it: at most one batch is still written. */
export function startRelabelling(parts: RelabellingParts): () => Promise<void> {
  const stopped = new AbortController()
  const sleep = (ms: number) => wait(ms, undefined, { signal: stopped.signal }).catch(() => undefined)
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await relabelOnce(parts, stopped.signal, () => sleep(PAUSE_MS)).catch((error: unknown) =>
        parts.log.warn({ event: 'relabel-failed', err: error }),
      )
      await sleep(AGAIN_MS)
    }
  })()
  return async () => {
    stopped.abort()
    await running
  }
}

async function relabelOnce(
  { database, exchange, metrics, wake, log }: RelabellingParts,
  signal: AbortSignal,
  pause: () => Promise<void>,
): Promise<void> {
  let count = 0
  await relabel({
    database,
    labelRules: exchange.labelRules,
    isStopping: () => signal.aborted,
    wake,
    pause,
    onBatch: ({ labelled, failed, last }) => {
      metrics.relabelled({ labelled, failed, running: !last })
      count += labelled
      if (failed > 0) log.error({ event: 'relabel-impossible', count: failed })
      if (last) log.info({ event: 'relabel-finished', count })
    },
  })
}
