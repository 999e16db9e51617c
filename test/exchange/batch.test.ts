import { randomUUID } from 'node:crypto'
import type { Bundle, BundleEntry, Encounter } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { condition, encounter, FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let gp: string
let hospital: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  gp = await gateway.client('gp-system').token()
  hospital = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())

function send(
  type: string,
  entry: readonly unknown[],
  { token = gp, headers = {} }: { readonly token?: string; readonly headers?: Record<string, string> } = {},
): Promise<Received> {
  const body = JSON.stringify({ resourceType: 'Bundle', type, entry })
  return sendRaw(gateway.baseUrl, '/fhir', { method: 'POST', token, type: FHIR_JSON, headers, body })
}

function entriesOf(answer: Received): readonly BundleEntry[] {
  return (answer.json() as Bundle).entry ?? []
}

const statuses = (answer: Received): unknown => entriesOf(answer).map(({ response }) => response?.status)
const get = (url: string): object => ({ request: { method: 'GET', url } })
const post = (
  resource: { readonly resourceType: string },
  request: object = {},
  fullUrl?: string,
): object => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...request },
})
const put = (resource: { readonly resourceType: string }, id: string, request: object = {}): object => ({
  resource: { ...resource, id },
  request: { method: 'PUT', url: `${resource.resourceType}/${id}`, ...request },
})
const idIn = (entry: BundleEntry | undefined): string =>
  /\/([0-9a-f-]{36})\/_history\//.exec(entry?.response?.location ?? '')?.[1] ?? ''

async function read(path: string, token = gp): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, { token })
}

const NOT_FOUND = outcome(
  'not-found',
  'nothing with this id is available to you; if you expect it, ask its custodian or check the consent',
)

// https://hl7.org/fhir/R4/http.html#transaction
describe.each(['batch', 'transaction'] as const)('a %s', (type) => {
  test('answers each entry as its request would be alone, and audits it so', async () => {
    const id = randomUUID()
    const { result, effects } = await effectsOf(gateway.database, () =>
      send(type, [post(condition), put(encounter, id), get(`Encounter/${id}`), get(`Encounter?_id=${id}`)]),
    )
    expect([result.status, statuses(result)]).toEqual([200, ['201', '201', '200', '200']])
    expect((result.json() as Bundle).type).toBe(`${type}-response`)
    const [created, , found, search] = entriesOf(result)
    expect(created?.response).toEqual({
      status: '201',
      location: expect.stringMatching(
        new RegExp(`^${gateway.baseUrl}/fhir/Condition/[0-9a-f-]{36}/_history/[0-9a-f-]{36}$`),
      ),
      etag: expect.stringMatching(/^W\/"[0-9a-f-]{36}"$/),
      lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      outcome: expect.objectContaining({ resourceType: 'OperationOutcome' }),
    })
    expect(found?.resource).toEqual((await read(`Encounter/${id}`)).json())
    expect(search?.resource).toMatchObject({
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [{ resource: { id } }],
    })
    expect(effects.audit.map((each) => `${each.kind} ${each.interaction}`).sort()).toEqual([
      'accept create',
      'accept update',
      'disclose read',
      'disclose search-type',
      'search search-type',
    ])
  })

  test('asks for the scope of each entry', async () => {
    const client = await gateway.addClient({
      id: `narrow-${randomUUID()}`,
      organizationId: sandboxOrganizations.gp.id,
      profile: 'smart',
      scopes: ['system/Condition.c', 'system/Encounter.r'],
      purposeOfUse: ['TREAT'],
    })
    const answer = await send(type, [post(condition), post(encounter)], { token: await client.token() })
    const text =
      'this needs the scope `system/Encounter.c`; ask the token endpoint for it, or the operator to register it for your client'
    if (type === 'batch') {
      expect(statuses(answer)).toEqual(['201', '403'])
      expect(entriesOf(answer)[1]?.response?.outcome).toEqual(outcome('scope-insufficient', text))
    } else {
      expect([answer.status, answer.json()]).toEqual([
        403,
        outcome('scope-insufficient', text, 'Bundle.entry[1]'),
      ])
    }
  })

  test('answers hidden and absent alike', async () => {
    const hidden = randomUUID()
    await send('batch', [put(encounter, hidden)])
    const asked = async (id: string): Promise<string> =>
      (
        await send(
          type,
          [get(`Encounter/${id}`), get(`Encounter?_id=${id}`), get(`Encounter/${id}/_history`)],
          { token: hospital },
        )
      ).text.replaceAll(id, 'id')
    const found = await asked(hidden)
    expect(found).toBe(await asked(randomUUID()))
    const [first] = (JSON.parse(found) as Bundle).entry ?? []
    expect(first).toEqual({ response: { status: '404', outcome: NOT_FOUND } })
  })

  test('of nothing is answered with nothing', async () => {
    expect((await send(type, [])).json()).toEqual({ resourceType: 'Bundle', type: `${type}-response` })
  })

  test('takes conditions, a patch as a Binary, and Prefer for all', async () => {
    const id = randomUUID()
    await send('batch', [put(encounter, id)])
    const data = Buffer.from('[{"op":"replace","path":"/status","value":"finished"}]').toString('base64')
    const binary = { resourceType: 'Binary', contentType: 'application/json-patch+json', data }
    const patch = { resource: binary, request: { method: 'PATCH', url: `Encounter/${id}` } }
    const value = randomUUID()
    const once = post({ ...condition, identifier: [{ value }] } as typeof condition, {
      ifNoneExist: `identifier=${value}`,
    })
    const answer = await send(type, [patch, once], { headers: { prefer: 'return=representation' } })
    expect(statuses(answer)).toEqual(['200', '201'])
    expect(entriesOf(answer)[0]?.resource).toMatchObject({
      resourceType: 'Encounter',
      id,
      status: 'finished',
    })
    expect(statuses(await send(type, [once]))).toEqual(['200'])
  })

  test('under an Idempotency-Key is done once, and answered again', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const entries = [post(condition), put(encounter, randomUUID())]
    const first = await send(type, entries, { headers })
    const { result, effects } = await effectsOf(gateway.database, () => send(type, entries, { headers }))
    expect([result.status, result.text]).toEqual([200, first.text])
    expect(result.headers.get('idempotency-replayed')).toBe('true')
    expect(effects).toEqual({ added: {}, audit: [] })
    const reading = await send(type, [get('Encounter?_id=x')], {
      headers: { 'idempotency-key': randomUUID() },
    })
    const text = 'a Bundle under an Idempotency-Key only writes: send its reads in another, without a key'
    expect([reading.status, reading.json()]).toEqual([
      400,
      outcome('parameter-invalid', text, 'http:Idempotency-Key'),
    ])
  })

  const URL_TEXT =
    'write it below the address of this Bundle, such as `CarePlan/<id>` or `CarePlan?patient=<id>`'

  test.each([
    [
      'an absolute url',
      [get('https://elsewhere.example/Encounter/1')],
      'Bundle.entry[0].request.url',
      URL_TEXT,
    ],
    ['a url from the root', [get('/Encounter/1')], 'Bundle.entry[0].request.url', URL_TEXT],
    ['a way up', [get('Encounter/../Consent')], 'Bundle.entry[0].request.url', URL_TEXT],
    [
      'no request',
      [get('Encounter'), { resource: encounter }],
      'Bundle.entry[1].request',
      'each entry says by `request` what is asked for',
    ],
    [
      'a Bundle in it',
      [
        {
          resource: { resourceType: 'Bundle', type: 'batch' },
          request: { method: 'POST', url: 'Encounter' },
        },
      ],
      'Bundle.entry[0].resource',
      'a Bundle in a Bundle is not taken: send its entries by themselves',
    ],
    [
      'a condition that is no string',
      [{ resource: encounter, request: { method: 'PUT', url: 'Encounter/1', ifMatch: 1 } }],
      'Bundle.entry[0].request.ifMatch',
      'found a value of type number; send a string',
    ],
  ])('%s is refused', async (_title, entries, expression, text) => {
    const answer = await send(type, entries)
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, expression)])
  })

  test('has a limit', async () => {
    const most = type === 'batch' ? 100 : 50
    const entries = Array.from({ length: most + 1 }, () => get(`Encounter/${randomUUID()}`))
    const answer = await send(type, entries)
    const text = `found ${most + 1} entries; a ${type} has at most ${most}: send it in parts`
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, 'Bundle.entry')])
    expect(entriesOf(await send(type, entries.slice(1)))).toHaveLength(most)
  })
})

test('another type of Bundle is refused', async () => {
  const answer = await send('document', [])
  const text = 'found `document`; this address takes batch and transaction'
  expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, 'Bundle.type')])
})

describe('a batch', () => {
  test('entries are independent: what fails is kept in quarantine, the others are stored', async () => {
    const { result, effects } = await effectsOf(gateway.database, () =>
      send('batch', [
        post(condition),
        post({ ...encounter, status: 'x' } as unknown as Encounter),
        get('Nothing/1'),
        { request: { method: 'PUT', url: 'Nothing' } },
        { request: { method: 'DELETE', url: `AuditEvent/${randomUUID()}` } },
        { request: { method: 'POST', url: 'Encounter' } },
      ]),
    )
    expect(statuses(result)).toEqual(['201', '422', '404', '404', '405', '400'])
    expect(effects.added).toMatchObject({ resource: 1, resource_version: 1, quarantine: 1 })
    expect(effects.audit.map(({ kind }) => kind).sort()).toEqual(['accept', 'refuse'])
  })
})

describe('a transaction', () => {
  const CONDITION_URL = `urn:uuid:${randomUUID()}`
  const VISIT_URL = `urn:uuid:${randomUUID()}`
  const visitOf = (reference: string): Encounter => ({
    ...encounter,
    diagnosis: [{ condition: { reference } }],
  })

  async function diagnosis(id: string): Promise<string | undefined> {
    return ((await read(`Encounter/${id}`)).json() as Encounter).diagnosis?.[0]?.condition?.reference
  }

  test('references between its entries become ids, whatever their order', async () => {
    const answer = await send('transaction', [
      post(visitOf(CONDITION_URL), {}, VISIT_URL),
      post(condition, {}, CONDITION_URL),
    ])
    const [visit, problem] = entriesOf(answer)
    expect(statuses(answer)).toEqual(['201', '201'])
    expect(await diagnosis(idIn(visit))).toBe(`Condition/${idIn(problem)}`)
  })

  test('an entry that its condition finds is referred to by the id that is there', async () => {
    const value = randomUUID()
    const problem = { ...condition, identifier: [{ value }] }
    const there = idIn(entriesOf(await send('transaction', [post(problem)]))[0])
    const once = post(problem, { ifNoneExist: `identifier=${value}` }, CONDITION_URL)
    const answer = await send('transaction', [post(visitOf(CONDITION_URL)), once])
    expect(statuses(answer)).toEqual(['201', '200'])
    expect(await diagnosis(idIn(entriesOf(answer)[0]))).toBe(`Condition/${there}`)
  })

  test('a reference by a query becomes the id of an own record of the citizen', async () => {
    const value = randomUUID()
    const there = idIn(
      entriesOf(
        await send('transaction', [post({ ...condition, identifier: [{ value }] } as typeof condition)]),
      )[0],
    )
    const answer = await send('transaction', [post(visitOf(`Condition?identifier=${value}`))])
    expect(await diagnosis(idIn(entriesOf(answer)[0]))).toBe(`Condition/${there}`)
    // Another organisation's is not found.
    const other = await send('transaction', [post(visitOf(`Condition?identifier=${value}`))], {
      token: hospital,
    })
    const text =
      'none of your records of the citizen fits this reference: store it first, or in the same transaction'
    expect([other.status, other.json()]).toEqual([
      412,
      outcome('reference-unresolved', text, 'Bundle.entry[0]'),
    ])
  })

  test('a reference to no entry is refused', async () => {
    const answer = await send('transaction', [post(visitOf(`urn:uuid:${randomUUID()}`))])
    const text = 'no entry of the transaction has this fullUrl: add it, or refer to what is stored'
    expect([answer.status, answer.json()]).toEqual([
      412,
      outcome('reference-unresolved', text, 'Bundle.entry[0]'),
    ])
  })

  test('all or nothing: what fails is named, and nothing of the rest is there', async () => {
    const [kept, made] = [randomUUID(), randomUUID()]
    await send('batch', [put(encounter, kept)])
    const { result, effects } = await effectsOf(gateway.database, () =>
      send('transaction', [
        put(condition, made),
        { request: { method: 'DELETE', url: `Encounter/${kept}` } },
        post({ ...encounter, status: 'no such status' } as unknown as Encounter),
      ]),
    )
    expect([
      result.status,
      (result.json() as { issue: { expression: string[] }[] }).issue[0]?.expression,
    ]).toEqual([422, ['Bundle.entry[2].resource.status']])
    expect(effects.added).toEqual({ quarantine: 1 })
    expect(effects.audit.map(({ kind }) => kind)).toEqual(['refuse'])
    expect([(await read(`Encounter/${kept}`)).status, (await read(`Condition/${made}`)).status]).toEqual([
      200, 404,
    ])
  })

  test.each([
    ['ifMatch', { ifMatch: `W/"${randomUUID()}"` }, 412, undefined],
    ['a malformed ifMatch', { ifMatch: '1' }, 400, 'Bundle.entry[1].request.ifMatch'],
    ['a malformed ifNoneMatch', { ifNoneMatch: '1' }, 400, 'Bundle.entry[1].request.ifNoneMatch'],
  ])('a condition that does not hold names its entry: %s', async (_title, request, status, expression) => {
    const answer = await send('transaction', [post(condition), put(encounter, randomUUID(), request)])
    const [issue] = (answer.json() as { issue: { expression: string[] }[] }).issue
    expect([answer.status, issue?.expression]).toEqual([status, [expression ?? 'Bundle.entry[1]']])
  })

  test('deletes first, then creates, then updates, then reads', async () => {
    const id = randomUUID()
    await send('batch', [put(encounter, id)])
    const answer = await send('transaction', [
      get(`Encounter/${id}`),
      put(condition, randomUUID()),
      post(condition),
      { request: { method: 'DELETE', url: `Encounter/${id}` } },
    ])
    expect(statuses(answer)).toEqual(['410', '201', '201', '204'])
  })

  test('changes no resource twice', async () => {
    const id = randomUUID()
    const answer = await send('transaction', [
      put(encounter, id),
      { request: { method: 'DELETE', url: `Encounter/${id}` } },
    ])
    const text = 'entry 0 changes the same resource: a transaction changes each once'
    expect([answer.status, answer.json()]).toEqual([
      422,
      outcome('field-invalid', text, 'Bundle.entry[1].request.url'),
    ])
  })

  test("another organisation's id is answered as one that may not be written, and undoes all", async () => {
    const theirs = randomUUID()
    await send('batch', [put(encounter, theirs)], { token: hospital })
    const { result, effects } = await effectsOf(gateway.database, () =>
      send('transaction', [post(condition), put(encounter, theirs)]),
    )
    const text = 'there is no resource with this id that you may write'
    expect([result.status, result.json()]).toEqual([404, outcome('not-found', text, 'Bundle.entry[1]')])
    expect(effects.added).toEqual({ quarantine: 1 })
  })
})

test('transactions that change the same in different orders wait for each other, and none has to give way', async () => {
  const [one, other] = [randomUUID(), randomUUID()]
  const both = (ids: readonly string[]): Promise<Received> =>
    send(
      'transaction',
      ids.map((id) => put(encounter, id)),
    )
  expect((await both([one, other])).status).toBe(200)
  const answers = await Promise.all([1, 2, 3, 4].flatMap(() => [both([one, other]), both([other, one])]))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
})

test('a batch with a key keeps no answer that asks to come again: nothing of it is done, and the key is free', async () => {
  const id = randomUUID()
  expect((await send('batch', [put(encounter, id)])).status).toBe(200)
  const entries = [post(condition), put(encounter, id)]
  const headers = { 'idempotency-key': `"${randomUUID()}"` }
  // Another transaction has the record: the entry waits for it in vain.
  const { result, effects } = await effectsOf(gateway.database, () =>
    gateway.database.transaction(async (tx) => {
      await tx.query({ text: 'select 1 from resource where id = $1 for update', values: [id] })
      return send('batch', entries, { headers })
    }),
  )
  expect([result.status, result.headers.get('retry-after')]).toEqual([503, '5'])
  expect(effects).toEqual({ added: {}, audit: [] })
  expect(statuses(await send('batch', entries, { headers }))).toEqual(['201', '200'])
})
