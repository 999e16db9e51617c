import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '#test/free-port.ts'
import { type Installation, makeInstallation } from '#test/process-installation.ts'
import { hasRedisServer } from '#test/process-redis.ts'
import type { TestProcess } from '#test/process.ts'
import { type Sink, startSink } from '#test/sink.ts'
import { waitFor } from '#test/process-wait.ts'
import { sendFhir } from '#test/fhir-samples.ts'
import { citizens, giveConsent, planOf, settled, subscribe, writePlan } from '#test/process-steps.ts'

// Real processes on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 })

/** As docker-compose.yml has it: the roles apart, Redis and PostgreSQL apart. */
describe.skipIf(!hasRedisServer)('two gateways and two workers on PostgreSQL and Redis', () => {
  let installation: Installation
  let sink: Sink
  let gateways: readonly TestProcess[]
  let workers: readonly TestProcess[]
  let second: string

  beforeAll(async () => {
    ;[installation, sink] = await Promise.all([makeInstallation({ redis: true }), startSink()])
    const port = await freePort()
    second = `http://127.0.0.1:${port}`
    gateways = await Promise.all([
      installation.start('gateway'),
      installation.start('gateway', { SLUSE_PORT: String(port) }),
    ])
    workers = await Promise.all([installation.start('worker'), installation.start('worker')])
  })
  afterAll(async () => {
    await installation.close()
    await sink.close()
  })

  /** Where a process listens: its own address, not the one that clients are told. */
  function addressOf(process: TestProcess): string {
    const address = /is ready on (\S+)/.exec(process.lines.join('\n'))?.[1]
    if (!address) throw new Error(`no address in ${process.lines.join('\n')}`)
    return address
  }

  test('each of the four is ready, and a worker serves health and metrics only', async () => {
    for (const process of [...gateways, ...workers]) {
      const ready = await fetch(`${addressOf(process)}/health/ready`)
      expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
    }
    for (const worker of workers) {
      expect((await fetch(`${addressOf(worker)}/metrics`)).status).toBe(200)
      expect((await fetch(`${addressOf(worker)}/fhir/metadata`)).status).toBe(404)
      expect((await fetch(`${addressOf(worker)}/oauth/token`, { method: 'POST' })).status).toBe(404)
    }
  })

  test('each record, sent through either gateway, reaches each entitled subscriber once and in order', async () => {
    const hospital = installation.client('hospital-ehr')
    await Promise.all([
      subscribe(installation.client('municipality-system'), `${sink.url}municipality`),
      subscribe(installation.client('gp-system'), `${sink.url}gp`),
    ])
    for (const cpr of [citizens.elmer, citizens.third]) await giveConsent(hospital, cpr, 'municipality')
    await giveConsent(hospital, citizens.elmer, 'gp')

    // A token of one gateway is good at the other.
    const token = await hospital.token()
    const throughSecond = async (
      cpr: typeof citizens.elmer | typeof citizens.third,
      id: string,
      title: string,
    ) => {
      const answer = await fetch(`${second}/fhir/CarePlan/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
        body: JSON.stringify(planOf(cpr, id, title)),
      })
      expect([200, 201]).toContain(answer.status)
      return /^W\/"(.+)"$/.exec(answer.headers.get('etag') ?? '')?.[1] ?? ''
    }
    const versions = new Map<string, { readonly cpr: string; readonly title: string }>()
    for (const cpr of [citizens.elmer, citizens.third] as const) {
      const { id, version } = await writePlan(hospital, cpr, `${cpr === citizens.elmer ? 'E' : 'T'} 0`)
      versions.set(version, { cpr, title: `${cpr === citizens.elmer ? 'E' : 'T'} 0` })
      for (let i = 1; i <= 10; i += 1) {
        const title = `${cpr === citizens.elmer ? 'E' : 'T'} ${i}`
        const next =
          i % 2 === 0
            ? (await writePlan(hospital, cpr, title, id)).version
            : await throughSecond(cpr, id, title)
        versions.set(next, { cpr, title })
      }
    }

    const expected: string[] = []
    for (const [version, { cpr }] of versions) {
      const states = (await settled(installation, version)).map(({ state }) => state).sort()
      expect(states).toEqual(cpr === citizens.elmer ? ['delivered', 'delivered'] : ['delivered', 'withheld'])
      expected.push(`/municipality ${version}`, ...(cpr === citizens.elmer ? [`/gp ${version}`] : []))
    }
    const events = sink.arrived.filter(({ type }) => type === 'event-notification')
    expect(events.map(({ path, focus }) => `${path} ${focus?.meta?.versionId}`).sort()).toEqual(
      expected.sort(),
    )
    for (const path of ['/municipality', '/gp']) {
      for (const letter of ['E', 'T']) {
        const titles = events
          .filter((event) => event.path === path)
          .map(({ focus }) => versions.get(focus?.meta?.versionId ?? '')?.title ?? 'unknown')
          .filter((title) => !title.startsWith(letter === 'E' ? 'T' : 'E'))
        expect(titles).toEqual(path === '/gp' && letter === 'T' ? [] : titlesUpTo(letter, 10))
      }
    }
  })

  test('the subscriber of one gateway is answered by the other as well, and all four end with exit code 0', async () => {
    const token = await installation.client('gp-system').token()
    const own = await fetch(`${second}/fhir/Subscription`, { headers: { authorization: `Bearer ${token}` } })
    expect(await own.json()).toMatchObject({ entry: [{ resource: { resourceType: 'Subscription' } }] })
    const refused = await sendFhir(installation.client('hospital-ehr'), 'POST', '/fhir/CarePlan', {})
    expect(refused.status).toBe(422)
    const ends = await Promise.all([...gateways, ...workers].map((each) => each.end()))
    expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })))
    await expect(
      waitFor(
        () =>
          fetch(`${second}/health/live`).then(
            () => undefined,
            () => 'gone',
          ),
        'the end',
      ),
    ).resolves.toBe('gone')
  })
})

function titlesUpTo(letter: string, last: number): string[] {
  return Array.from({ length: last + 1 }, (_, i) => `${letter} ${i}`)
}
