/** What an operator does to a client while it works: a new key without a gap, an address it may come from, and the end of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent, Bundle } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CLIENT_STALENESS_MS } from '#auth/client-reader.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, type Received, sendRaw } from '#test/http.ts'
import { askToken, assertionFor, makeKey, type TestKey } from '#test/oauth-client.ts'
import { type Sluse, sluseOn } from '#test/registry.ts'
import { auditRows } from '#test/rows.ts'

vi.setConfig({ testTimeout: 60_000 })

const SCOPE = 'system/CarePlan.rs'
const { hospital, gp } = sandboxOrganizations
let gateway: TestGateway
let beside: Awaited<ReturnType<TestGateway['startBeside']>>
let sluse: Sluse
let folder: string
let old: TestKey
let fresh: TestKey

beforeAll(async () => {
  // As behind a proxy on this machine, which says where a request came from.
  gateway = await startGateway({ role: 'gateway', trustedProxies: ['127.0.0.1'] })
  beside = await gateway.startBeside({ role: 'gateway' })
  sluse = sluseOn(gateway.database)
  folder = mkdtempSync(join(tmpdir(), 'sluse-rotate-'))
  ;[old, fresh] = await Promise.all([makeKey('ES384', 'old'), makeKey('ES384', 'fresh')])
})
afterAll(async () => {
  await beside.close()
  await gateway.close()
  rmSync(folder, { recursive: true })
})

function keyFile({ publicKey }: TestKey): string {
  const path = join(folder, `${publicKey.kid}.jwk`)
  writeFileSync(path, JSON.stringify(publicKey))
  return path
}

async function register(id: string, ...more: readonly string[]): Promise<void> {
  await sluse(
    ['client', 'add', id, '--organization', hospital.id, '--keys-file', keyFile(old)],
    ['--scopes', SCOPE, '--purposes-of-use', 'TREAT', ...more],
  )
}

async function ask(
  id: string,
  key: TestKey,
  from: Readonly<Record<string, string>> = {},
  at = gateway.baseUrl,
) {
  return askToken(at, await assertionFor(gateway.baseUrl, id, key), SCOPE, from)
}

function tokenIn({ status, text }: Received): string {
  expect(status, text).toBe(200)
  return (JSON.parse(text) as { access_token: string }).access_token
}

const search = (token: string, headers: Readonly<Record<string, string>> = {}, at = gateway.baseUrl) =>
  sendRaw(at, '/fhir/CarePlan?_id=4f2c7f2e-3a51-4c6e-9f0e-000000000001', { token, headers })

/** Asks until the answer is another, and no longer than a registration may be out of date, and a busy machine takes. */
async function until(status: number, request: () => Promise<Received>): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const answer = await request()
    const tookMs = performance.now() - begun
    if (answer.status === status) return tookMs
    if (tookMs > CLIENT_STALENESS_MS + 5_000) throw new Error(`still ${answer.status} after ${tookMs} ms`)
  }
}

test('a key is replaced while two gateways answer: nothing fails in between, and then the old one opens nothing', async () => {
  await register('rotating')
  const seen = { old: 0, fresh: 0 }
  const failures: string[] = []
  const traffic = { over: false }
  // The system's own part: it takes the new key when it is told to, one instance after the other.
  const lane = async (at: string, keyNow: () => TestKey): Promise<void> => {
    while (!traffic.over) {
      const key = keyNow()
      const given = await ask('rotating', key, {}, at)
      if (given.status === 200) {
        const read = await search(tokenIn(given), {}, at)
        if (read.status !== 200) failures.push(`read ${read.status} ${read.text}`)
        seen[key === old ? 'old' : 'fresh'] += 1
      } else failures.push(`token ${given.status} ${given.text}`)
    }
  }
  const inUse = [old, old]
  const lanes = [lane(gateway.baseUrl, () => inUse[0] ?? old), lane(beside.address, () => inUse[1] ?? old)]
  const reached = async (key: 'old' | 'fresh', more: number): Promise<void> => {
    const goal = seen[key] + more
    await vi.waitFor(() => expect(Math.max(seen[key], failures.length * goal)).toBeGreaterThanOrEqual(goal), {
      timeout: 20_000,
    })
  }
  await reached('old', 5)
  await sluse('client', 'rotate', 'rotating', '--add-key', keyFile(fresh))
  await reached('old', 5)
  inUse[0] = fresh
  // Both at the same time.
  await Promise.all([reached('old', 3), reached('fresh', 3)])
  inUse[1] = fresh
  await reached('fresh', 5)
  await sluse('client', 'rotate', 'rotating', '--retire', 'old')
  await reached('fresh', 5)
  traffic.over = true
  await Promise.all(lanes)
  expect(failures).toEqual([])

  const refused = await ask('rotating', old)
  const nobody = await ask('nobody-at-all', old)
  expect([refused.status, comparable(refused)]).toEqual([401, comparable(nobody)])
  tokenIn(await ask('rotating', fresh))
})

test('a client that is disabled loses its tokens within seconds, at each gateway, and gets them back when it is enabled', async () => {
  await register('leaving')
  const token = tokenIn(await ask('leaving', old))
  expect((await search(token)).status).toBe(200)
  expect((await search(token, {}, beside.address)).status).toBe(200)
  await sluse('client', 'disable', 'leaving')
  expect((await ask('leaving', old)).status).toBe(401)
  await Promise.all([until(401, () => search(token)), until(401, () => search(token, {}, beside.address))])
  await sluse('client', 'enable', 'leaving')
  await until(200, () => search(token))
})

test('from elsewhere a client is nobody: the same answers, and an audit row that its organisation reads', async () => {
  const there = { 'x-forwarded-for': '192.0.2.7' }
  const elsewhere = { 'x-forwarded-for': '198.51.100.7' }
  await register('bound', '--address-ranges', '192.0.2.0/24')
  const token = tokenIn(await ask('bound', old, there))
  expect((await search(token, there)).status).toBe(200)

  expect(comparable(await ask('bound', old, elsewhere))).toEqual(comparable(await ask('nobody-at-all', old)))
  // A proxy that says nothing: then it is where the request comes from.
  expect((await ask('bound', old)).status).toBe(401)
  await register('gone')
  const goneToken = tokenIn(await ask('gone', old))
  await sluse('client', 'disable', 'gone')
  await until(401, () => search(goneToken))
  expect(comparable(await search(token, elsewhere))).toEqual(comparable(await search(goneToken)))
  // A header that no proxy of ours wrote says nothing: of several, the last before ours counts.
  expect((await search(token, { 'x-forwarded-for': '192.0.2.7, 198.51.100.7' })).status).toBe(401)

  const rows = (await auditRows(gateway.database)).filter(({ reason }) => reason === 'address-not-allowed')
  expect(
    rows.map(({ kind, outcome, client, organization }) => ({ kind, outcome, client, organization })),
  ).toEqual([
    ...[0, 1].map(() => ({ kind: 'token', outcome: 'refused', client: 'bound', organization: undefined })),
    ...[0, 1].map(() => ({ kind: 'token', outcome: 'refused', client: 'bound', organization: hospital.id })),
  ])
  const seen = await auditEvents(await gateway.client('privacy-officer').token(), '&outcome=8')
  expect(seen.filter(({ outcomeDesc }) => outcomeDesc === 'address-not-allowed')).toHaveLength(2)
})

async function auditEvents(token: string, query = ''): Promise<AuditEvent[]> {
  const answer = await sendRaw(gateway.baseUrl, `/fhir/AuditEvent?_count=500${query}`, { token })
  expect(answer.status, answer.text).toBe(200)
  return ((answer.json() as Bundle<AuditEvent>).entry ?? []).flatMap(({ resource }) => resource ?? [])
}

function changes(events: readonly AuditEvent[]): string[] {
  return events
    .filter(({ subtype }) => subtype?.some(({ code }) => code === 'registry-change'))
    .map(({ agent, action, entity }) => {
      const { what, detail = [] } = entity?.[0] ?? {}
      const id = what?.reference ?? what?.identifier?.value ?? ''
      return [agent[0]?.who?.identifier?.value, action, id, ...detail.map(({ type }) => type)].join(' ')
    })
}

test('supervision reads every change of the registry, an organisation those of itself, nobody else any', async () => {
  await sluse(
    ['org', 'add', '--name', 'Tilsynet', '--sector', 'oversight', '--jurisdiction', 'DK'],
    ['--sor', '999009000016009', '--as', 'Grete'],
  )
  await sluse(
    ['client', 'add', 'supervision', '--organization', 'sor:999009000016009', '--keys-file', keyFile(old)],
    ['--scopes', 'system/AuditEvent.rs', '--purposes-of-use', 'HCOMPL', '--as', 'Grete'],
  )
  await register('watched', '--as', 'Ole')
  await sluse('client', 'disable', 'watched', '--as', 'Grete')

  const given = await askToken(
    gateway.baseUrl,
    await assertionFor(gateway.baseUrl, 'supervision', old),
    'system/AuditEvent.rs',
  )
  const all = await auditEvents(tokenIn(given))
  const supervised = changes(all)
  expect(supervised.slice(0, 2)).toEqual([
    'Grete U watched disabled',
    'Ole C watched keys organizationId profile purposeOfUse scopes',
  ])
  expect(supervised).toContain(
    `sandbox C Organization/${gp.id} identifiers jurisdiction name sector timeZone unitType`,
  )
  // Nothing of citizens, and nothing of anybody's else than the registry and itself.
  expect(all.flatMap(({ entity = [] }) => entity).filter(({ type }) => type?.code === '1')).toEqual([])

  const ofHospital = changes(await auditEvents(await gateway.client('privacy-officer').token()))
  expect(ofHospital.slice(0, 2)).toEqual(supervised.slice(0, 2))
  expect(ofHospital.filter((line) => line.includes('supervision') || line.includes(gp.id))).toEqual([])
  const ofMunicipality = changes(
    await auditEvents(await gateway.client('municipality-privacy-officer').token()),
  )
  expect(ofMunicipality.filter((line) => line.includes('watched') || line.includes('rotating'))).toEqual([])
  expect(ofMunicipality).toContain(
    'sandbox C municipality-system keys organizationId profile purposeOfUse scopes',
  )
})
