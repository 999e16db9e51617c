/**
 * BullMQ as a scheduler of wake-ups: one drain job per subscription, its data an id and nothing else. The queue may be
 * emptied at any time; the relay's sweep fills it again from PostgreSQL.
 */
import type { Queue, Telemetry, Worker } from 'bullmq'

export interface WakeUpJob {
  readonly subscriptionId: string
}

export interface WakeUps {
  /** Puts a drain job for each subscription that has none waiting. */
  wake(subscriptionIds: readonly string[]): Promise<void>
  /** Runs `drain` for each job, in this process. */
  work(drain: (subscriptionId: string) => Promise<void>): void
  /** Why the queue must not be relied on, or undefined. */
  fault(): Promise<string | undefined>
  /** BullMQ's own gauges, in Prometheus text. */
  metrics(): Promise<string>
  close(): Promise<void>
}

/** What a backend brings: how it makes a queue and a worker, and how it is checked and closed. */
export interface WakeUpBackend {
  queue(name: string, options: Traced): Queue
  worker(
    name: string,
    run: (job: { data: WakeUpJob }) => Promise<void>,
    options: typeof WORKER_OPTIONS & Traced,
  ): Worker
  fault(): Promise<string | undefined>
  close(): Promise<void>
}

/** Spans of the queue, when traces are configured. */
export interface Traced {
  readonly telemetry?: Telemetry
}

const QUEUE = 'sluse-delivery'

/**
 * A killed worker's job is taken up after the stall check: 10 s and 5 s keep redelivery under 15 s. A job may stall any
 * number of times, since the outbox row alone says when a delivery has ended.
 */
const WORKER_OPTIONS = {
  concurrency: 16,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  maxStalledCount: 1_000_000,
} as const

/** `removeOnComplete: true`: a kept job would swallow new work. Attempts cover faults of our own, such as a lost database. */
const JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: true,
  attempts: 1_000,
  backoff: { type: 'exponential', delay: 200, jitter: 0.5 },
} as const

export function createWakeUps(
  backend: WakeUpBackend,
  onError: (error: Error) => void,
  traced: Traced = {},
): WakeUps {
  const queue = backend.queue(QUEUE, traced)
  queue.on('error', onError)
  let worker: Worker | undefined
  let closing: Promise<void> | undefined

  /** A worker ends when its jobs have; it asks for no new one. */
  async function close(): Promise<void> {
    await worker?.close()
    await queue.close()
    await backend.close()
  }

  return {
    wake: async (subscriptionIds) => {
      if (subscriptionIds.length === 0) return
      await queue.addBulk(
        subscriptionIds.map((subscriptionId) => ({
          name: 'drain',
          data: { subscriptionId } satisfies WakeUpJob,
          // A wake-up that comes while the drain runs is kept as one more run; while it waits, it is absorbed.
          opts: { ...JOB_OPTIONS, deduplication: { id: `sub-${subscriptionId}`, keepLastIfActive: true } },
        })),
      )
    },
    work: (drain) => {
      worker = backend.worker(QUEUE, (job) => drain(job.data.subscriptionId), {
        ...WORKER_OPTIONS,
        ...traced,
      })
      worker.on('error', onError)
    },
    fault: () => backend.fault(),
    metrics: () => queue.exportPrometheusMetrics(),
    close: () => (closing ??= close()),
  }
}
