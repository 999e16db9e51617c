/** Writes, asked by a stolen token of one client for what that client may not read: by their conditions, tests and repeats. */
import { randomUUID } from 'node:crypto'
import type { Bundle, CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, type Received, sendRaw } from '#test/http.ts'
import { encounter, FHIR_JSON } from '#test/ways-in.ts'

const PATCH = 'application/json-patch+json'
const { hospital } = sandboxOrganizations

let gateway: TestGateway
let whole: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  whole = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())

async function stolen(...scopes: readonly string[]): Promise<string> {
  const id = `stolen-${randomUUID()}`
  const client = await gateway.addClient({
    id,
    organizationId: hospital.id,
    profile: 'smart',
    scopes,
    purposeOfUse: ['TREAT'],
  })
  return client.token()
}

interface Sent {
  readonly method?: string
  readonly type?: string
  readonly headers?: Record<string, string>
}

function send(token: string, path: string, body: unknown, sent: Sent = {}): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir${path}`, {
    method: 'POST',
    type: FHIR_JSON,
    token,
    ...sent,
    body: JSON.stringify(body),
  })
}

function plan(change: Partial<CarePlan> = {}): CarePlan {
  const { id: _id, ...sample } = sampleCarePlan()
  return { ...sample, ...change }
}

async function stored(change: Partial<CarePlan> = {}): Promise<string> {
  const id = randomUUID()
  const answer = await send(whole, `/CarePlan/${id}`, { ...plan(change), id }, { method: 'PUT' })
  expect(answer.status, answer.text).toBe(201)
  return id
}

describe('a patch beyond the query of the scope', () => {
  test('tells nothing of what it tests: right and wrong guesses are refused alike', async () => {
    const id = await stored({ status: 'completed', title: 'Sovende' })
    const token = await stolen('system/CarePlan.u?status=active')
    const guess = (title: string) =>
      send(
        token,
        `/CarePlan/${id}`,
        [
          { op: 'test', path: '/title', value: title },
          { op: 'replace', path: '/status', value: 'active' },
        ],
        { method: 'PATCH', type: PATCH },
      )
    const [right, wrong] = [await guess('Sovende'), await guess('Vågen')]
    expect(comparable(wrong)).toEqual(comparable(right))
    expect([right.status, faultsIn(right.json())]).toEqual([403, [{ code: 'scope-insufficient' }]])
  })
})

describe('a condition', () => {
  test.each([
    ['If-None-Exist of a client that may not search', ['system/CarePlan.cr'], 'create'],
    ['If-None-Exist beyond the query of the scope', ['system/CarePlan.crs?status=active'], 'create'],
    ['a conditional update of a client that may not search', ['system/CarePlan.cru'], 'update'],
  ])('%s finds nothing: it is refused, whatever is stored', async (_title, scopes, how) => {
    const value = randomUUID()
    const identifier = [{ system: 'urn:example:plan', value }]
    await stored({ identifier, status: 'completed' })
    const token = await stolen(...scopes)
    const ask = (each: string): Promise<Received> =>
      how === 'create'
        ? send(token, '/CarePlan', plan(), {
            headers: { 'if-none-exist': `identifier=urn:example:plan|${each}` },
          })
        : send(token, `/CarePlan?identifier=urn:example:plan|${each}`, plan(), { method: 'PUT' })
    const [there, absent] = [await ask(value), await ask(randomUUID())]
    expect(comparable(there)).toEqual(comparable(absent))
    expect([there.status, faultsIn(there.json())[0]?.code]).toEqual([403, 'scope-insufficient'])
  })

  test('a reference by a query needs the scope to search what it looks for', async () => {
    const value = randomUUID()
    await stored({ identifier: [{ system: 'urn:example:plan', value }] })
    const token = await stolen('system/Encounter.cruds')
    const ask = (each: string): Promise<Received> =>
      send(token, '', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            resource: {
              ...encounter,
              subject: plan().subject,
              basedOn: [{ reference: `CarePlan?identifier=urn:example:plan|${each}` }],
            },
            request: { method: 'POST', url: 'Encounter' },
          },
        ],
      })
    const [there, absent] = [await ask(value), await ask(randomUUID())]
    expect(comparable(there)).toEqual(comparable(absent))
    expect([there.status, faultsIn(there.json())[0]?.code]).toEqual([403, 'scope-insufficient'])
  })
})

describe('an Idempotency-Key', () => {
  test.each(['$decide', '$validate'])(
    'does not answer %s of a Bundle with what was so before',
    async (operation) => {
      const url = operation === '$decide' ? 'Consent/$decide' : 'CarePlan/$validate'
      const entry = [{ resource: { resourceType: 'Parameters' }, request: { method: 'POST', url } }]
      const answer = await send(
        whole,
        '',
        { resourceType: 'Bundle', type: 'batch', entry },
        { headers: { 'idempotency-key': `"${randomUUID()}"` } },
      )
      expect([answer.status, faultsIn(answer.json() as Bundle)]).toEqual([
        400,
        [{ code: 'parameter-invalid', expression: 'http:Idempotency-Key' }],
      ])
    },
  )
})

describe('a patch makes no resource that is larger than a body may be', () => {
  test('by copies of one text', async () => {
    const id = await stored()
    const copies = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/note/0', path: '/note/-' }))
    const note = { op: 'add', path: '/note', value: [{ text: 'x'.repeat(400_000) }] }
    const answer = await send(whole, `/CarePlan/${id}`, [note, ...copies], { method: 'PATCH', type: PATCH })
    // Four copies more, with the text itself and the plan, are more than 2 MB.
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'patch-failed', expression: '/5' }],
    ])
  })

  test('by one patch after the other', async () => {
    const id = await stored({ note: [{ text: 'x'.repeat(900_000) }] })
    const add = () =>
      send(whole, `/CarePlan/${id}`, [{ op: 'add', path: '/note/-', value: { text: 'x'.repeat(900_000) } }], {
        method: 'PATCH',
        type: PATCH,
      })
    expect((await add()).status).toBe(200)
    const answer = await add()
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'patch-failed', expression: '/0' }],
    ])
  })
})
