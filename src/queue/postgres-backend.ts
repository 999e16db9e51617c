/** BullMQ 6 on PostgreSQL: the embedded default, and production without Redis. */
import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq'
import type { JobProgress, PgPool, PostgresConnectionOptions, PostgresQueueBackend } from 'bullmq'
import pg from 'pg'
import type { WakeUpBackend, WakeUpJob } from './wake-ups.ts'

const SCHEMA = 'bullmq'

/** Run under our migration lock, before any queue is made. */
export async function migrateQueue(client: pg.Client): Promise<void> {
  await client.query(`create schema if not exists ${SCHEMA}`)
  await runMigrations(client, SCHEMA)
}

export function createPostgresWakeUps(
  connection: pg.ClientConfig,
  onError: (error: Error) => void,
): WakeUpBackend {
  const pools: pg.Pool[] = []
  let closing = false
  function pool(): PgPool {
    // synchronous_commit off is right here and nowhere else: all that this schema holds can be rebuilt from the outbox.
    const made = new pg.Pool({
      ...connection,
      max: 5,
      options: `-c search_path=${SCHEMA} -c synchronous_commit=off`,
    })
    made.on('error', (error) => {
      if (!closing) onError(error)
    })
    pools.push(made)
    // A real pool, as BullMQ's documentation asks; only the two typings disagree.
    return made as unknown as PgPool
  }
  return {
    queue: (name, options) =>
      asQueue(new PostgresQueue(name, { connection: pool(), ...options }, createPostgresBackend)),
    worker: (name, run, options) =>
      asWorker(new PostgresWorker(name, run, { connection: pool(), ...options }, createPostgresBackend)),
    fault: async () => undefined,
    close: async () => {
      closing = true
      await Promise.all(pools.map((each) => each.end()))
    },
  }
}

// The short form of these types in BullMQ's guide does not compile: all parameters are needed.
const PostgresQueue = Queue<
  WakeUpJob,
  void,
  string,
  WakeUpJob,
  void,
  string,
  PostgresQueueBackend,
  PostgresConnectionOptions
>
const PostgresWorker = Worker<
  WakeUpJob,
  void,
  string,
  PostgresQueueBackend,
  JobProgress,
  PostgresConnectionOptions
>

/** BullMQ types a queue by its backend; all that we use of it is the same on both. */
function asQueue(queue: unknown): Queue {
  return queue as Queue
}

function asWorker(worker: unknown): Worker {
  return worker as Worker
}
