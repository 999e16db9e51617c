import { randomUUID } from 'node:crypto'
import type { Bundle, Parameters, Subscription } from '@medplum/fhirtypes'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { type Sink, startSink } from '#test/sink.ts'
import { validator } from '#test/validator.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let gp: string
let hospital: string
let sink: Sink
beforeAll(async () => {
  gateway = await startGateway()
  gp = await gateway.client('gp-system').token()
  hospital = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())
beforeEach(async () => {
  sink = await startSink()
})
afterEach(() => sink.close())

interface Ask {
  readonly token?: string
  readonly body?: object
  readonly headers?: Record<string, string>
}

function ask(method: string, path: string, { token = gp, body, headers = {} }: Ask = {}): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/Subscription${path}`, {
    method,
    token,
    headers,
    ...(body ? { type: FHIR_JSON, body: JSON.stringify(body) } : {}),
  })
}

function idIn(answer: Received): string {
  return (answer.json() as Subscription).id ?? ''
}

async function statusOf(id: string): Promise<string | undefined> {
  return ((await ask('GET', `/${id}`)).json() as Subscription).status
}

function reaches(id: string, status: string): Promise<void> {
  return vi.waitFor(async () => expect(await statusOf(id)).toBe(status), { timeout: 8_000, interval: 20 })
}

async function active(): Promise<string> {
  const id = idIn(await ask('POST', '', { body: subscriptionFor(sink.url) }))
  await reaches(id, 'active')
  return id
}

const SECRET = 'Authorization: Bearer hemmelighed-134418'

describe('create', () => {
  test('answers 201 with status requested and the headers, once: later they are masked', async () => {
    const sent = subscriptionFor(sink.url, { headers: [SECRET, 'X-Back: https://sub.example/'] })
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      ask('POST', '', { body: sent }),
    )
    const id = idIn(answer)
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe(`${gateway.baseUrl}/fhir/Subscription/${id}`)
    const meta = { versionId: expect.any(String), lastUpdated: expect.any(String) }
    expect(answer.json()).toEqual({ ...sent, id, meta })
    expect(effects.added).toEqual({ subscription: 1 })
    expect(effects.audit).toMatchObject([
      {
        kind: 'subscribe',
        interaction: 'create',
        outcome: 'success',
        client: 'gp-system',
        recipient: sandboxOrganizations.gp.id,
        subscription: id,
        resources: [{ type: 'Subscription', id }],
      },
    ])

    await reaches(id, 'active')
    const read = await ask('GET', `/${id}`)
    expect(read.json()).toEqual({
      ...sent,
      id,
      meta,
      status: 'active',
      channel: { ...sent.channel, header: ['Authorization: ***', 'X-Back: ***'] },
    })
    const list = await ask('GET', '')
    for (const text of [read.text, list.text, ...gateway.logged]) expect(text).not.toContain('hemmelighed')
    const [row] = await gateway.database.query<{ all: string }>({
      text: 'select s::text as all from subscription s where subscription_id = $1',
      values: [id],
    })
    expect(row?.all).not.toMatch(new RegExp(`hemmelighed|${Buffer.from('hemmelighed').toString('hex')}`))
  })

  test('the handshake carries the headers, is a valid bundle, and says requested', async () => {
    const headers = [SECRET, 'X-Back: https://sub.example/']
    const created = await ask('POST', '', { body: subscriptionFor(sink.url, { headers }) })
    const id = idIn(created)
    const handshake = await sink.next()
    const { fhirBase } = { fhirBase: `${gateway.baseUrl}/fhir` }
    expect(handshake.headers).toMatchObject({
      authorization: 'Bearer hemmelighed-134418',
      'x-back': 'https://sub.example/',
      'content-type': 'application/fhir+json',
      'webhook-id': expect.stringMatching(new RegExp(`^${id}-h[0-9a-f-]{36}$`)),
    })
    const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
    const statusId = handshake.bundle.entry?.[0]?.resource?.id
    expect(handshake.bundle).toEqual({
      resourceType: 'Bundle',
      id: expect.any(String),
      meta: { profile: [`${BACKPORT}/backport-subscription-notification-r4`] },
      type: 'history',
      timestamp: expect.any(String),
      entry: [
        {
          fullUrl: `urn:uuid:${statusId}`,
          resource: {
            resourceType: 'Parameters',
            id: statusId,
            meta: { profile: [`${BACKPORT}/backport-subscription-status-r4`] },
            parameter: [
              { name: 'subscription', valueReference: { reference: `${fhirBase}/Subscription/${id}` } },
              {
                name: 'topic',
                valueCanonical: 'https://sluse.example/fhir/SubscriptionTopic/careplan-changed',
              },
              { name: 'status', valueCode: 'requested' },
              { name: 'type', valueCode: 'handshake' },
              { name: 'events-since-subscription-start', valueString: '0' },
            ],
          },
          request: { method: 'GET', url: `${fhirBase}/Subscription/${id}/$status` },
          response: { status: '200' },
        },
      ],
    })
    expect(validator.validate(handshake.bundle)).toEqual([])
  })
})

describe('the handshake', () => {
  test.each([500, 404, 302, 410])('answered %i makes it an error, and a PUT repeats it', async (status) => {
    sink.answer(status)
    const body = subscriptionFor(sink.url)
    const id = idIn(await ask('POST', '', { body }))
    await reaches(id, 'error')
    expect(((await ask('GET', `/${id}`)).json() as Subscription).error).toBe(
      `the handshake got HTTP ${status} instead of 2xx; correct the endpoint and PUT the subscription with status requested`,
    )
    sink.answer(204)
    const again = await ask('PUT', `/${id}`, { body: { ...body, id } })
    expect([again.status, (again.json() as Subscription).status]).toEqual([200, 'requested'])
    await reaches(id, 'active')
    expect(((await ask('GET', `/${id}`)).json() as Subscription).error).toBeUndefined()
    expect(sink.arrived.map(({ type }) => type)).toEqual(['handshake', 'handshake'])
  })

  test('to nobody makes it an error', async () => {
    const id = idIn(await ask('POST', '', { body: subscriptionFor('http://127.0.0.1:1/') }))
    await reaches(id, 'error')
  })

  test('of an endpoint that was replaced meanwhile does not activate the one that replaced it', async () => {
    let answerNow: () => void = () => undefined
    const held = new Promise<number>((resolve) => {
      answerNow = () => resolve(200)
    })
    sink.answer(({ path }) => (path === '/first' ? held : 500))
    const id = idIn(await ask('POST', '', { body: subscriptionFor(`${sink.url}first`) }))
    await sink.next(({ path }) => path === '/first')
    await ask('PUT', `/${id}`, { body: subscriptionFor(`${sink.url}second`) })
    answerNow()
    await sink.next(({ path }) => path === '/second')
    await reaches(id, 'error')
    const { rows } = await gateway.database.pool.query(
      'select activated_at from subscription where subscription_id = $1',
      [id],
    )
    expect(rows).toEqual([{ activated_at: null }])
  })
})

describe('a client sees and changes its own alone', () => {
  test.each([
    ['GET', '', {}],
    ['GET', '/$status', {}],
    ['DELETE', '', {}],
    ['PUT', '', { body: subscriptionFor('http://127.0.0.1:9/') }],
  ] as const)('%s %s of another is answered as of none', async (method, operation, more) => {
    const id = await active()
    const { result: others, effects } = await effectsOf(gateway.database, () =>
      ask(method, `/${id}${operation}`, { token: hospital, ...more }),
    )
    const none = await ask(method, `/${randomUUID()}${operation}`, { token: hospital, ...more })
    expect([others.status, comparable(others)]).toEqual([404, comparable(none)])
    expect(effects.added).toEqual(method === 'PUT' ? { quarantine: 1 } : {})
    expect(await statusOf(id)).toBe('active')
  })

  test('lists and statuses hold none of another', async () => {
    const id = await active()
    for (const path of ['', '/$status', `/$status?id=${id}`]) {
      const answer = await ask('GET', path, { token: hospital })
      expect([answer.status, (answer.json() as Bundle).entry]).toEqual([200, undefined])
      expect(validator.validate(answer.json() as Bundle)).toEqual([])
    }
  })
})

describe('search and $status', () => {
  test('find by status and endpoint, and refuse what they do not know', async () => {
    const id = await active()
    const found = async (query: string): Promise<string[]> => {
      const { entry = [] } = (await ask('GET', query)).json() as Bundle
      return entry.map(({ resource }) => resource?.id ?? '')
    }
    const url = encodeURIComponent(sink.url)
    expect(await found(`?url=${url}`)).toEqual([id])
    expect(await found(`?url=${url}&status=off,active`)).toEqual([id])
    expect(await found(`?url=${url}&status=off`)).toEqual([])
    for (const path of ['?criteria=x', '/$status?subscription=x']) {
      const answer = await ask('GET', path)
      expect([answer.status, faultsIn(answer.json())]).toEqual([400, [{ code: 'parameter-unknown' }]])
    }
  })

  // https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-status.html
  test('$status of one, and of those with an id or a status', async () => {
    const id = await active()
    for (const path of [
      `/${id}/$status`,
      `/$status?id=${id},${randomUUID()}`,
      `/$status?id=${id}&status=active`,
    ]) {
      const answer = await ask('GET', path)
      const bundle = answer.json() as Bundle<Parameters>
      expect([answer.status, bundle.type, bundle.entry?.length]).toEqual([200, 'searchset', 1])
      expect(validator.validate(bundle)).toEqual([])
      expect(bundle.entry?.[0]?.resource?.parameter).toEqual([
        {
          name: 'subscription',
          valueReference: { reference: `${gateway.baseUrl}/fhir/Subscription/${id}` },
        },
        { name: 'topic', valueCanonical: 'https://sluse.example/fhir/SubscriptionTopic/careplan-changed' },
        { name: 'status', valueCode: 'active' },
        { name: 'type', valueCode: 'query-status' },
        { name: 'events-since-subscription-start', valueString: '0' },
      ])
    }
    const none = await ask('GET', `/$status?id=${id}&status=error`)
    expect((none.json() as Bundle).entry).toBeUndefined()
  })
})

describe('update', () => {
  test('under another id than the address is refused', async () => {
    const id = await active()
    const answer = await ask('PUT', `/${id}`, { body: { ...subscriptionFor(sink.url), id: randomUUID() } })
    const text =
      'the id in the body differs from the one in the path; make them the same or leave it out of the body'
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, 'Subscription.id')])
  })

  test('from a version that is not the current one is a conflict', async () => {
    const created = await ask('POST', '', { body: subscriptionFor(sink.url) })
    const id = idIn(created)
    await reaches(id, 'active')
    const stale = created.headers.get('etag') ?? ''
    const current = (await ask('GET', `/${id}`)).headers.get('etag') ?? ''
    // Its status is part of it: becoming active made another version.
    expect(current).not.toBe(stale)
    const put = (etag: string): Promise<Received> =>
      ask('PUT', `/${id}`, { body: subscriptionFor(sink.url), headers: { 'if-match': etag } })
    const refused = await put(stale)
    expect([refused.status, faultsIn(refused.json())]).toEqual([412, [{ code: 'version-conflict' }]])
    expect(await statusOf(id)).toBe('active')
    expect((await put(current)).status).toBe(200)
  })
})

describe('delete', () => {
  test('ends it, and is audited', async () => {
    const id = await active()
    const { result: answer, effects } = await effectsOf(gateway.database, () => ask('DELETE', `/${id}`))
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(effects.audit).toMatchObject([{ kind: 'subscribe', interaction: 'delete', subscription: id }])
    expect(await statusOf(id)).toBe('off')
  })
})
