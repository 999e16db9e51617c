import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { backends, type Installation, makeInstallation } from '#test/process-installation.ts'
import { type Sink, startSink } from '#test/sink.ts'
import { citizens, giveConsent, settled, subscribe, writePlan } from '#test/process-steps.ts'

const cases = [
  {
    title: 'a long backlog: what is under way is finished and marked, the rest waits for the next worker',
    // Three hundred of one citizen go one after the other: some 15 s of work.
    plans: 300,
    answerAfterMs: 50,
    openAfterwards: 'some',
  },
  {
    title: 'a recipient that does not answer: the attempt is given up and its row is free again at once',
    plans: 1,
    answerAfterMs: 14_000,
    openAfterwards: 'all',
  },
] as const

describe.concurrent.each(backends)('on $name, a worker is told to stop with', ({ redis, missing }) => {
  test.skipIf(missing).each(cases)(
    '$title',
    async ({ plans, answerAfterMs, openAfterwards }) => {
      const installation = await makeInstallation({ redis })
      const sink = await startSink()
      try {
        const [, worker] = await Promise.all([installation.start('gateway'), installation.start('worker')])
        const hospital = installation.client('hospital-ehr')
        await subscribe(installation.client('municipality-system'), sink.url)
        await giveConsent(hospital, citizens.elmer, 'municipality')
        sink.answer(() => pause(answerAfterMs, 200, { ref: false }))
        const { version } = await writePlan(hospital, citizens.elmer, 'Plan')
        await sink.next(({ type }) => type === 'event-notification')
        await repeatDelivery(installation, version, plans - 1)

        const asked = Date.now()
        expect(await worker.end()).toEqual({ code: 0, signal: null })
        expect(Date.now() - asked).toBeLessThan(9_000)
        expect(worker.lines).toContain('stopped')

        const [{ open, leased } = { open: 0, leased: 0 }] = await installation.query<{
          open: number
          leased: number
        }>(
          `select count(*)::int as open, count(lease_until)::int as leased from delivery where state = 'open'`,
        )
        expect(leased).toBe(0)
        expect(open).toBeGreaterThan(0)
        if (openAfterwards === 'all') expect(open).toBe(plans)
        await finishes(installation, sink, version)
      } finally {
        await installation.close()
        await sink.close()
      }
    },
    60_000,
  )
})

/** More events of the same version: a backlog without the time that writing it would take. */
async function repeatDelivery({ query }: Installation, version: string, times: number): Promise<void> {
  await query(
    `insert into delivery (subject_id, subscription_id, resource_type, id, version_id, interaction, occurred_at, due_at)
     select subject_id, subscription_id, resource_type, id, version_id, 'update', now(), now()
     from delivery, generate_series(1, $2) where version_id = $1`,
    [version, times],
  )
}

async function finishes(installation: Installation, sink: Sink, version: string): Promise<void> {
  sink.answer(200)
  await installation.start('worker')
  const deliveries = await settled(installation, version, 30_000)
  expect(deliveries.map(({ state }) => state)).toEqual(deliveries.map(() => 'delivered'))
}
