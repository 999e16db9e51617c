/** Scopes with a query: what does not fit is absent to a reader, and refused to a writer who sends it. */
import { randomUUID } from 'node:crypto'
import type { Bundle, CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent, sendFhir, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, outcome } from '#test/http.ts'
import { auditRows } from '#test/rows.ts'
import { startSink } from '#test/sink.ts'

const { hospital, gp } = sandboxOrganizations
let gateway: TestGateway
let whole: BackendClient
let narrow: BackendClient
const plans = { active: randomUUID(), completed: randomUUID() }

function planOf(status: CarePlan['status'], id?: string): CarePlan {
  const { id: _id, ...plan } = sampleCarePlan()
  return { ...plan, status, ...(id !== undefined && { id }) }
}

function clientOf(organizationId: string, ...scopes: readonly string[]): Promise<BackendClient> {
  const id = `narrow-${randomUUID()}`
  return gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
}

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  whole = await clientOf(hospital.id, 'system/CarePlan.cruds', 'system/Consent.crus')
  narrow = await clientOf(hospital.id, 'system/CarePlan.cruds?status=active')
  for (const status of ['active', 'completed'] as const) {
    const answer = await sendFhir(
      whole,
      'PUT',
      `/fhir/CarePlan/${plans[status]}`,
      planOf(status, plans[status]),
    )
    expect(answer.status, answer.text).toBe(201)
  }
})
afterAll(() => gateway.close())

describe('a reader', () => {
  test('has what fits, also of its own organisation’s records no more', async () => {
    expect((await narrow.send('GET', `/fhir/CarePlan/${plans.active}`)).status).toBe(200)
    const hidden = await narrow.send('GET', `/fhir/CarePlan/${plans.completed}`)
    const absent = await narrow.send('GET', `/fhir/CarePlan/${randomUUID()}`)
    expect(hidden.status).toBe(404)
    expect(comparable(hidden)).toEqual(comparable(absent))
    const rows = await auditRows(gateway.database)
    expect(
      rows.find((row) => row.resources?.[0]?.id === plans.completed && row.kind === 'disclose'),
    ).toMatchObject({
      outcome: 'refused',
      effect: 'deny',
      reason: 'outside-scope',
    })
  })

  test('finds what fits, and asks for the rest in vain', async () => {
    const ids = `_id=${plans.active},${plans.completed}`
    for (const [client, query, found] of [
      [narrow, ids, ['active']],
      [narrow, `${ids}&status=completed`, []],
      [whole, `${ids}&status=completed`, ['completed']],
    ] as const) {
      const { entry = [] } = (await client.send('GET', `/fhir/CarePlan?${query}`)).json() as Bundle<CarePlan>
      expect(entry.map(({ resource }) => resource?.status)).toEqual(found)
    }
  })

  // The part that fits is withheld: what would be left does not fit, so nothing goes.
  test('has nothing of which only a withheld part fits', async () => {
    const consent = sampleConsent(gp.identifiers[2], ['PSY'])
    expect((await sendFhir(whole, 'POST', '/fhir/Consent', consent)).status).toBe(201)
    const codes = planOf('active').activity?.map(({ detail }) => detail?.code?.coding?.[0]) ?? []
    const seen = async (code: string) => {
      const client = await clientOf(gp.id, `system/CarePlan.rs?activity-code=${code}`)
      return (await client.send('GET', `/fhir/CarePlan/${plans.active}`)).status
    }
    const full = await clientOf(gp.id, 'system/CarePlan.rs')
    const plan = (await full.send('GET', `/fhir/CarePlan/${plans.active}`)).json() as CarePlan
    const shown = new Set(plan.activity?.map(({ detail }) => detail?.code?.coding?.[0]?.code))
    const statuses = new Set<number>()
    for (const coding of codes) {
      if (coding?.code === undefined) continue
      const status = await seen(coding.code)
      expect(status, coding.code).toBe(shown.has(coding.code) ? 200 : 404)
      statuses.add(status)
    }
    expect(statuses).toEqual(new Set([200, 404]))
  })
})

describe('a writer', () => {
  const refused = outcome(
    'scope-insufficient',
    'this CarePlan does not fit the query of your scope; ask the token endpoint for a wider one, or the operator to register it for your client',
  )

  test('may create what fits', async () => {
    expect((await sendFhir(narrow, 'POST', '/fhir/CarePlan', planOf('active'))).status).toBe(201)
    const answer = await sendFhir(narrow, 'POST', '/fhir/CarePlan', planOf('completed'))
    expect([answer.status, answer.json()]).toEqual([403, refused])
  })

  test('may change what fits into what fits: neither out of the scope nor into it', async () => {
    const put = async (id: string, status: CarePlan['status']) => {
      const answer = await sendFhir(narrow, 'PUT', `/fhir/CarePlan/${id}`, planOf(status, id))
      return [answer.status, answer.status === 403 ? answer.json() : undefined]
    }
    expect(await put(plans.active, 'active')).toEqual([200, undefined])
    expect(await put(plans.active, 'completed')).toEqual([403, refused])
    expect(await put(plans.completed, 'active')).toEqual([403, refused])
    expect(await put(randomUUID(), 'active')).toEqual([201, undefined])
    const untouched = (await whole.send('GET', `/fhir/CarePlan/${plans.completed}`)).json() as CarePlan
    expect(untouched.status).toBe('completed')
  })
})

test('operations and messages, of which nobody can tell beforehand what they touch, need the scope whole', async () => {
  const client = await clientOf(
    hospital.id,
    'system/Consent.crus?status=active',
    'system/Encounter.c?status=finished',
  )
  const decide = await client.send('POST', '/fhir/Consent/$decide', {
    type: 'application/fhir+json',
    content: JSON.stringify({ resourceType: 'Parameters', parameter: [] }),
  })
  const message = await client.send('POST', '/ingest/hospital/hl7v2', {
    type: 'x-application/hl7-v2+er7',
    content: 'MSH',
  })
  expect([decide.status, faultsIn(decide.json())]).toEqual([403, [{ code: 'scope-insufficient' }]])
  expect([403, 404]).toContain(message.status)
})

test('a registration that gets a query takes the rest from tokens that were issued before', async () => {
  const id = `shrinks-${randomUUID()}`
  const registered = { id, organizationId: hospital.id, profile: 'smart', purposeOfUse: ['TREAT'] } as const
  const client = await gateway.addClient({ ...registered, scopes: ['system/CarePlan.rs'] })
  const token = await client.token()
  await gateway.database.query({
    text: "update client set scopes = '{system/CarePlan.rs?status=active}' where client_id = $1",
    values: [id],
  })
  const answer = await fetch(`${gateway.baseUrl}/fhir/CarePlan/${plans.completed}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(answer.status).toBe(404)
})

// The fence of a pull holds for a push: what a client may not read, it is not told of.
test('a subscription tells of what fits the registration of its client, and of nothing else', async () => {
  const worker = await startGateway()
  const sink = await startSink()
  try {
    const id = `subscriber-${randomUUID()}`
    const subscriber = await worker.addClient({
      id,
      organizationId: hospital.id,
      profile: 'smart',
      scopes: ['system/CarePlan.r?status=active', 'system/Subscription.cruds'],
      purposeOfUse: ['TREAT'],
    })
    const sender = worker.client('hospital-ehr')
    await sendFhir(subscriber, 'POST', '/fhir/Subscription', subscriptionFor(`${sink.url}narrow`))
    await sink.next((arrived) => arrived.type === 'handshake')
    await expect
      .poll(async () => {
        const active = (await subscriber.send('GET', '/fhir/Subscription?status=active')).json() as Bundle
        return active.entry?.length
      })
      .toBe(1)
    const sent = { completed: randomUUID(), active: randomUUID() }
    for (const status of ['completed', 'active'] as const)
      await sendFhir(sender, 'PUT', `/fhir/CarePlan/${sent[status]}`, planOf(status, sent[status]))
    await sink.next((arrived) => arrived.focus?.id === sent.active)
    await expect
      .poll(async () => {
        const rows = await worker.database.query<{ reason: string }>({
          text: "select reason from delivery where state = 'withheld' and id = $1",
          values: [sent.completed],
        })
        return rows.map(({ reason }) => reason)
      })
      .toEqual(['outside-scope'])
    expect(sink.arrived.filter(({ focus }) => focus?.id === sent.completed)).toEqual([])
  } finally {
    await worker.close()
    await sink.close()
  }
})
