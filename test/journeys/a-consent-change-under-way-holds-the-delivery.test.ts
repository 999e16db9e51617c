import pg from 'pg'
import { expect, test } from 'vitest'
import { makeInstallation } from '#test/process-installation.ts'
import { citizens, giveConsent, settled, subscribe, writePlan } from '#test/process-steps.ts'
import { waitFor } from '#test/process-wait.ts'
import { startSink } from '#test/sink.ts'

/** The consent fence, held open by hand: what wins when a withdrawal and an authorisation meet. */
test('an authorisation waits for a withdrawal that is being committed, and then keeps the plan at home', async () => {
  const installation = await makeInstallation({ redis: false })
  const sink = await startSink()
  const withdrawal = new pg.Client({ connectionString: installation.databaseUrl })
  try {
    const [, worker] = await Promise.all([installation.start('gateway'), installation.start('worker')])
    const hospital = installation.client('hospital-ehr')
    await subscribe(installation.client('municipality-system'), sink.url)
    const consent = await giveConsent(hospital, citizens.elmer, 'municipality')
    await withdrawal.connect()

    // As a PUT of the withdrawn consent does it, but not committed yet.
    await withdrawal.query('begin')
    await withdrawal.query(
      `update person set consent_epoch = consent_epoch + 1
       where subject_id = (select subject_id from resource where id = $1)`,
      [consent.id],
    )
    await withdrawal.query(
      `update resource_version set content = jsonb_set(content::jsonb, '{status}', '"inactive"')::json where id = $1`,
      [consent.id],
    )
    const { version } = await writePlan(hospital, citizens.elmer, 'Plan')
    await waitFor(async () => {
      const waiting = await installation.query(
        `select 1 from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query ~ 'for share'`,
      )
      return waiting.length > 0 ? true : undefined
    }, 'the authorisation to wait for the withdrawal')
    await withdrawal.query('commit')

    expect(await settled(installation, version)).toMatchObject([
      { state: 'withheld', reason: 'consent-not-active' },
    ])
    expect(sink.arrived.filter(({ type }) => type === 'event-notification')).toEqual([])
    expect(await worker.end()).toEqual({ code: 0, signal: null })
  } finally {
    await withdrawal.end()
    await installation.close()
    await sink.close()
  }
}, 60_000)
