/** Another organisation's record and one that nobody holds, asked for in every way that a stolen token has: one answer. */
import { randomUUID } from 'node:crypto'
import type { CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const PATCH = 'application/json-patch+json'

let gateway: TestGateway
let thief: string
let hidden: string
let hiddenVersion: string
let deleted: string
const absent = randomUUID()

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  const owner = await gateway.client('hospital-ehr').token()
  thief = await gateway.client('municipality-system').token()
  hidden = randomUUID()
  deleted = randomUUID()
  for (const id of [hidden, deleted]) {
    const made = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, {
      method: 'PUT',
      token: owner,
      type: FHIR_JSON,
      body: JSON.stringify({ ...plan(), id }),
    })
    expect(made.status).toBe(201)
    if (id === hidden) hiddenVersion = /"(.*)"/.exec(made.headers.get('etag') ?? '')?.[1] ?? ''
  }
  const gone = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${deleted}`, { method: 'DELETE', token: owner })
  expect(gone.status).toBe(204)
})
afterAll(() => gateway.close())

function plan(): CarePlan {
  const { id: _id, ...sample } = sampleCarePlan()
  return sample
}

interface Way {
  readonly method: string
  readonly path: (id: string) => string
  readonly body?: (id: string) => unknown
  readonly type?: string
  readonly headers?: Record<string, string>
}

const bundle =
  (type: string, ...requests: readonly object[]) =>
  (id: string): unknown =>
    JSON.parse(
      JSON.stringify({ resourceType: 'Bundle', type, entry: requests }).replaceAll('<id>', id),
    ) as unknown
const get = (url: string): object => ({ request: { method: 'GET', url } })
const binary = {
  resourceType: 'Binary',
  contentType: PATCH,
  data: Buffer.from(JSON.stringify([{ op: 'test', path: '/status', value: 'active' }])).toString('base64'),
}

const ways: readonly (readonly [string, Way])[] = [
  ['read', { method: 'GET', path: (id) => `/CarePlan/${id}` }],
  ['read of another type', { method: 'GET', path: (id) => `/Goal/${id}` }],
  ['vread', { method: 'GET', path: (id) => `/CarePlan/${id}/_history/${hiddenVersion}` }],
  ['history', { method: 'GET', path: (id) => `/CarePlan/${id}/_history` }],
  ['$everything', { method: 'GET', path: (id) => `/CarePlan/${id}/$everything` }],
  ['search by id', { method: 'GET', path: (id) => `/CarePlan?_id=${id}&_summary=true` }],
  [
    'search of what points to it',
    { method: 'GET', path: (id) => `/CarePlan?_id=${id}&_revinclude=CarePlan:based-on` },
  ],
  ['provenance', { method: 'GET', path: (id) => `/Provenance?target=CarePlan/${id}` }],
  [
    'provenance of a version',
    { method: 'GET', path: (id) => `/Provenance?target=CarePlan/${id}/_history/${hiddenVersion}` },
  ],
  ['delete', { method: 'DELETE', path: (id) => `/CarePlan/${id}` }],
  [
    'delete with If-Match',
    { method: 'DELETE', path: (id) => `/CarePlan/${id}`, headers: { 'if-match': 'W/"x"' } },
  ],
  [
    'patch',
    {
      method: 'PATCH',
      path: (id) => `/CarePlan/${id}`,
      type: PATCH,
      body: () => [{ op: 'test', path: '/status', value: 'active' }],
    },
  ],
  [
    'update with the version that is there',
    {
      method: 'PUT',
      path: (id) => `/CarePlan/${id}`,
      body: (id) => ({ ...plan(), id }),
      get headers() {
        return { 'if-match': `W/"${hiddenVersion}"` }
      },
    },
  ],
  [
    '$validate of a deletion',
    {
      method: 'POST',
      path: (id) => `/CarePlan/${id}/$validate`,
      body: () => ({ resourceType: 'Parameters', parameter: [{ name: 'mode', valueCode: 'delete' }] }),
    },
  ],
  [
    'a batch',
    {
      method: 'POST',
      path: () => '',
      body: bundle(
        'batch',
        get('CarePlan/<id>'),
        get('CarePlan/<id>/_history'),
        get('CarePlan?_id=<id>'),
        { request: { method: 'DELETE', url: 'CarePlan/<id>' } },
        { resource: binary, request: { method: 'PATCH', url: 'CarePlan/<id>' } },
      ),
    },
  ],
  [
    'a transaction that reads',
    {
      method: 'POST',
      path: () => '',
      body: bundle('transaction', get('CarePlan/<id>'), get('CarePlan/<id>/$everything')),
    },
  ],
  [
    'a transaction that deletes',
    {
      method: 'POST',
      path: () => '',
      body: bundle('transaction', get('CarePlan/<id>'), {
        request: { method: 'DELETE', url: 'CarePlan/<id>' },
      }),
    },
  ],
  [
    'a deletion under a key',
    {
      method: 'DELETE',
      path: (id) => `/CarePlan/${id}`,
      headers: { 'idempotency-key': `"${randomUUID()}"` },
    },
  ],
]

async function ask(way: Way, id: string): Promise<unknown> {
  const { status, headers, text }: Received = await sendRaw(gateway.baseUrl, `/fhir${way.path(id)}`, {
    method: way.method,
    token: thief,
    ...(way.headers && { headers: way.headers }),
    ...(way.body && { type: way.type ?? FHIR_JSON, body: JSON.stringify(way.body(id)) }),
  })
  const own = new Set(['x-request-id', 'date'])
  return {
    status,
    text: text.replaceAll(id, '<id>'),
    headers: [...headers].filter(([name]) => !own.has(name)),
  }
}

describe.each(ways)('%s', (_title, way) => {
  test('a hidden, a deleted and an absent record are one answer', async () => {
    const nothing = await ask(way, absent)
    expect(await ask(way, hidden)).toEqual(nothing)
    expect(await ask(way, deleted)).toEqual(nothing)
  })
})
