import { randomUUID } from 'node:crypto'
import type { CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCitizens } from '#sandbox/identities.ts'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let hospital: string
let municipality: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await gateway.client('hospital-ehr').token()
  municipality = await gateway.client('municipality-system').token()
})
afterAll(() => gateway.close())

interface Put {
  readonly token?: string
  readonly id?: string
  readonly plan?: Partial<CarePlan>
  readonly headers?: Record<string, string>
}

function put({ token = hospital, id = randomUUID(), plan = {}, headers = {} }: Put = {}): Promise<Received> {
  const { id: _id, ...sample } = sampleCarePlan()
  const body = JSON.stringify({ ...sample, ...plan })
  return sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, {
    method: 'PUT',
    token,
    type: FHIR_JSON,
    headers,
    body,
  })
}

function read(id: string): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, { token: hospital })
}

const berggren = { identifier: { ...sandboxCitizens.berggren } }

// https://hl7.org/fhir/R4/http.html#update
describe('update', () => {
  test('creates under the id of the client, then replaces, and says which', async () => {
    const id = randomUUID()
    const created = await put({ id })
    const { result: updated, effects } = await effectsOf(gateway.database, () =>
      put({ id, plan: { title: 'Ny plan' } }),
    )
    expect([created.status, updated.status]).toEqual([201, 200])
    expect(updated.headers.get('etag')).not.toBe(created.headers.get('etag'))
    expect(updated.headers.get('location')).toMatch(
      new RegExp(`/fhir/CarePlan/${id}/_history/[0-9a-f-]{36}$`),
    )
    expect(effects.added).toEqual({ resource_version: 1 })
    expect(effects.audit).toMatchObject([
      { kind: 'accept', interaction: 'update', resources: [{ type: 'CarePlan', id }] },
    ])
    const found = await read(id)
    expect((found.json() as CarePlan).title).toBe('Ny plan')
    expect(found.headers.get('etag')).toBe(updated.headers.get('etag'))
  })

  test.each(['plan-1', 'D9B2D63D-A233-4123-847A-7090A8C0C1F6', '2509479989'])(
    'an id that is no lower-case UUID could be guessed: %s',
    async (id) => {
      const answer = await put({ id })
      const text =
        'the id in the path must be a lower-case UUID that your system made, so that no id can be guessed; or POST and take ours'
      expect([answer.status, answer.json()]).toEqual([400, outcome('parameter-invalid', text, 'id')])
    },
  )

  test('another id in the body is refused', async () => {
    const answer = await put({ plan: { id: randomUUID() } })
    const text =
      'the id in the body differs from the one in the path; make them the same or leave it out of the body'
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, 'CarePlan.id')])
  })

  test('of another organisation is answered as one that may not be written, and changes nothing', async () => {
    const id = randomUUID()
    await put({ id })
    const before = await read(id)
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      put({ id, token: municipality, plan: { subject: { identifier: { ...sandboxCitizens.berggren } } } }),
    )
    const text = 'there is no resource with this id that you may write'
    expect([answer.status, answer.json()]).toEqual([404, outcome('not-found', text)])
    expect(effects.added).toEqual({ quarantine: 1 })
    expect(comparable(await read(id))).toEqual(comparable(before))
  })

  test('of another type under the same id is not written either', async () => {
    const id = randomUUID()
    await put({ id })
    const { subject } = sampleCarePlan()
    const encounter = {
      resourceType: 'Encounter',
      status: 'planned',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      subject,
    }
    const answer = await sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, {
      method: 'PUT',
      token: hospital,
      type: FHIR_JSON,
      body: JSON.stringify(encounter),
    })
    expect([answer.status, faultsIn(answer.json())]).toEqual([404, [{ code: 'not-found' }]])
  })

  test('cannot move a resource to another citizen', async () => {
    const id = randomUUID()
    await put({ id })
    const answer = await put({ id, plan: { subject: berggren } })
    const text = 'this resource belongs to another citizen and cannot be moved; use a new id'
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, 'CarePlan.subject')])
  })

  test('for two citizens at once under one id makes one resource of one citizen', async () => {
    const id = randomUUID()
    const elmer = { identifier: { ...sandboxCitizens.elmer } }
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => put({ id, plan: { subject: i % 2 ? elmer : berggren } })),
    )
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
      200, 200, 200, 201, 422, 422, 422, 422,
    ])
    const rows = await gateway.database.query({ text: 'select 1 from resource where id = $1', values: [id] })
    expect(rows).toHaveLength(1)
  })
})

// https://hl7.org/fhir/R4/http.html#concurrency
describe('If-Match', () => {
  test('the current version is replaced; of two that start from one version, one is', async () => {
    const id = randomUUID()
    const etag = (await put({ id })).headers.get('etag') ?? ''
    const answers = await Promise.all([1, 2].map(() => put({ id, headers: { 'if-match': etag } })))
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 412])
    const stale = answers.find(({ status }) => status === 412)
    const text =
      'the version in `If-Match` is not the current one: read the resource again, merge your change and send it with the new ETag'
    expect(stale?.json()).toEqual(outcome('version-conflict', text))
  })

  test('of a resource that is not there is a conflict, not a create', async () => {
    const headers = { 'if-match': `W/"${randomUUID()}"` }
    const { result, effects } = await effectsOf(gateway.database, () => put({ headers }))
    expect([result.status, effects.added]).toEqual([412, { quarantine: 1 }])
  })

  test.each(['*', '"1"', 'W/""', '1'])('%s is no ETag of ours', async (value) => {
    const answer = await put({ headers: { 'if-match': value } })
    const text = 'write the ETag as it was answered: `W/"<version>"`'
    expect([answer.status, answer.json()]).toEqual([400, outcome('parameter-invalid', text, 'http:If-Match')])
  })
})
