import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { freePort } from '#test/free-port.ts'
import { type SandboxClientId, startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'
import { countRows } from '#test/rows.ts'
import { startTcpProxy, type TcpProxy } from '#test/tcp-proxy.ts'
import { FHIR_JSON, type WayIn, waysIn } from '#test/ways-in.ts'

/** Beside the gateway that looks at the rows: one whose database a test can take away. */
let direct: TestGateway
let proxy: TcpProxy
let beside: Pick<TestGateway, 'close' | 'logged'>
let url: string
const tokens = new Map<SandboxClientId, string>()

beforeAll(async () => {
  const { host, user } = inject('postgres')
  direct = await startGateway({ role: 'gateway' })
  proxy = await startTcpProxy({ path: `${host}/.s.PGSQL.5432` })
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const database = `postgresql://${user}@127.0.0.1:${proxy.port}/${direct.cloned.name}`
  beside = await direct.startBeside({ role: 'gateway', port, database: { kind: 'url', url: database } })
  for (const { client } of waysIn) tokens.set(client, await direct.client(client).token())
})
afterAll(async () => {
  await beside.close()
  await proxy.close()
  await direct.close()
})
beforeEach(async () => {
  await proxy.restore()
  const ready = async (): Promise<void> => expect((await sendRaw(url, '/health/ready')).status).toBe(200)
  await vi.waitFor(ready, { timeout: 8_000, interval: 20 })
})

function send({ client, method, path, type, body }: WayIn): Promise<Received> {
  return sendRaw(url, path, { method, token: tokens.get(client) ?? '', type, body })
}

const AWAY = outcome(
  'store-unavailable',
  'the database is not answering; send the same request again after the seconds in Retry-After',
)

// Promise 2: never a 2xx without a commit.
describe('while the database is away', () => {
  test.for(waysIn)('$title is asked to come again, and is then accepted', async (way) => {
    await proxy.cut()
    const before = await countRows(direct.database)
    const away = await send(way)
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5'])
    if (away.text.startsWith('MSH')) expect(away.text).toContain('\rMSA|AR|SBX-ADT-0001\r')
    else expect(away.json()).toEqual(AWAY)
    expect(await countRows(direct.database)).toEqual(before)
    await proxy.restore()
    await vi.waitFor(async () => expect((await send(way)).status).toBeLessThan(300), { timeout: 8_000 })
  })

  test.each([
    ['GET', `/fhir/CarePlan/${randomUUID()}`],
    ['GET', `/fhir/CarePlan?_id=${randomUUID()}`],
    ['GET', '/fhir/Subscription'],
    ['GET', `/fhir/Subscription/${randomUUID()}`],
    ['DELETE', `/fhir/Subscription/${randomUUID()}`],
  ])('%s %s is not answered as absent', async (method, path) => {
    await proxy.cut()
    const answer = await sendRaw(url, path, { method, token: tokens.get('hospital-ehr') ?? '' })
    expect([answer.status, answer.headers.get('retry-after'), answer.json()]).toEqual([503, '5', AWAY])
  })

  test('no token is given, and the gateway says that it is not ready but lives', async () => {
    await proxy.cut()
    const form = { method: 'POST', type: 'application/x-www-form-urlencoded', body: 'grant_type=x' }
    expect((await sendRaw(url, '/oauth/token', form)).status).toBe(503)
    const ready = await sendRaw(url, '/health/ready')
    expect([ready.status, ready.json()]).toEqual([
      503,
      { status: 'not ready', reasons: ['the database does not answer'] },
    ])
    expect((await sendRaw(url, '/health/live')).status).toBe(200)
  })
})

describe('a database that goes in the middle', () => {
  function put(id: string, headers: Record<string, string> = {}): Promise<Received> {
    const { id: _id, ...plan } = sampleCarePlan()
    const token = tokens.get('hospital-ehr') ?? ''
    const body = JSON.stringify(plan)
    return sendRaw(url, `/fhir/CarePlan/${id}`, { method: 'PUT', token, type: FHIR_JSON, headers, body })
  }

  /** Holds every write back inside its transaction, until `release`. */
  async function holdWrites(): Promise<() => Promise<void>> {
    const client = new pg.Client(direct.cloned.connection)
    await client.connect()
    await client.query('begin; lock table resource in access exclusive mode')
    return () => client.end()
  }

  test('of twenty writes: what was accepted is stored, the others are 503, and the process lives', async () => {
    // Those with If-Match are in a transaction of several statements, the others in one statement.
    const known = randomUUID()
    const created = await put(known)
    const ifMatch = { 'if-match': created.headers.get('etag') ?? '' }
    const release = await holdWrites()
    const ids = Array.from({ length: 20 }, (_, i) => (i % 2 ? known : randomUUID()))
    const underWay = Promise.all(ids.map((id) => put(id, id === known ? ifMatch : {})))
    const waiting = async (): Promise<void> => {
      const { rows } = await direct.database.pool.query<{ n: number }>(
        "select count(*)::int as n from pg_locks where not granted and relation = 'resource'::regclass",
      )
      expect(rows[0]?.n).toBeGreaterThan(5)
    }
    await vi.waitFor(waiting, { timeout: 1_500, interval: 10 })
    await proxy.cut()
    await release()
    await proxy.restore()
    const answers = await underWay
    // 412: of those with If-Match, one may have gone through before the others.
    const others = answers
      .map(({ status }) => status)
      .filter((status) => ![503, 201, 200, 412].includes(status))
    expect(others).toEqual([])
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(5)
    const acknowledged = ids.filter((id, i) => id !== known && answers[i]?.status === 201)
    const stored = await direct.database.query({
      text: 'select 1 from resource where id = any ($1)',
      values: [acknowledged],
    })
    expect(stored).toHaveLength(acknowledged.length)
    await vi.waitFor(async () => expect((await put(randomUUID())).status).toBe(201), { timeout: 8_000 })
  })

  test('of a write that waits for a lock: 503 after two seconds, and nothing is left behind', async () => {
    const release = await holdWrites()
    try {
      const answer = await put(randomUUID())
      expect([answer.status, answer.json()]).toEqual([503, AWAY])
    } finally {
      await release()
    }
  })

  test('without a sign: a connection gone silent is given up', { timeout: 25_000 }, async () => {
    const id = randomUUID()
    expect((await put(id)).status).toBe(201)
    proxy.silence()
    const began = Date.now()
    const answer = await put(randomUUID())
    expect([answer.status, answer.json()]).toEqual([503, AWAY])
    expect(Date.now() - began).toBeLessThan(10_000)
    await proxy.restore()
    await vi.waitFor(async () => expect((await put(id)).status).toBe(200), { timeout: 8_000 })
  })
})
