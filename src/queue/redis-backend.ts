/** BullMQ 6 on Redis 7 through ioredis: production. */
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import type { WakeUpBackend } from './wake-ups.ts'

/** Of the connection that asks; a worker's own waits for ever. A sweep is due every two seconds. */
const COMMAND_TIMEOUT_MS = 3_000

export function createRedisWakeUps(url: string, onError: (error: Error) => void): WakeUpBackend {
  const connections: Redis[] = []
  function watched(redis: Redis): Redis {
    redis.on('error', onError)
    connections.push(redis)
    return redis
  }
  /** Fails at once when Redis is away, and soon when it has gone silent: the sweep tries again. */
  const failFast = watched(
    new Redis(url, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: COMMAND_TIMEOUT_MS,
    }),
  )

  return {
    queue: (name, options) => new Queue(name, { connection: failFast, ...options }),
    worker: (name, run, options) =>
      // BullMQ requires a worker's blocking connection to wait for ever.
      new Worker(name, run, {
        connection: watched(new Redis(url, { maxRetriesPerRequest: null })),
        ...options,
      }),
    fault: () => evictionFault(failFast),
    close: async () => {
      await Promise.all(connections.map((redis) => redis.quit().catch(() => redis.disconnect())))
    },
  }
}

/** F12: a Redis that may evict loses jobs without an error. `CONFIG GET` may be forbidden; then INFO says it as well. */
async function evictionFault(redis: Redis): Promise<string | undefined> {
  try {
    const info = await redis.info('memory')
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
    return policy === 'noeviction'
      ? undefined
      : `Redis has maxmemory-policy ${policy ?? 'unknown'}; set it to noeviction`
  } catch {
    return 'Redis does not answer'
  }
}
