/** What happens to the installation under load: kill -9 of a role, or of both, and an emptied queue, at random times. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Installation } from '#test/process-installation.ts'
import { emptyQueue, queueText } from '#test/process-queue.ts'
import type { TestProcess } from '#test/process.ts'
import type { Random } from './random.ts'

export interface Disasters {
  readonly happened: Readonly<Record<'gateway killed' | 'worker killed' | 'queue emptied', number>>
  /** What stood in the queue each time before it was emptied. */
  readonly queues: readonly string[]
}

export interface Processes {
  gateway: TestProcess
  worker: TestProcess
  /** Before it could claim anything. */
  workerSince: number
}

/** Goes on for so long; then everything runs again. */
export async function disasters(
  installation: Installation,
  processes: Processes,
  random: Random,
  seconds: number,
): Promise<Disasters> {
  const happened = { 'gateway killed': 0, 'worker killed': 0, 'queue emptied': 0 }
  const queues: string[] = []
  const strike = {
    gateway: async () => {
      await processes.gateway.end('SIGKILL')
      happened['gateway killed'] += 1
      processes.gateway = await installation.start('gateway')
    },
    worker: async () => {
      await processes.worker.end('SIGKILL')
      happened['worker killed'] += 1
      processes.workerSince = Date.now()
      processes.worker = await installation.start('worker')
    },
    both: async () => {
      await Promise.all([strike.gateway(), strike.worker()])
    },
    queue: async () => {
      queues.push(await queueText(installation))
      await emptyQueue(installation)
      happened['queue emptied'] += 1
    },
  }
  const until = Date.now() + seconds * 1_000
  // Each at least once, in an order of chance; then whatever comes.
  const due = shuffled(['gateway', 'worker', 'both', 'queue'] as const, random)
  while (Date.now() < until || due.length > 0) {
    await pause(random.between(300, 1_200))
    await strike[due.pop() ?? random.pick(['gateway', 'worker', 'both', 'queue'])]()
  }
  return { happened, queues }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
