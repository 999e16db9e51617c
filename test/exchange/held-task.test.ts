/** Requests of one organisation to another, which are records, beside the work items of the gateway, which are not. */
import { randomUUID } from 'node:crypto'
import type { Bundle, Consent, Task } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { findSubject, subjectOf } from '#store/persons.ts'
import { openWorkItem, searchWorkItems } from '#store/tasks.ts'
import { idOf, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { heldSample } from '#test/held-samples.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { validator } from '#test/validator.ts'

const { hospital: hospitalOrganization, gp: gpOrganization } = sandboxOrganizations
const depression = { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DF331' }] }
const alcohol = { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DF102' }] }
const WORK_ITEM = 'https://sluse.example/fhir/CodeSystem/work-item'
const NOT_WRITABLE = outcome('not-found', 'there is no resource with this id that you may write')
const psychiatric = { code: depression, input: undefined, businessStatus: undefined }

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
})
afterAll(() => gateway.close())

async function store(change: object = {}, citizen?: string): Promise<string> {
  const id = randomUUID()
  const answer = await put(id, { ...heldSample('Task', citizen), ...change })
  expect(answer.status, answer.text).toBe(201)
  return id
}

const put = (id: string, task: object, by = hospital): Promise<Received> =>
  sendFhir(by, 'PUT', `/fhir/Task/${id}`, { ...task, id })

/** Of the hospital, about this citizen. */
async function workItem(subjectId: string): Promise<string> {
  const item = {
    code: 'indeterminate',
    ownerOrganizationId: hospitalOrganization.id,
    subjectId,
    reason: 'indeterminate',
    dedupeKey: randomUUID(),
  } as const
  await gateway.database.transaction((tx) => openWorkItem(tx, item))
  const query = { ownerOrganizationId: hospitalOrganization.id, subjectId, limit: 1 }
  return (await searchWorkItems(gateway.database, query))[0]?.id ?? ''
}

function idsIn(answer: Received): (string | undefined)[] {
  expect(answer.status, answer.text).toBe(200)
  const bundle = answer.json() as Bundle
  expect(validator.validate(bundle)).toEqual([])
  return (bundle.entry ?? []).map(({ resource }) => resource?.id)
}

const get = (path: string, by = hospital): Promise<Received> => by.send('GET', `/fhir/Task${path}`)

describe('work items beside requests', () => {
  const { value } = sandboxCitizens.berggren
  let about: string
  let requests: string[]
  let items: string[]
  beforeAll(async () => {
    const { berggren } = sandboxCitizens
    const id = await gateway.database.transaction((tx) => subjectOf(tx, gateway.seal, berggren))
    about = `?patient=Patient/${id}`
    const of = { for: { identifier: { ...berggren } } }
    requests = [await store(of), await store({ ...of, status: 'in-progress' }), await store(of)].toReversed()
    items = [await workItem(id), await workItem(id)].toReversed()
  })

  test('of a citizen come requests, newest first, then the reader’s own work items', async () => {
    expect(idsIn(await get(about))).toEqual([...requests, ...items])
    expect(idsIn(await get(about, gp))).toEqual([])
  })

  test.each([1, 2, 3, 4, 5])(
    'in pages of %i without gap or overlap, and without a national id',
    async (count) => {
      const paged: (string | undefined)[] = []
      for (let next: string | undefined = `${about}&_count=${count}`; next !== undefined;) {
        const answer: Received = await get(next)
        const page = idsIn(answer)
        expect([
          page.length > 0,
          page.length <= count,
          JSON.stringify((answer.json() as Bundle).link).includes(value),
        ]).toEqual([true, true, false])
        paged.push(...page)
        const link: string | undefined = (answer.json() as Bundle).link?.find(
          ({ relation }) => relation === 'next',
        )?.url
        next = link?.slice(`${gateway.baseUrl}/fhir/Task`.length)
      }
      expect(paged).toEqual([...requests, ...items])
    },
  )

  // prettier-ignore
  test.each<[string, () => readonly string[]]>([
    ['&status=in-progress', () => requests.slice(1, 2)],
    ['&status=requested', () => [requests[0] ?? '', requests[2] ?? '', ...items]],
    ['&status=requested,accepted', () => [requests[0] ?? '', requests[2] ?? '']],
    ['&code=indeterminate', () => items],
    [`&code=${WORK_ITEM}|indeterminate`, () => items],
    ['&code=fulfill', () => requests],
    ['&intent=order', () => requests],
    [`&owner=Organization/${hospitalOrganization.id}`, () => items],
    [`&owner=Organization/${gpOrganization.id}`, () => []],
  ])('asked for by %s', async (query, want) => {
    expect(idsIn(await get(`${about}${query}`))).toEqual(want())
  })

  test('each is found by its id', async () => {
    for (const id of [...requests, ...items]) {
      expect(idsIn(await get(`?_id=${id}`))).toEqual([id])
      expect((await get(`/${id}`)).status).toBe(200)
    }
  })

  test('a scope that a query narrows is of requests alone', async () => {
    const scopes = ['system/Task.rus?status=in-progress']
    const client = {
      id: 'narrow',
      organizationId: hospitalOrganization.id,
      profile: 'smart',
      scopes,
      purposeOfUse: ['TREAT'],
    } as const
    const token = await (await gateway.addClient(client)).token()
    const ask = (path: string): Promise<Received> => sendRaw(gateway.baseUrl, `/fhir/Task${path}`, { token })
    expect(idsIn(await ask(about))).toEqual(requests.slice(1, 2))
    expect((await ask(`/${items[0]}`)).status).toBe(404)
    expect((await ask(`?owner=Organization/${hospitalOrganization.id}`)).status).toBe(400)
  })

  test('a work item is no record: it has no history, and is neither patched nor deleted', async () => {
    const patch = {
      type: 'application/json-patch+json',
      body: '[{"op":"replace","path":"/status","value":"completed"}]',
    }
    // prettier-ignore
    const ways = [
      (id: string) => get(`/${id}/_history`),
      (id: string) => get(`/${id}/_history/${randomUUID()}`),
      (id: string) => hospital.send('DELETE', `/fhir/Task/${id}`),
      async (id: string) => sendRaw(gateway.baseUrl, `/fhir/Task/${id}`, { ...patch, method: 'PATCH', token: await hospital.token() }),
    ]
    const [id = ''] = items
    for (const way of ways) expect(comparable(await way(id))).toEqual(comparable(await way(randomUUID())))
    expect(((await get(`/${id}`)).json() as Task).status).toBe('requested')
  })

  test('no record takes the id of a work item, also of another organisation', async () => {
    const [id = ''] = items
    const request = heldSample('Task')
    for (const answer of [
      await put(id, request, gp),
      await sendFhir(gp, 'PUT', '/fhir/Task?identifier=none', { ...request, id }),
    ])
      expect([answer.status, answer.json()]).toEqual([404, NOT_WRITABLE])
    expect((await put(randomUUID(), request, gp)).status).toBe(201)
  })
})

describe('the code of a work item is refused', () => {
  const forged = { coding: [{ system: WORK_ITEM, code: 'inform-patient' }] }
  const TEXT = 'codes of this system are of the work items that the gateway makes; send a code of another'
  const contained = [{ resourceType: 'Task', id: 'a', status: 'requested', intent: 'order', code: forged }]

  test.each<[string, object, string]>([
    ['of a request', { code: forged }, 'Task.code'],
    ['beside another', { code: { coding: [...depression.coding, ...forged.coding] } }, 'Task.code'],
    ['of what it contains', { contained, partOf: [{ reference: '#a' }] }, 'Task.contained[0].code'],
  ])('%s', async (_, change, expression) => {
    const id = randomUUID()
    for (const [method, path, body] of [
      ['POST', '/fhir/Task', {}],
      ['PUT', `/fhir/Task/${id}`, { id }],
      ['PUT', '/fhir/Task?identifier=none', {}],
    ] as const) {
      const { result: answer, effects } = await effectsOf(gateway.database, () =>
        sendFhir(hospital, method, path, { ...heldSample('Task'), ...change, ...body }),
      )
      expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', TEXT, expression)])
      expect(effects.added['resource_version']).toBeUndefined()
    }
  })

  test('in a patch', async () => {
    const id = await store()
    const answer = await sendRaw(gateway.baseUrl, `/fhir/Task/${id}`, {
      method: 'PATCH',
      token: await hospital.token(),
      type: 'application/json-patch+json',
      body: JSON.stringify([{ op: 'replace', path: '/code', value: forged }]),
    })
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', TEXT, 'Task.code')])
  })

  test.each([[{ coding: {} }], [{ coding: [null] }], [[]], ['x'], [null]])(
    'a code that is %j is a fault of its form',
    async (code) => {
      const task = { ...heldSample('Task'), code, contained: null }
      expect((await put(randomUUID(), task)).status).toBeGreaterThanOrEqual(400)
      expect((await put(randomUUID(), task)).status).toBeLessThan(500)
    },
  )
})

describe('a request', () => {
  const permit = (...types: readonly string[]): Consent => {
    const consent = sampleConsent(gpOrganization.identifiers[2], ['PSY'])
    const kinds = types.map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code }))
    return { ...consent, provision: { ...consent.provision, class: kinds } }
  }

  test('is changed by its author, version by version, and deleted', async () => {
    const id = await store()
    const read = (await get(`/${id}`)).json() as Task
    expect((await put(id, { ...heldSample('Task'), status: 'accepted' })).status).toBe(200)
    expect(idsIn(await get(`/${id}/_history`))).toEqual([id, id])
    expect(((await get(`/${id}/_history/${read.meta?.versionId}`)).json() as Task).status).toBe('requested')
    expect((await put(id, heldSample('Task'), gp)).json()).toEqual(NOT_WRITABLE)
    expect((await hospital.send('DELETE', `/fhir/Task/${id}`)).status).toBe(204)
    expect((await get(`/${id}`)).status).toBe(410)
  })

  test('goes to whom it is addressed by consent alone: that they are asked is no permission', async () => {
    const id = await store({ ...psychiatric, owner: { reference: `Organization/${gpOrganization.id}` } })
    const elmersId = await findSubject(gateway.database, gateway.seal, sandboxCitizens.elmer)
    const [hidden, absent] = [await get(`/${id}`, gp), await get(`/${randomUUID()}`, gp)]
    expect([hidden.status, comparable(hidden)]).toEqual([404, comparable(absent)])
    expect(idsIn(await get(`?patient=Patient/${elmersId}`, gp))).not.toContain(id)
    const consentId = idOf(await sendFhir(hospital, 'POST', '/fhir/Consent', permit('Task')))
    expect((await get(`/${id}`, gp)).status).toBe(200)
    expect(idsIn(await get(`?patient=Patient/${elmersId}`, gp))).toContain(id)
    const focus = idOf(
      await sendFhir(hospital, 'POST', '/fhir/ServiceRequest', {
        ...heldSample('ServiceRequest'),
        code: alcohol,
      }),
    )
    // To approve what the reader may not know of says that there is something: nothing goes.
    const approving = await store({ ...psychiatric, focus: { reference: `ServiceRequest/${focus}` } })
    expect(comparable(await get(`/${approving}`, gp))).toEqual(comparable(absent))
    await sendFhir(hospital, 'PUT', `/fhir/Consent/${consentId}`, {
      ...permit('Task'),
      id: consentId,
      status: 'inactive',
    })
    expect((await get(`/${id}`, gp)).status).toBe(404)
  })
})
