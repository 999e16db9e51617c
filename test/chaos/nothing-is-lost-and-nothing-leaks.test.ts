import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { backends, type Installation, makeInstallation } from '#test/process-installation.ts'
import { queueText } from '#test/process-queue.ts'
import { citizens, subscribe } from '#test/process-steps.ts'
import { startSink } from '#test/sink.ts'
import { disasters, type Processes } from './disasters.ts'
import { findings } from './findings.ts'
import { CANARY, startLoad } from './load.ts'
import { createRandom } from './random.ts'

/**
 * A quick share of the chaos. A long run, or one again as it was:
 *
 *     CHAOS_SECONDS=600 CHAOS_SEED=42 npm test -- test/chaos
 */
const seconds = Number(process.env['CHAOS_SECONDS'] ?? 8)
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000)

describe.concurrent.each(backends)('on $name', ({ name, redis, missing }) => {
  test.skipIf(missing)(
    'gateway and worker are killed and the queue is emptied under load: nothing is lost, and nothing leaks',
    async () => {
      console.log(`chaos on ${name}: seed ${seed}, ${seconds} s of disasters`)
      const random = createRandom(seed)
      const installation = await makeInstallation({ redis })
      const sink = await startSink()
      const watch = await watchRedis(installation)
      try {
        const [gateway, worker] = await Promise.all([
          installation.start('gateway'),
          installation.start('worker'),
        ])
        const processes: Processes = { gateway, worker, workerSince: Date.now() }
        const subscriptions = {
          hospital: await subscribe(installation.client('hospital-ehr'), `${sink.url}hospital`),
          municipality: await subscribe(
            installation.client('municipality-system'),
            `${sink.url}municipality`,
          ),
          gp: await subscribe(installation.client('gp-system'), `${sink.url}gp`),
        }
        const arrived: Parameters<typeof findings>[0]['arrived'][number][] = []
        sink.answer((one) => {
          if (one.type === 'event-notification') arrived.push({ ...one, at: Date.now() })
          return 200
        })

        const clients = {
          hospital: installation.client('hospital-ehr'),
          municipality: installation.client('municipality-system'),
        }
        const load = await startLoad(clients, random)
        const { happened, queues } = await disasters(installation, processes, random, seconds)
        await load.stop()
        await drained(installation, processes)

        const { acknowledged, changes } = load
        const { faults, counts } = await findings({
          installation,
          acknowledged,
          changes,
          subscriptions,
          arrived,
        })
        console.log(`chaos on ${name}: ${JSON.stringify({ ...happened, ...counts })}`)
        expect(faults).toEqual([])
        expect(counts['acknowledged']).toBeGreaterThan(100)
        expect(counts['delivered']).toBeGreaterThan(0)
        expect(counts['withheld']).toBeGreaterThan(0)

        const ends = await Promise.all([processes.gateway.end(), processes.worker.end()])
        expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })))
        const queue = [...queues, await queueText(installation)].join('\n').split('\n')
        // The queue was looked at while it held something.
        expect(queue.some((line) => line.includes(subscriptions.municipality))).toBe(true)
        expect(naming(secrets, queue)).toEqual([])
        expect(naming(secrets, installation.lines())).toEqual([])
        expect(watch.found).toEqual([])
        if (redis) expect(watch.commands()).toBeGreaterThan(0)
      } finally {
        watch.close()
        await installation.close()
        await sink.close()
      }
    },
    (5 * seconds + 120) * 1_000,
  )
})

/** Longer than the stall check of a killed worker's jobs. */
const STANDSTILL_MS = 30_000

/** Who is in the plans and what is in them. */
const secrets = [...Object.values(citizens), CANARY, 'DF102', 'DF331']

function naming(words: readonly string[], lines: readonly string[]): string[] {
  return lines.filter((line) => words.some((word) => line.includes(word)))
}

/**
 * The leases of dead workers, which are those from before the living one, and the waits between attempts end by the clock
 * of the test.
 */
async function drained(installation: Installation, { workerSince }: Processes): Promise<void> {
  await installation.query(
    `update delivery set lease_until = null
     where state = 'open' and lease_until < to_timestamp($1::float8 / 1000) + interval '45 seconds'`,
    [workerSince],
  )
  await installation.query(`update delivery set due_at = now() where state = 'open' and due_at > now()`)
  let fewest = Number.POSITIVE_INFINITY
  let since = Date.now()
  // However many there are: what must not happen is that none of them moves.
  while (fewest > 0) {
    const [row] = await installation.query<{ open: number }>(
      `select count(*)::int as open from delivery where state = 'open'`,
    )
    const open = row?.open ?? 0
    if (open < fewest) since = Date.now()
    if (Date.now() - since > STANDSTILL_MS)
      throw new Error(`${open} deliveries stand still; in the queue:\n${await queueText(installation)}`)
    fewest = Math.min(fewest, open)
    await pause(50)
  }
}

/** Redis tells every command that it gets, so that what stood there for a moment only is seen too. */
async function watchRedis({
  redisUrl,
}: Installation): Promise<{ readonly found: readonly string[]; commands(): number; close(): void }> {
  const found: string[] = []
  let commands = 0
  if (redisUrl === undefined) return { found, commands: () => 0, close: () => undefined }
  const redis = new Redis(redisUrl)
  const monitor = await redis.monitor()
  monitor.on('monitor', (_time: string, args: readonly string[]) => {
    commands += 1
    const text = args.join(' ')
    for (const secret of secrets) if (text.includes(secret)) found.push(`${args[0]} with ${secret}`)
  })
  return {
    found,
    commands: () => commands,
    close: () => {
      monitor.disconnect()
      redis.disconnect()
    },
  }
}
