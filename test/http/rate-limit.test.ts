/** T42: what one caller may ask for, and that it is nobody else's loss. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fhirRoutes } from '#exchange/interactions.ts'
import { weightOf } from '#http/rate-limit.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'

const LIMITED = outcome(
  'rate-limited',
  'more was asked for than one caller may; send the same request again after the seconds in Retry-After',
)
const PLENTY = { address: 1e9, token: 1e9, tokenRefused: 1e9, client: 1e9, clientConcurrency: 1e9 }

let gateway: TestGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

async function open(
  rates: Partial<typeof PLENTY>,
  trustedProxies: readonly string[] = [],
): Promise<TestGateway> {
  gateway = await startGateway({ role: 'gateway', rates: { ...PLENTY, ...rates }, trustedProxies })
  return gateway
}

function expectLimited(answer: Received | undefined, policy: string): void {
  expect([answer?.status, answer?.json()]).toEqual([429, LIMITED])
  const [, seconds] = /^"[a-z-]+";r=0;t=(\d+)$/.exec(answer?.headers.get('ratelimit') ?? '') ?? []
  expect(answer?.headers.get('retry-after')).toBe(seconds)
  expect(Number(seconds)).toBeGreaterThan(0)
  expect(Number(seconds)).toBeLessThanOrEqual(60)
  expect(answer?.headers.get('ratelimit-policy')).toBe(policy)
}

const id = '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21'
const FORM = 'application/x-www-form-urlencoded'

describe('one client', () => {
  test('is asked to wait when it has asked for its share; another one is answered', async () => {
    const { baseUrl, client } = await open({ client: 5 })
    const flooding = await client('hospital-ehr').token()
    const other = await client('gp-system').token()
    const read = (token: string) => sendRaw(baseUrl, `/fhir/CarePlan/${id}`, { token })
    const answers = await Promise.all(Array.from({ length: 30 }, () => read(flooding)))
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(5)
    const limited = answers.filter(({ status }) => status !== 404)
    for (const answer of limited) expectLimited(answer, '"client";q=5;w=60')
    expect((await read(other)).status).toBe(404)
    // Another token of the same client is the same client.
    expectLimited(await read(await client('hospital-ehr').token()), '"client";q=5;w=60')
  })

  test('pays three reads for a search, and one for a write that is refused', async () => {
    const { baseUrl, client } = await open({ client: 4 })
    const token = await client('hospital-ehr').token()
    const search = () => sendRaw(baseUrl, `/fhir/CarePlan?_id=${id}`, { token })
    expect((await search()).status).toBe(200)
    const sent = { method: 'POST', token, type: 'application/fhir+json', body: '{}' }
    expect((await sendRaw(baseUrl, '/fhir/CarePlan', sent)).status).toBe(422)
    expectLimited(await sendRaw(baseUrl, '/fhir/CarePlan', sent), '"client";q=4;w=60')
  })

  test('may have so many requests under way, and its next one is answered when one is over', async () => {
    const { baseUrl, client, database } = await open({ clientConcurrency: 3 })
    const token = await client('hospital-ehr').token()
    const other = await client('gp-system').token()
    const read = (of: string) => sendRaw(baseUrl, `/fhir/CarePlan/${id}`, { token: of })
    // The requests hang on a table that somebody has locked.
    const locking = await database.pool.connect()
    await locking.query('begin; lock table resource in access exclusive mode')
    const hanging = Array.from({ length: 3 }, () => read(token))
    const waiting = async (): Promise<void> => {
      const { rows } = await locking.query<{ n: number }>(
        "select count(*)::int as n from pg_locks where not granted and relation = 'resource'::regclass",
      )
      expect(rows[0]?.n).toBe(3)
    }
    await vi.waitFor(waiting, { timeout: 1_500, interval: 10 })
    expectLimited(await read(token), '"concurrency";q=3;w=1')
    const others = read(other)
    await locking.query('rollback')
    locking.release()
    expect((await others).status).toBe(404)
    expect((await Promise.all(hanging)).map(({ status }) => status)).toEqual([404, 404, 404])
    expect((await read(token)).status).toBe(404)
  })

  test('has its place back of a request that it gave up while its token was looked at', async () => {
    const { baseUrl, client, database } = await open({ clientConcurrency: 1 })
    const token = await client('hospital-ehr').token()
    const locking = await database.pool.connect()
    await locking.query('begin; lock table client in access exclusive mode')
    const leaving = new AbortController()
    const left = fetch(`${baseUrl}/fhir/CarePlan/${id}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    })
    const waiting = async (): Promise<void> => {
      const { rows } = await locking.query<{ n: number }>(
        "select count(*)::int as n from pg_locks where not granted and relation = 'client'::regclass",
      )
      expect(rows[0]?.n).toBe(1)
    }
    await vi.waitFor(waiting, { timeout: 1_500, interval: 10 })
    leaving.abort()
    await expect(left).rejects.toThrow('aborted')
    // The gateway sees the connection end before the answer of the database.
    expect((await sendRaw(baseUrl, '/fhir/metadata')).status).toBe(200)
    await locking.query('rollback')
    locking.release()
    const read = async (): Promise<number> =>
      (await sendRaw(baseUrl, `/fhir/CarePlan/${id}`, { token })).status
    await vi.waitFor(async () => expect(await read()).toBe(404), { timeout: 1_500, interval: 50 })
    expect([await read(), await read()]).toEqual([404, 404])
  })

  test('learns nothing from a 429: what there is, and what there is not, is refused alike', async () => {
    const { baseUrl, client } = await open({ client: 1 })
    const token = await client('hospital-ehr').token()
    await sendRaw(baseUrl, `/fhir/CarePlan/${id}`, { token })
    const paths = [`/fhir/CarePlan/${id}`, '/fhir/Consent?patient=x', '/fhir/AuditEvent', '/fhir/Task/x']
    const answers = await Promise.all(paths.map((path) => sendRaw(baseUrl, path, { token })))
    const [first, ...rest] = answers.map((answer) => {
      const headers = new Headers(answer.headers)
      for (const name of ['retry-after', 'ratelimit']) headers.delete(name)
      return comparable({ ...answer, headers })
    })
    for (const answer of rest) expect(answer).toEqual(first)
  })
})

describe('one address', () => {
  test('is asked to wait before its token is read; health and metrics are answered', async () => {
    const { baseUrl } = await open({ address: 3 })
    const paths = [
      '/fhir/metadata',
      '/fhir/CarePlan/x',
      '/nowhere',
      '/fhir/metadata',
      '/sectors/hospital/hl7v2',
    ]
    const answers = []
    for (const path of paths) answers.push(await sendRaw(baseUrl, path))
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 404, 429, 429])
    expectLimited(answers.at(-1), '"address";q=3;w=60')
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect((await sendRaw(baseUrl, path)).status).toBe(200)
    expect((await sendRaw(baseUrl, '/health/live/../../fhir/metadata')).status).toBe(429)
  })

  test('is the client’s behind a trusted proxy, and of IPv6 its network', async () => {
    const { baseUrl } = await open({ address: 1 }, ['127.0.0.0/8'])
    const ask = async (address: string): Promise<number> =>
      (await sendRaw(baseUrl, '/nowhere', { headers: { 'X-Forwarded-For': address } })).status
    expect(await ask('203.0.113.9')).toBe(404)
    expect(await ask('203.0.113.9')).toBe(429)
    expect(await ask('203.0.113.10')).toBe(404)
    expect(await ask('2001:db8:1:1::1')).toBe(404)
    expect(await ask('2001:db8:1:1:ffff::2')).toBe(429)
    expect(await ask('2001:db8:1:2::1')).toBe(404)
  })

  test('does not change with what the client says of itself', async () => {
    const { baseUrl } = await open({ address: 1 })
    const ask = async (address: string): Promise<number> =>
      (await sendRaw(baseUrl, '/nowhere', { headers: { 'X-Forwarded-For': address } })).status
    expect([await ask('203.0.113.9'), await ask('203.0.113.10')]).toEqual([404, 429])
  })
})

describe('the token endpoint', () => {
  const refused = (baseUrl: string) =>
    sendRaw(baseUrl, '/oauth/token', { method: 'POST', type: FORM, body: 'grant_type=password' })

  test('asks an address to wait that was refused too often, right or wrong', async () => {
    const { baseUrl, client } = await open({ tokenRefused: 3 })
    for (let i = 0; i < 5; i += 1) await client('gp-system', 'system/CarePlan.r').token()
    for (let i = 0; i < 3; i += 1) expect((await refused(baseUrl)).status).toBe(400)
    expectLimited(await refused(baseUrl), '"token-refused";q=3;w=60')
    await expect(client('gp-system', 'system/CarePlan.s').token()).rejects.toThrow('429')
    expect((await sendRaw(baseUrl, `/fhir/CarePlan/${id}`)).status).toBe(401)
  })

  test('and one that asks too often at all', async () => {
    const { baseUrl, client } = await open({ token: 2 })
    await client('gp-system', 'system/CarePlan.r').token()
    await client('hospital-ehr', 'system/CarePlan.r').token()
    expectLimited(await refused(baseUrl), '"token";q=2;w=60')
  })
})

test('whatever answers with more than one resource costs more than a read', () => {
  const dear = fhirRoutes.filter(({ interaction }) =>
    /search|history|everything|batch|transaction/.test(interaction),
  )
  expect(dear.length).toBeGreaterThan(5)
  for (const { interaction } of dear)
    expect([interaction, weightOf(interaction) > 1]).toEqual([interaction, true])
  expect(weightOf('read')).toBe(1)
})
