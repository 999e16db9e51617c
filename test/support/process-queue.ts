/** The queue of an installation from outside, whichever backend it is on: emptied as an accident would, and read whole. */
import { Redis } from 'ioredis'
import type { Installation } from './process-installation.ts'

type Queue = Pick<Installation, 'redisUrl' | 'query'>

/** Removes everything; answers with how many keys or rows there were. */
export async function emptyQueue({ redisUrl, query }: Queue): Promise<number> {
  if (redisUrl !== undefined)
    return withRedis(redisUrl, async (redis) => {
      const keys = await redis.dbsize()
      await redis.flushall()
      return keys
    })
  let removed = 0
  for (const table of await tables({ redisUrl, query })) {
    const rows = await query(`delete from bullmq.${table} returning 1`)
    removed += rows.length
  }
  return removed
}

/** Everything that stands in it now, as text: each key with its value, each row of each table. */
export async function queueText({ redisUrl, query }: Queue): Promise<string> {
  if (redisUrl !== undefined) return withRedis(redisUrl, redisText)
  const parts: string[] = []
  for (const table of await tables({ redisUrl, query })) {
    const rows = await query<{ row: string }>(`select row_to_json(t)::text as row from bullmq.${table} t`)
    parts.push(...rows.map(({ row }) => `${table} ${row}`))
  }
  return parts.join('\n')
}

/** Its own schema version stays: an accident that takes it is a restore, not an emptied queue. */
async function tables({ query }: Queue): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'bullmq' and table_type = 'BASE TABLE' and table_name <> 'migration'`,
  )
  return rows.map(({ name }) => name)
}

async function redisText(redis: Redis): Promise<string> {
  const parts: string[] = []
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'COUNT', 1_000)
    cursor = next
    for (const key of keys) parts.push(`${key} ${JSON.stringify(await valueOf(redis, key))}`)
  } while (cursor !== '0')
  return parts.join('\n')
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key)
    case 'hash':
      return redis.hgetall(key)
    case 'list':
      return redis.lrange(key, 0, -1)
    case 'set':
      return redis.smembers(key)
    case 'zset':
      return redis.zrange(key, '0', '-1', 'WITHSCORES')
    case 'stream':
      return redis.xrange(key, '-', '+')
    // Gone between the scan and the look.
    default:
      return undefined
  }
}

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url)
  try {
    return await work(redis)
  } finally {
    await redis.quit()
  }
}
