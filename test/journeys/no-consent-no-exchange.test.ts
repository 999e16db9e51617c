import type { AuditEvent, Bundle, CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { backends, type Installation, makeInstallation } from '#test/process-installation.ts'
import type { TestProcess } from '#test/process.ts'
import { type Sink, startSink } from '#test/sink.ts'
import { citizens, giveConsent, settled, subscribe, writePlan } from '#test/process-steps.ts'

// Real processes on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 })

describe.each(backends)('on $name', ({ redis, missing }) => {
  describe.skipIf(missing)('the way of a plan', () => {
    let installation: Installation
    let gateway: TestProcess
    let worker: TestProcess
    let sink: Sink

    beforeAll(async () => {
      ;[installation, sink] = await Promise.all([makeInstallation({ redis }), startSink()])
      ;[gateway, worker] = await Promise.all([installation.start('gateway'), installation.start('worker')])
      await subscribe(installation.client('municipality-system'), `${sink.url}municipality`)
      await sink.next(({ type }) => type === 'handshake')
    })
    afterAll(async () => {
      await installation.close()
      await sink.close()
    })

    test('without a consent nothing leaves, and the privacy officer finds the refusal with its reason', async () => {
      const { id, version } = await writePlan(installation.client('hospital-ehr'), citizens.berggren, 'Plan')

      const [delivery] = await settled(installation, version)
      expect(delivery).toMatchObject({ state: 'withheld', reason: 'no-consent', event_number: null })
      expect(sink.arrived.filter(({ type }) => type !== 'handshake')).toEqual([])
      const municipality = installation.client('municipality-system')
      expect((await municipality.send('GET', `/fhir/CarePlan/${id}`)).status).toBe(404)
      const found = await installation.client('privacy-officer').send('GET', '/fhir/AuditEvent?outcome=8')
      const refused = ((found.json() as Bundle<AuditEvent>).entry ?? []).filter(({ resource }) =>
        resource?.entity?.some(({ what }) => what?.reference?.includes(id)),
      )
      expect(refused).toHaveLength(2)
    })

    test('with a consent the plan arrives, and a subscriber hears of it once', async () => {
      const hospital = installation.client('hospital-ehr')
      await giveConsent(hospital, citizens.elmer, 'municipality')
      const { id, version } = await writePlan(hospital, citizens.elmer, 'Plan med samtykke')

      const arrived = await sink.next(({ type }) => type === 'event-notification')
      expect(arrived).toMatchObject({
        path: '/municipality',
        eventNumber: 1,
        focus: { id, meta: { versionId: version } },
      })
      expect((arrived.focus as CarePlan).activity).toHaveLength(4)
      expect(await settled(installation, version)).toMatchObject([{ state: 'delivered', attempts: 1 }])
      expect(sink.arrived.filter(({ type }) => type !== 'handshake')).toHaveLength(1)
    })

    test('a consent that is withdrawn between the commit and the delivery stops the delivery', async () => {
      const hospital = installation.client('hospital-ehr')
      const consent = await giveConsent(hospital, citizens.third, 'municipality')
      expect(await worker.end()).toEqual({ code: 0, signal: null })
      const { version } = await writePlan(hospital, citizens.third, 'Plan på vej')
      await consent.withdraw()
      const before = sink.arrived.length

      worker = await installation.start('worker')
      expect(await settled(installation, version)).toMatchObject([
        { state: 'withheld', reason: 'consent-not-active', event_number: null },
      ])
      expect(sink.arrived).toHaveLength(before)
    })

    test('gateway and worker end with exit code 0, and nobody was named in what they logged', async () => {
      expect(await Promise.all([gateway.end(), worker.end('SIGINT')])).toEqual([
        { code: 0, signal: null },
        { code: 0, signal: null },
      ])
      const logged = installation.lines().join('\n')
      expect(logged).toContain('"event":"request"')
      for (const cpr of Object.values(citizens)) expect(logged).not.toContain(cpr)
    })
  })
})
