/** A subscription has no person behind it: whatever its client is registered for, the worker declares no emergency. */
import { randomUUID } from 'node:crypto'
import type { Subscription } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { allowOverrides } from '#store/overrides.ts'
import { sampleCarePlan, sampleConsent, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { breakGlass, grantIn, overrideParameters, physician } from '#test/overrides.ts'
import { auditRows } from '#test/rows.ts'
import { type Sink, startSink } from '#test/sink.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const { gp } = sandboxOrganizations

let gateway: TestGateway
let hospital: string
let emergency: string
let sink: Sink
const planId = randomUUID()

beforeAll(async () => {
  gateway = await startGateway()
  sink = await startSink()
  hospital = await gateway.client('hospital-ehr').token()
  const client = await gateway.addClient({
    id: 'gp-emergency-system',
    organizationId: gp.id,
    profile: 'smart',
    scopes: ['system/CarePlan.rs', 'system/Consent.c', 'system/Subscription.cruds'],
    purposeOfUse: ['TREAT', 'BTG'],
  })
  emergency = await client.token()
  await allowOverrides(gateway.database, 'gp-emergency-system', [physician])
})
afterAll(async () => {
  await sink.close()
  await gateway.close()
})

function send(method: string, path: string, body: object, token = hospital): Promise<Received> {
  return sendRaw(gateway.baseUrl, path, { method, token, type: FHIR_JSON, body: JSON.stringify(body) })
}

/** Permits this recipient emergencies, by name, and nothing else. */
function forEmergencies(): object {
  const { provision, ...base } = sampleConsent(gp.identifiers[2], ['PSY', 'SUD'])
  const code = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'BTG' }
  return { ...base, provision: { ...provision, purpose: [code] } }
}

test('a consent for emergencies and an open grant let a person read, and send nothing by themselves', async () => {
  expect((await send('POST', '/fhir/Consent', forEmergencies())).status).toBe(201)
  const subscription = await send('POST', '/fhir/Subscription', subscriptionFor(sink.url), emergency)
  const { id } = subscription.json() as Subscription
  await vi.waitFor(
    async () => {
      const rows = await gateway.database.query({
        text: "select 1 from subscription where subscription_id = $1 and status = 'active'",
        values: [id],
      })
      expect(rows).toHaveLength(1)
    },
    { timeout: 8_000, interval: 20 },
  )
  const grant = grantIn(await breakGlass(gateway.baseUrl, emergency, overrideParameters()))
  expect((await send('PUT', `/fhir/CarePlan/${planId}`, { ...sampleCarePlan(), id: planId })).status).toBe(
    201,
  )

  const read = { token: emergency, headers: { 'sluse-override': grant } }
  expect((await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${planId}`, read)).status).toBe(200)

  await vi.waitFor(
    async () => {
      const notified = (await auditRows(gateway.database)).filter(
        ({ interaction, resources }) => interaction === 'notification' && resources?.[0]?.id === planId,
      )
      expect(notified).toMatchObject([{ effect: 'deny', outcome: 'refused', purposeOfUse: ['TREAT'] }])
      expect(notified[0]?.override).toBeUndefined()
    },
    { timeout: 8_000, interval: 20 },
  )
  expect(sink.arrived.map(({ type }) => type)).toEqual(['handshake'])
})
