import { randomUUID } from 'node:crypto'
import type { Bundle, CarePlan, Subscription } from '@medplum/fhirtypes'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { CHANNEL } from '#queue/announcer.ts'
import { sandboxClients, sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { auditRows } from '#test/rows.ts'
import { type Arrived, type Sink, startSink } from '#test/sink.ts'
import { validator } from '#test/validator.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const gpNumber = sandboxOrganizations.gp.identifiers[2]
const citizens = ['2509479989', '1502779995', '1502829995', '3001749995', '0505059996', '0201919990']

let gateway: TestGateway
let worker: Pick<TestGateway, 'close'> | undefined
let hospital: string
let gp: string
let sink: Sink
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await gateway.client('hospital-ehr').token()
  gp = await gateway.client('gp-system').token()
  for (const cpr of citizens) await consent(cpr)
})
afterAll(async () => {
  await stopWorker()
  await gateway.close()
})
beforeEach(async () => {
  await startWorker()
  sink = await startSink()
})
afterEach(async () => {
  // What a test left behind is not sent in the next.
  await gateway.database.query({ text: "update subscription set status = 'off' where status <> 'off'" })
  await sink.close()
})

async function startWorker(): Promise<void> {
  worker ??= await gateway.startBeside({ role: 'worker' })
}

async function stopWorker(): Promise<void> {
  await worker?.close()
  worker = undefined
}

function send(method: string, path: string, body: object, token = hospital): Promise<Received> {
  return sendRaw(gateway.baseUrl, path, { method, token, type: FHIR_JSON, body: JSON.stringify(body) })
}

const identified = (value: string) => ({ identifier: { system: 'urn:oid:1.2.208.176.1.2', value } })

async function consent(cpr: string, change: object = {}, id: string = randomUUID()): Promise<string> {
  const resource = { ...sampleConsent(gpNumber, ['PSY']), patient: identified(cpr), id, ...change }
  const answer = await send('PUT', `/fhir/Consent/${id}`, resource)
  expect([200, 201]).toContain(answer.status)
  return id
}

async function plan(cpr: string, change: Partial<CarePlan> = {}, id: string = randomUUID()): Promise<string> {
  const { id: _id, ...sample } = sampleCarePlan()
  const answer = await send('PUT', `/fhir/CarePlan/${id}`, { ...sample, subject: identified(cpr), ...change })
  expect([200, 201]).toContain(answer.status)
  return id
}

async function subscribe(change: Parameters<typeof subscriptionFor>[1] = {}, token = gp): Promise<string> {
  const answer = await send('POST', '/fhir/Subscription', subscriptionFor(sink.url, change), token)
  expect(answer.status).toBe(201)
  await sink.next(({ type }) => type === 'handshake')
  const { id = '' } = answer.json() as Subscription
  const active = async (): Promise<void> => expect(await statusOf(id)).toBe('active')
  await vi.waitFor(active, { timeout: 8_000, interval: 20 })
  return id
}

async function statusOf(id: string): Promise<string | undefined> {
  const rows = await gateway.database.query<{ status: string }>({
    text: 'select status from subscription where subscription_id = $1',
    values: [id],
  })
  return rows[0]?.status
}

interface Row {
  readonly state: string
  readonly reason: string | null
  readonly attempts: number
  readonly last_status: number | null
  readonly event_number: number | null
  readonly wait: number
  /** Claimed, and its outcome not yet written. */
  readonly leased: boolean
}

async function rowsOf(subscription: string): Promise<Row[]> {
  return gateway.database.query<Row & Record<string, unknown>>({
    text: `
select state, reason, attempts, last_status, event_number, extract(epoch from due_at - now())::int as wait,
  lease_until is not null as leased
from delivery where subscription_id = $1 and kind = 'change' order by delivery_id`,
    values: [subscription],
  })
}

function settled(subscription: string, want: readonly Partial<Row>[]): Promise<void> {
  const look = async (): Promise<void> => expect(await rowsOf(subscription)).toMatchObject(want)
  return vi.waitFor(look, { timeout: 8_000, interval: 20 })
}

/** As if the wait were over. */
async function dueNow(subscription: string): Promise<void> {
  await gateway.database.query({
    text: "update delivery set due_at = now() where subscription_id = $1 and state = 'open'",
    values: [subscription],
  })
  await gateway.database.notify(CHANNEL, subscription)
}

const events = (): readonly Arrived[] => sink.arrived.filter(({ type }) => type === 'event-notification')
const isEvent = ({ type }: Arrived): boolean => type === 'event-notification'

// https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html
describe('what arrives', () => {
  const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

  function notification(
    id: string,
    arrived: Arrived,
    rest: object[],
    focus?: string,
    labels?: object,
  ): object {
    const fhirBase = `${gateway.baseUrl}/fhir`
    const status = arrived.bundle.entry?.[0]?.resource?.id
    const at = arrived.bundle.timestamp
    return {
      resourceType: 'Bundle',
      id: expect.any(String),
      meta: { profile: [`${BACKPORT}/backport-subscription-notification-r4`], ...labels },
      type: 'history',
      timestamp: expect.any(String),
      entry: [
        {
          fullUrl: `urn:uuid:${status}`,
          resource: {
            resourceType: 'Parameters',
            id: status,
            meta: { profile: [`${BACKPORT}/backport-subscription-status-r4`] },
            parameter: [
              { name: 'subscription', valueReference: { reference: `${fhirBase}/Subscription/${id}` } },
              {
                name: 'topic',
                valueCanonical: 'https://sluse.example/fhir/SubscriptionTopic/careplan-changed',
              },
              { name: 'status', valueCode: 'active' },
              { name: 'type', valueCode: 'event-notification' },
              { name: 'events-since-subscription-start', valueString: '1' },
              {
                name: 'notification-event',
                part: [
                  { name: 'event-number', valueString: '1' },
                  { name: 'timestamp', valueInstant: at },
                  ...(focus ? [{ name: 'focus', valueReference: { reference: focus } }] : []),
                ],
              },
            ],
          },
          request: { method: 'GET', url: `${fhirBase}/Subscription/${id}/$status` },
          response: { status: '200' },
        },
        ...rest,
      ],
    }
  }

  test('full-resource: the resource as its recipient would read it', async () => {
    const id = await subscribe()
    const planId = await plan(citizens[0] ?? '')
    const arrived = await sink.next(isEvent)
    const focus = `${gateway.baseUrl}/fhir/CarePlan/${planId}`
    const read = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${planId}`, { token: gp })
    const request = { method: 'POST', url: 'CarePlan' }
    const entry = { fullUrl: focus, resource: read.json() as CarePlan, request, response: { status: '201' } }
    // The Bundle is labelled as what is in it; an address alone must not tell what it leads to.
    const v3 = 'http://terminology.hl7.org/CodeSystem'
    const security = [
      { system: `${v3}/v3-Confidentiality`, code: 'R' },
      { system: `${v3}/v3-ActCode`, code: 'PSY' },
      { system: `${v3}/v3-ActCode`, code: 'SSP' },
    ]
    expect(arrived.bundle).toEqual(notification(id, arrived, [entry], focus, { security }))
    expect(arrived.headers['webhook-id']).toBe(`${id}-1`)
    expect(arrived.body).not.toMatch(/alkohol|DF102/i)
    expect(validator.validate(arrived.bundle)).toEqual([])
    await settled(id, [{ state: 'delivered', reason: null, attempts: 1, last_status: 200, event_number: 1 }])
  })

  test('id-only: where it is, and nothing of it', async () => {
    const id = await subscribe({ content: 'id-only' })
    const planId = await plan(citizens[0] ?? '')
    const arrived = await sink.next(isEvent)
    const focus = `${gateway.baseUrl}/fhir/CarePlan/${planId}`
    const entry = {
      fullUrl: focus,
      request: { method: 'POST', url: 'CarePlan' },
      response: { status: '201' },
    }
    expect(arrived.bundle).toEqual(notification(id, arrived, [entry], focus))
    expect(validator.validate(arrived.bundle)).toEqual([])
  })

  test('empty: that there is something', async () => {
    const id = await subscribe({ content: 'empty' })
    const planId = await plan(citizens[0] ?? '')
    const arrived = await sink.next(isEvent)
    expect(arrived.bundle).toEqual(notification(id, arrived, []))
    expect(arrived.body).not.toContain(planId)
    expect(validator.validate(arrived.bundle)).toEqual([])
  })

  test('an update says so, and numbers have no gap', async () => {
    const id = await subscribe()
    const planId = await plan(citizens[0] ?? '')
    await plan(citizens[0] ?? '', { title: 'Ny' }, planId)
    for (const cpr of citizens.slice(1)) await plan(cpr)
    await settled(
      id,
      Array.from({ length: 7 }, () => ({ state: 'delivered' })),
    )
    const numbers = events().map(({ eventNumber }) => eventNumber)
    expect(numbers.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([1, 2, 3, 4, 5, 6, 7])
    const requests = events().flatMap(({ bundle, focus }) =>
      focus?.id === planId ? [bundle.entry?.[1]?.request] : [],
    )
    expect(requests).toEqual([
      { method: 'POST', url: 'CarePlan' },
      { method: 'PUT', url: `CarePlan/${planId}` },
    ])
    const ids = events().map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7].map((n) => `${id}-${n}`)))
  })

  test('each is a row of the audit log, with its basis, before it is sent', async () => {
    const id = await subscribe()
    let rowsAtArrival: string[] = []
    sink.answer(async () => {
      const rows = await auditRows(gateway.database)
      rowsAtArrival = rows.flatMap(({ subscription, kind, effect }) =>
        subscription === id && kind === 'disclose' ? [`${effect}`] : [],
      )
      return 200
    })
    await plan(citizens[0] ?? '')
    await sink.next(isEvent)
    await settled(id, [{ state: 'delivered' }])
    expect(rowsAtArrival).toEqual(['permit'])
    const row = (await auditRows(gateway.database)).find(
      ({ subscription, kind }) => subscription === id && kind === 'disclose',
    )
    expect(row).toMatchObject({
      outcome: 'success',
      reason: 'permitted-in-part',
      interaction: 'notification',
      client: 'gp-system',
      recipient: sandboxOrganizations.gp.id,
      custodian: sandboxOrganizations.hospital.id,
      basis: [{ consent: expect.any(String), version: expect.any(String) }],
    })
  })
})

describe('which events', () => {
  test('filters hold together, and values of one are alternatives', async () => {
    const id = await subscribe({ filters: ['status=completed,on-hold', 'intent=plan'] })
    await plan(citizens[0] ?? '', { status: 'active' })
    await plan(citizens[1] ?? '', { status: 'on-hold', intent: 'order' })
    const fits = await plan(citizens[2] ?? '', { status: 'completed' })
    await settled(id, [{ state: 'delivered' }])
    expect(events().map(({ focus }) => focus?.id)).toEqual([fits])
  })

  test('of one citizen', async () => {
    const planId = await plan(citizens[3] ?? '')
    const read = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${planId}`, { token: hospital })
    const { subject } = read.json() as CarePlan
    const id = await subscribe({ filters: [`patient=${subject.reference}`] })
    await plan(citizens[4] ?? '')
    const fits = await plan(citizens[3] ?? '')
    await settled(id, [{ state: 'delivered' }])
    expect(events().map(({ focus }) => focus?.id)).toEqual([fits])
  })

  test('of consents: their author hears of them, and nobody whom they do not name', async () => {
    const own = await subscribe({ topic: 'consent-changed' }, hospital)
    const others = await subscribe(
      { topic: 'consent-changed' },
      await gateway.client('municipality-system').token(),
    )
    const consentId = await consent(citizens[5] ?? '')
    const first = await sink.next(isEvent)
    const second = await sink.next(isEvent)
    // The one that it took the place of has changed as well: it is inactive.
    expect([first, second].map(({ focus }) => focus)).toMatchObject([
      { resourceType: 'Consent', id: consentId, status: 'active' },
      { resourceType: 'Consent', status: 'inactive' },
    ])
    await settled(own, [{ state: 'delivered' }, { state: 'delivered' }])
    await settled(others, [
      { state: 'withheld', event_number: null },
      { state: 'withheld', event_number: null },
    ])
    expect(events()).toHaveLength(2)
  })
})

describe('an endpoint that fails', () => {
  test('500 is tried again after the schedule, with the same id and the same bytes', async () => {
    const id = await subscribe()
    sink.answer(500)
    await plan(citizens[0] ?? '')
    const first = await sink.next(isEvent)
    await settled(id, [
      { state: 'open', reason: 'http-500', attempts: 1, last_status: 500, event_number: 1, leased: false },
    ])
    const [row] = await rowsOf(id)
    // 5 s ± 20 %
    expect(row?.wait).toBeGreaterThanOrEqual(3)
    expect(row?.wait).toBeLessThanOrEqual(6)
    sink.answer(200)
    await dueNow(id)
    const again = await sink.next(isEvent)
    await settled(id, [{ state: 'delivered', attempts: 2, last_status: 200, event_number: 1 }])
    expect(again.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect(again.body).toBe(first.body)
    expect(await statusOf(id)).toBe('active')
  })

  test('its lane waits, others go on', async () => {
    const id = await subscribe()
    sink.answer(({ body }) => (body.includes(citizens[0] ?? '') ? 503 : 200))
    await plan(citizens[0] ?? '')
    await settled(id, [{ state: 'open', reason: 'http-503', leased: false }])
    await plan(citizens[0] ?? '')
    await plan(citizens[1] ?? '')
    await settled(id, [
      { state: 'open', attempts: 1 },
      { state: 'open', attempts: 0 },
      { state: 'delivered' },
    ])
  })

  test('404 three times is given up, and the next of the lane goes out', async () => {
    const id = await subscribe()
    sink.answer(404)
    await plan(citizens[0] ?? '')
    for (const attempts of [1, 2]) {
      await settled(id, [{ state: 'open', reason: 'http-404', attempts, leased: false }])
      await dueNow(id)
    }
    await settled(id, [{ state: 'dead', reason: 'http-404', attempts: 3, last_status: 404 }])
    expect(await statusOf(id)).toBe('active')
    sink.answer(200)
    await plan(citizens[0] ?? '')
    await settled(id, [{ state: 'dead' }, { state: 'delivered', event_number: 2 }])
  })

  test('a redirect is a failure, and not followed', async () => {
    const id = await subscribe()
    sink.answer(307)
    await plan(citizens[0] ?? '')
    await settled(id, [{ state: 'open', reason: 'http-307' }])
    expect(events()).toHaveLength(1)
  })

  test('410 ends the subscription, and what was still open is counted as withheld', async () => {
    const id = await subscribe()
    sink.answer(500)
    await plan(citizens[0] ?? '')
    await settled(id, [{ state: 'open', reason: 'http-500', leased: false }])
    sink.answer(410)
    await plan(citizens[1] ?? '')
    await settled(id, [
      { state: 'withheld', reason: 'subscription-off' },
      { state: 'dead', reason: 'http-410', last_status: 410 },
    ])
    expect(await statusOf(id)).toBe('off')
    await plan(citizens[2] ?? '')
    expect(await rowsOf(id)).toHaveLength(2)
  })
})

describe('who may not have it any more', () => {
  const permitsGp = sampleConsent(gpNumber, ['PSY']).provision
  const permitsAnother = sampleConsent(sandboxOrganizations.municipality.identifiers[0], ['PSY']).provision

  test('DELETE: nothing more is made, and what was open is withheld', async () => {
    const id = await subscribe()
    sink.answer(500)
    await plan(citizens[0] ?? '')
    await settled(id, [{ state: 'open', reason: 'http-500', leased: false }])
    const path = `/fhir/Subscription/${id}`
    expect((await sendRaw(gateway.baseUrl, path, { method: 'DELETE', token: gp })).status).toBe(204)
    await plan(citizens[1] ?? '')
    await settled(id, [{ state: 'withheld', reason: 'subscription-off' }])
    const { text } = await sendRaw(gateway.baseUrl, '/metrics')
    expect(text).toMatch(/^sluse_deliveries_open 0$/m)
  })

  test('a record that its custodian deletes while it waits to be sent again is withheld', async () => {
    const id = await subscribe()
    sink.answer(500)
    const record = await plan(citizens[0] ?? '')
    await settled(id, [{ state: 'open', reason: 'http-500', leased: false }])
    const path = `/fhir/CarePlan/${record}`
    expect((await sendRaw(gateway.baseUrl, path, { method: 'DELETE', token: hospital })).status).toBe(204)
    await settled(id, [{ state: 'withheld', reason: 'resource-deleted', leased: false }])
  })

  test('a record that is deleted while a worker has it is not sent by the next', async () => {
    const id = await subscribe()
    await stopWorker()
    const record = await plan(citizens[0] ?? '')
    // As if a worker had claimed it, and died.
    const lease = (until: string): Promise<unknown> =>
      gateway.database.query({
        text: `update delivery set lease_until = now() + $2::interval where subscription_id = $1`,
        values: [id, until],
      })
    await lease('1 minute')
    const path = `/fhir/CarePlan/${record}`
    expect((await sendRaw(gateway.baseUrl, path, { method: 'DELETE', token: hospital })).status).toBe(204)
    await settled(id, [{ state: 'open', leased: true }])
    await lease('-1 second')
    await startWorker()
    await dueNow(id)
    await settled(id, [{ state: 'withheld', reason: 'resource-deleted', leased: false }])
    expect(events()).toEqual([])
  })

  test.each([
    ['is disabled', 'disabled_at = now()'],
    ['has lost the scope', "scopes = array['system/Subscription.cruds']"],
  ])('a client that %s gets nothing, and that is audited', async (_title, set) => {
    const scopes = [...(sandboxClients.find(({ id }) => id === 'gp-system')?.scopes ?? [])]
    const clientId = `gp-${randomUUID().slice(0, 8)}`
    const other = await gateway.addClient({
      id: clientId,
      organizationId: sandboxOrganizations.gp.id,
      profile: 'smart',
      scopes,
      purposeOfUse: ['TREAT'],
    })
    const id = await subscribe({}, await other.token())
    await gateway.database.query({
      text: `update client set ${set} where client_id = $1`,
      values: [clientId],
    })
    const planId = await plan(citizens[0] ?? '')
    await settled(id, [{ state: 'withheld', reason: 'client-not-entitled', event_number: null }])
    expect(events()).toEqual([])
    expect(await auditRows(gateway.database)).toContainEqual(
      expect.objectContaining({
        kind: 'disclose',
        outcome: 'refused',
        effect: 'deny',
        reason: 'client-not-entitled',
        client: clientId,
        subscription: id,
        custodian: sandboxOrganizations.hospital.id,
        resources: [{ type: 'CarePlan', id: planId, version: expect.any(String) }],
      }),
    )
  })

  test.each([
    ['withdrawn', { status: 'inactive' as const }],
    ['entered in error', { status: 'entered-in-error' as const }],
    ['ended', { provision: { ...permitsGp, period: { end: '2026-01-01' } } }],
    ['narrowed to another recipient', { provision: permitsAnother }],
  ])('a consent that is %s between commit and send: not a byte goes out', async (_title, change) => {
    const consentId = randomUUID()
    const citizen = '0201919990'
    await revokeAll(citizen)
    const id = await subscribe()
    await consent(citizen, {}, consentId)
    await stopWorker()
    const planId = await plan(citizen)
    await consent(citizen, change, consentId)
    const before = sink.arrived.length
    await startWorker()
    await settled(id, [{ state: 'withheld', event_number: null, attempts: 1 }])
    expect(sink.arrived.length).toBe(before)
    const denied = (await auditRows(gateway.database)).filter(
      ({ subscription, kind }) => subscription === id && kind === 'disclose',
    )
    expect(denied).toMatchObject([
      { outcome: 'refused', effect: 'deny', resources: [{ type: 'CarePlan', id: planId }] },
    ])
    // The next event takes number 1: the one that was withheld never had one.
    await consent(citizen)
    await plan(citizen)
    expect((await sink.next(isEvent)).eventNumber).toBe(1)
  })

  /** The consents of the setup: withdrawn, so that the one of the test is alone. */
  async function revokeAll(cpr: string): Promise<void> {
    const form = new URLSearchParams({ 'patient.identifier': `urn:oid:1.2.208.176.1.2|${cpr}` })
    const found = await sendRaw(gateway.baseUrl, '/fhir/Consent/_search', {
      method: 'POST',
      token: hospital,
      type: 'application/x-www-form-urlencoded',
      body: form.toString(),
    })
    for (const { resource } of (found.json() as Bundle).entry ?? []) {
      await consent(cpr, { status: 'inactive' }, resource?.id)
    }
  }
})
