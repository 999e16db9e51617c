import { expect, test } from 'vitest'
import { makeInstallation } from '#test/process-installation.ts'
import { citizens, writePlan } from '#test/process-steps.ts'
import { waitFor } from '#test/process-wait.ts'

const CLIENTS = 8

test('a gateway is told to stop under load: it ends at once, and all that it acknowledged is stored', async () => {
  const installation = await makeInstallation({ redis: false })
  try {
    const gateway = await installation.start('gateway')
    const hospital = installation.client('hospital-ehr')
    await hospital.token()
    const acknowledged: string[] = []
    const refusals: unknown[] = []
    // Over connections that are kept, as a vendor's client does.
    const clients = Array.from({ length: CLIENTS }, async () => {
      for (;;) {
        try {
          acknowledged.push((await writePlan(hospital, citizens.elmer, 'Plan')).version)
        } catch (error) {
          refusals.push(error)
          return
        }
      }
    })
    await waitFor(() => (acknowledged.length > 20 ? true : undefined), 'the load to be under way')

    const asked = performance.now()
    expect(await gateway.end()).toEqual({ code: 0, signal: null })
    const took = performance.now() - asked
    await Promise.all(clients)
    console.log(
      `a gateway under load stopped after ${Math.round(took)} ms, ${acknowledged.length} acknowledged`,
    )
    expect(took).toBeLessThan(5_000)
    expect(gateway.lines).toContain('stopped')

    // Nobody was told anything else than that there is nobody any more.
    expect(refusals.map((error) => (error instanceof TypeError ? 'no connection' : error))).toEqual(
      refusals.map(() => 'no connection'),
    )
    const stored = await installation.query<{ version: string }>(
      'select version_id as version from resource_version',
    )
    const versions = new Set(stored.map(({ version }) => version))
    expect(acknowledged.filter((version) => !versions.has(version))).toEqual([])
  } finally {
    await installation.close()
  }
}, 60_000)
