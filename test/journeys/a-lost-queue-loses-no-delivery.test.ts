import { describe, expect, test } from 'vitest'
import { backends, makeInstallation } from '#test/process-installation.ts'
import { emptyQueue } from '#test/process-queue.ts'
import { waitFor } from '#test/process-wait.ts'
import { type Arrived, startSink } from '#test/sink.ts'
import { citizens, giveConsent, settled, subscribe, writePlan } from '#test/process-steps.ts'

const FAILED = `select 1 from delivery where state = 'open' and reason = 'http-500' and lease_until is null`

describe.concurrent.each(backends)('on $name', ({ redis, missing }) => {
  test.skipIf(missing)(
    'the queue is emptied while a delivery is under way and others wait: all of them arrive',
    async () => {
      const installation = await makeInstallation({ redis })
      const sink = await startSink()
      try {
        await Promise.all([installation.start('gateway'), installation.start('worker')])
        const hospital = installation.client('hospital-ehr')
        const isEvent = ({ type }: Arrived): boolean => type === 'event-notification'
        await subscribe(installation.client('municipality-system'), sink.url)
        await giveConsent(hospital, citizens.elmer, 'municipality')

        const answer = Promise.withResolvers<number>()
        sink.answer(() => answer.promise)
        const first = await writePlan(hospital, citizens.elmer, 'Plan 1')
        await sink.next(isEvent)
        const second = await writePlan(hospital, citizens.elmer, 'Plan 2')
        const third = await writePlan(hospital, citizens.elmer, 'Plan 3')
        expect(await emptyQueue(installation)).toBeGreaterThan(0)
        answer.resolve(200)

        for (const [i, { version }] of [first, second, third].entries())
          expect(await settled(installation, version)).toMatchObject([
            { state: 'delivered', event_number: i + 1 },
          ])
        expect(sink.arrived.filter(isEvent).map(({ eventNumber }) => eventNumber)).toEqual([1, 2, 3])

        // Nothing is under way any more, and the one that has to be tried again stands in the database alone.
        sink.answer(500)
        const fourth = await writePlan(hospital, citizens.elmer, 'Plan 4')
        await waitFor(
          () => installation.query(`${FAILED} and version_id = $1`, [fourth.version]).then(([row]) => row),
          'the first attempt to have failed',
        )
        sink.answer(200)
        await emptyQueue(installation)
        // The wait of 5 s passes by the clock of the test.
        await installation.query('update delivery set due_at = now() where version_id = $1', [fourth.version])
        expect(await settled(installation, fourth.version)).toMatchObject([
          { state: 'delivered', event_number: 4, attempts: 2 },
        ])
      } finally {
        await installation.close()
        await sink.close()
      }
    },
    60_000,
  )
})
