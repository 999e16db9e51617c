/** A new key comes while two gateways write and read: no request fails, nobody is two, and nothing is left under the old one. */
import type { CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readKeys, rotateKeys } from '#config/keys.ts'
import { keysInUse } from '#store/keys-in-use.ts'
import { sealedColumns, valuesUnder } from '#store/reseal.ts'
import { sampleCarePlan, sampleConsent, subscriptionFor } from '#test/fhir-samples.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { sendRaw } from '#test/http.ts'
import { startSink, type Sink } from '#test/sink.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

vi.setConfig({ testTimeout: 60_000 })

const citizens = ['2509479989', '1502779995', '1502829995', '3001749995', '0505059996', '0201919990']
const system = 'urn:oid:1.2.208.176.1.2'
const SECRET = 'the-subscribers-secret'

let gateway: TestGateway
let beside: Awaited<ReturnType<TestGateway['startBeside']>>
let sink: Sink
let token: string
beforeAll(async () => {
  gateway = await startGateway()
  ;[beside, sink] = await Promise.all([gateway.startBeside({}), startSink()])
  token = await gateway.client('hospital-ehr').token()
})
afterAll(async () => {
  await beside.close()
  await gateway.close()
  await sink.close()
})

const send = (baseUrl: string, method: string, path: string, body?: object, as = token) =>
  sendRaw(baseUrl, path, {
    method,
    token: as,
    type: FHIR_JSON,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

async function searched(baseUrl: string, cpr: string): Promise<number> {
  const found = await sendRaw(baseUrl, '/fhir/CarePlan/_search', {
    method: 'POST',
    token,
    type: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ 'patient.identifier': `${system}|${cpr}` }).toString(),
  })
  return found.status
}

/** Each citizen again and again, by both gateways at once: who is new is new to both. */
async function traffic(isOver: () => boolean): Promise<number[]> {
  const statuses: number[] = []
  const lane = async (baseUrl: string): Promise<void> => {
    // By the 24th each of the six was sent, also by a slow machine.
    for (let turn = 0; !isOver() || turn < 24; turn++) {
      const cpr = citizens[Math.min(turn >> 2, 2 + (turn % 4))] ?? ''
      const plan: CarePlan = { ...sampleCarePlan(), subject: { identifier: { system, value: cpr } } }
      const made = await send(baseUrl, 'POST', '/fhir/CarePlan', plan)
      const location = new URL(made.headers.get('location') ?? baseUrl).pathname.replace(/\/_history.*/, '')
      const read = await send(baseUrl, 'GET', location)
      statuses.push(made.status, read.status, await searched(baseUrl, cpr))
      // Sealed with its text, for whoever corrects it.
      const refused = await send(baseUrl, 'POST', '/fhir/CarePlan', { ...plan, status: 'sometimes' })
      statuses.push(refused.status === 422 || refused.status === 400 ? 200 : refused.status)
    }
  }
  await Promise.all([lane(gateway.baseUrl), lane(beside.baseUrl)])
  return statuses
}

test('a rotation under traffic', async () => {
  const consent = sampleConsent(sandboxOrganizations.municipality.identifiers[0], ['PSY'])
  expect((await send(gateway.baseUrl, 'POST', '/fhir/Consent', consent)).status).toBe(201)
  const subscriber = await gateway.client('municipality-system').token()
  const subscription = subscriptionFor(sink.url, { headers: [`Authorization: ${SECRET}`] })
  expect((await send(gateway.baseUrl, 'POST', '/fhir/Subscription', subscription, subscriber)).status).toBe(
    201,
  )
  await sink.next(({ type }) => type === 'handshake')

  let isOver = false
  const going = traffic(() => isOver)
  rotateKeys(gateway.keysFile, new Date(Date.now() + 2_500), new Date())
  await vi.waitFor(
    async () => {
      const inUse = await keysInUse(gateway.database)
      expect(inUse.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
        'lookup 1',
        'lookup 2',
        'seal 1',
        'seal 2',
      ])
    },
    { timeout: 15_000, interval: 100 },
  )
  await vi.waitFor(
    async () => {
      for (const kind of ['lookup', 'seal'] as const)
        expect(await valuesUnder(gateway.database, kind, 1)).toBe(0)
    },
    { timeout: 20_000, interval: 100 },
  )
  const passed = sink.arrived.length
  await sink.next(({ type }) => type === 'event-notification')
  isOver = true

  const statuses = await going
  expect(new Set(statuses)).toEqual(new Set([200, 201]))
  expect(statuses.length).toBeGreaterThan(20)
  expect(passed).toBeGreaterThan(0)
  expect(sink.arrived.every(({ headers }) => headers.authorization === SECRET)).toBe(true)
  for (const { logged } of [gateway, beside]) {
    expect(logged.filter((line) => /keys-not-replaced|reseal-failed|request-failed/.test(line))).toEqual([])
    expect(logged.some((line) => line.includes('keys-replaced'))).toBe(true)
  }

  // Each citizen is one, and nobody is lost.
  const [people] = await gateway.database.query<{ identifiers: number; persons: number; lookups: number }>({
    text: `
select (select count(*) from person_identifier) as identifiers, (select count(*) from person) as persons,
  (select count(distinct lookup) from person_identifier) as lookups`,
  })
  expect(people).toEqual({ identifiers: 6, persons: 6, lookups: 6 })
  await nothingInClear()
})

/** Every row of every table as text, as a dump has them. */
async function nothingInClear(): Promise<void> {
  const tables = await gateway.database.query<{ name: string }>({
    text: `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
  })
  for (const { name } of tables) {
    const found = await gateway.database.query({
      text: `select 1 from ${name} t where t::text ~ $1 limit 1`,
      values: [[...citizens, ...citizens.map((cpr) => Buffer.from(cpr).toString('hex')), SECRET].join('|')],
    })
    expect([name, found.length]).toEqual([name, 0])
  }
  for (const { table, column } of sealedColumns)
    expect(
      await gateway.database.query({ text: `select 1 from ${table} where get_byte(${column}, 2) <> 2` }),
    ).toEqual([])
}

test('the file is the same one, with both keys in it and nobody else allowed to read it', () => {
  const { lookup, seal } = readKeys(gateway.keysFile, { makeIfMissing: false })
  expect([lookup, seal].map((ring) => ring.map(({ id }) => id))).toEqual([
    [1, 2],
    [1, 2],
  ])
})
