/** The worker's part in a rotation of keys: what the old keys made is made anew, until nothing needs them. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '#observe/log.ts'
import type { Database } from '#store/database.ts'
import { resealBatch } from '#store/reseal.ts'
import type { Seal } from '#store/seal.ts'

interface ResealingParts {
  readonly database: Database
  readonly seal: Seal
  readonly log: Log
}

/** Between two rotations there is nothing to ask the database about. */
const AGAIN_MS = 1_000
/** Some 10 ms of a processor, and short locks: what waits for one of these rows hardly notices. */
const BATCH = 100
const PAUSE_MS = 50

/** Returns what ends it: at most one batch is still written. */
export function startResealing({ database, seal, log }: ResealingParts): () => Promise<void> {
  const stopped = new AbortController()
  const sleep = (ms: number) => wait(ms, undefined, { signal: stopped.signal }).catch(() => undefined)
  let failing = false
  const round = async (): Promise<void> => {
    let count = 0
    while (!stopped.signal.aborted && isNeeded(seal)) {
      const done = await database.transaction((tx) => resealBatch(tx, seal, BATCH))
      if (done === 0) break
      count += done
      await sleep(PAUSE_MS)
    }
    failing = false
    if (count > 0) log.info({ event: 'reseal-finished', count })
  }
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => {
        // Once, not every second.
        if (!failing) log.warn({ event: 'reseal-failed', err: error })
        failing = true
      })
      await sleep(AGAIN_MS)
    }
  })()
  return async () => {
    stopped.abort()
    await running
  }
}

function isNeeded(seal: Seal): boolean {
  const { lookup, seal: sealing } = seal.superseded()
  return lookup.length + sealing.length > 0
}
