import { randomUUID } from 'node:crypto'
import type { Encounter } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleCarePlan, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { encounter, FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let gp: string
let hospital: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  gp = await gateway.client('gp-system').token()
  hospital = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())

interface Post {
  readonly key: string
  readonly body?: object
  readonly token?: string
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string>
}

function post({
  key,
  body = encounter,
  token = gp,
  path = '/fhir/Encounter',
  ...sent
}: Post): Promise<Received> {
  return sendRaw(gateway.baseUrl, path, {
    method: sent.method ?? 'POST',
    token,
    type: FHIR_JSON,
    headers: { 'idempotency-key': key, ...sent.headers },
    body: JSON.stringify(body),
  })
}

const ANSWERED = ['location', 'etag', 'last-modified', 'content-type']

function answerOf(received: Received): unknown {
  return [received.status, received.text, ...ANSWERED.map((name) => received.headers.get(name))]
}

// https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
describe('Idempotency-Key', () => {
  test('the same request again gets the first answer, and nothing is stored again', async () => {
    const key = `"${randomUUID()}"`
    const { result: first, effects } = await effectsOf(gateway.database, () => post({ key }))
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null])
    expect(effects.added).toMatchObject({ resource: 1, resource_version: 1, idempotency_key: 1 })
    const { result: again, effects: none } = await effectsOf(gateway.database, () => post({ key }))
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(answerOf(again)).toEqual(answerOf(first))
    expect(none).toEqual({ added: {}, audit: [] })
  })

  test('in quotes or without, it is one key', async () => {
    const key = randomUUID()
    const first = await post({ key })
    expect(answerOf(await post({ key: `"${key}"` }))).toEqual(answerOf(first))
  })

  const OTHER = outcome(
    'idempotency-key-reused',
    'this key was used for another request in the last 24 hours, and nothing was done: send this one with a key of its own',
    'http:Idempotency-Key',
  )

  test.each([
    ['another body', { body: { ...encounter, status: 'finished' } satisfies Encounter }],
    ['another address', { path: '/fhir/Condition' }],
    ['another method', { method: 'PUT', path: `/fhir/Encounter/${randomUUID()}` }],
    ['another precondition', { headers: { 'if-none-exist': 'identifier=a|b' } }],
  ])('%s under the key is refused', async (_title, other) => {
    const key = randomUUID()
    await post({ key })
    const { result, effects } = await effectsOf(gateway.database, () => post({ key, ...other }))
    expect([result.status, result.json()]).toEqual([422, OTHER])
    expect(effects.added).toEqual({ quarantine: 1 })
  })

  test('another client may use the same key', async () => {
    const key = randomUUID()
    const [first, other] = [await post({ key }), await post({ key, token: hospital })]
    expect([first.status, other.status]).toEqual([201, 201])
    expect(other.headers.get('location')).not.toBe(first.headers.get('location'))
  })

  test('a refused write keeps no key: corrected, it is stored under it', async () => {
    const key = randomUUID()
    const refused = await post({ key, body: { ...encounter, status: 'no such status' } })
    const corrected = await post({ key })
    expect([refused.status, corrected.status]).toEqual([422, 201])
    expect(corrected.headers.get('idempotency-replayed')).toBeNull()
  })

  test('a PUT is one version, and one notification, however often it is sent', async () => {
    const { id: _id, ...plan } = sampleCarePlan()
    const put = {
      key: randomUUID(),
      method: 'PUT',
      path: `/fhir/CarePlan/${randomUUID()}`,
      body: plan,
      token: hospital,
    }
    const first = await post(put)
    const { result, effects } = await effectsOf(gateway.database, () => post(put))
    expect([answerOf(result), effects.added]).toEqual([answerOf(first), {}])
  })

  test("a subscription's secret headers come back as they were, and stand nowhere in clear", async () => {
    const secret = `Authorization: Bearer geheim-${randomUUID()}`
    const body = subscriptionFor('http://127.0.0.1:9/', { headers: [secret] })
    const subscribe = { key: randomUUID(), path: '/fhir/Subscription', body }
    const first = await post(subscribe)
    expect(first.text).toContain(secret)
    expect(answerOf(await post(subscribe))).toEqual(answerOf(first))
    const [row] = await gateway.database.query<{ held: string }>({
      text: `select string_agg(encode(sealed_answer, 'escape'), '') as held from idempotency_key`,
    })
    expect(row?.held).not.toContain('geheim')
  })

  test('after 24 hours it is a new request', async () => {
    const key = randomUUID()
    const first = await post({ key })
    await gateway.database.query({
      text: `update idempotency_key set expires_at = now() - interval '1 second'`,
    })
    const again = await post({ key })
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, null])
    expect(again.headers.get('location')).not.toBe(first.headers.get('location'))
  })

  test('50 at once make one resource; each gets its answer, or is asked to come again', async () => {
    const key = randomUUID()
    const { result: answers, effects } = await effectsOf(gateway.database, () =>
      Promise.all(Array.from({ length: 50 }, () => post({ key }))),
    )
    const made = answers.filter(({ status }) => status === 201)
    expect(made.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect(new Set(made.map(({ headers }) => headers.get('location'))).size).toBe(1)
    const waiting = answers.filter(({ status }) => status !== 201)
    const text = 'a request with this key is being worked on: send it again in a second to get its answer'
    for (const each of waiting) {
      expect([each.status, each.headers.get('retry-after')]).toEqual([409, '1'])
      expect(each.json()).toEqual(outcome('idempotency-key-in-use', text, 'http:Idempotency-Key'))
    }
    expect(effects.added).toEqual({ resource: 1, resource_version: 1, idempotency_key: 1 })
    expect(effects.audit).toHaveLength(1)
  })

  const FORM = 'send 8 to 64 letters, digits, `.`, `_`, `~` or `-`, best a random UUID in quotes'
  const NUMBER = 'the key could hold a national id, which may stand in no header: send a random UUID'

  test.each([
    ['too short', 'a123456', FORM],
    ['too long', 'a'.repeat(65), FORM],
    ['a quote that is not closed', `"${randomUUID()}`, FORM],
    ['spaces', 'plan of today', FORM],
    ['a CPR', '2509479989', NUMBER],
    ['a CPR with its hyphen', 'plan-250947-9989', NUMBER],
    ['a fødselsnummer', 'nb15838510156', NUMBER],
  ])('%s is no key', async (_title, key, text) => {
    const answer = await post({ key })
    expect([answer.status, answer.json()]).toEqual([
      400,
      outcome('parameter-invalid', text, 'http:Idempotency-Key'),
    ])
    expect(answer.text).not.toContain('9989')
  })

  test.each(['a1234567', 'a'.repeat(64), '01JD8ZK3V6Q9W2E4R5T6Y7U8I9'])('%s is one', async (key) => {
    expect((await post({ key })).status).toBe(201)
  })

  test('a key is kept as a hash', async () => {
    const key = `key-of-${randomUUID()}`
    await post({ key })
    const rows = await gateway.database.query({ text: 'select k::text from idempotency_key k' })
    expect(JSON.stringify(rows)).not.toContain(key)
  })
})
