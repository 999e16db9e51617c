import { describe, expect, test } from 'vitest'
import { backends, makeInstallation } from '#test/process-installation.ts'
import { startSink } from '#test/sink.ts'
import { citizens, giveConsent, settled, subscribe, writePlan } from '#test/process-steps.ts'

describe.concurrent.each(backends)('on $name', ({ redis, missing }) => {
  test.skipIf(missing)(
    'a worker is killed when the recipient has the event and nobody has marked it: it comes again, the same',
    async () => {
      const installation = await makeInstallation({ redis })
      const sink = await startSink()
      try {
        const [, worker] = await Promise.all([installation.start('gateway'), installation.start('worker')])
        const hospital = installation.client('hospital-ehr')
        await subscribe(installation.client('municipality-system'), sink.url)
        await giveConsent(hospital, citizens.elmer, 'municipality')

        // Before it answers, so that the worker cannot have marked anything.
        sink.answer(async ({ type }) => {
          if (type === 'event-notification' && worker.exit() === undefined) await worker.end('SIGKILL')
          return 200
        })
        const { version } = await writePlan(hospital, citizens.elmer, 'Plan')
        const first = await sink.next(({ type }) => type === 'event-notification')
        expect(await worker.exited).toEqual({ code: null, signal: 'SIGKILL' })
        const claimed = 'state, event_number::int, lease_until > now() as leased'
        expect(
          await installation.query(`select ${claimed} from delivery where version_id = $1`, [version]),
        ).toEqual([{ state: 'open', event_number: 1, leased: true }])

        // The dead worker's lease runs out: here by the clock of the test.
        await installation.query(`update delivery set lease_until = now() where version_id = $1`, [version])
        const restarted = Date.now()
        await installation.start('worker')
        const second = await sink.next(({ type }) => type === 'event-notification', 30_000)
        console.log(
          `${redis ? 'Redis' : 'PostgreSQL'}: again ${Date.now() - restarted} ms after the next worker was started`,
        )

        expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
        expect(second.headers['webhook-id']).toMatch(/^[0-9a-f-]{36}-1$/)
        expect(second.body).toBe(first.body)
        expect(await settled(installation, version)).toMatchObject([
          { state: 'delivered', event_number: 1, attempts: 2 },
        ])
      } finally {
        await installation.close()
        await sink.close()
      }
    },
    60_000,
  )
})
