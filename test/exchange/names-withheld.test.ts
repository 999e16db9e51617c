/** What a record may say of others does not depend on what else was asked for: a read, a page of one and a list agree. */
import { randomUUID } from 'node:crypto'
import type { Bundle, CarePlan, Encounter, Resource } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { heldSample } from '#test/held-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'

const SKS = 'urn:oid:1.2.208.176.2.4.12'
const number = { system: 'https://hospital.example/encounters', value: 'E-134418' }
const subject = { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } }
const encounterId = randomUUID()
const encounter: Encounter = {
  resourceType: 'Encounter',
  id: encounterId,
  identifier: [number],
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject,
  reasonCode: [{ coding: [{ system: SKS, code: 'DF331' }] }],
}

const psychiatry: CarePlan['activity'] = [
  { detail: { status: 'in-progress', code: { coding: [{ system: SKS, code: 'DF331' }] } } },
]
const plan = (change: Partial<CarePlan>): CarePlan & { id: string } => ({
  resourceType: 'CarePlan',
  id: randomUUID(),
  status: 'active',
  intent: 'plan',
  subject,
  activity: psychiatry,
  ...change,
})
const order = { ...heldSample('ServiceRequest'), id: randomUUID() }
/** Says nothing but that there is the order: without it nothing of it is left. */
const empty = plan({ activity: [{ reference: { reference: `ServiceRequest/${order.id}` } }] })
const cases = [
  { title: 'by its number', plan: plan({ supportingInfo: [{ identifier: number }] }), name: number.value },
  {
    title: 'by its address in a text',
    plan: plan({ instantiatesUri: [`https://hospital.example/fhir/Encounter/${encounterId}`] }),
    name: encounterId,
  },
  {
    title: 'by a plan of which nothing is left without it',
    plan: plan({ replaces: [{ reference: `CarePlan/${empty.id}` }] }),
    name: empty.id,
  },
]

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
  const client = await gateway.addClient({
    id: 'orders',
    organizationId: sandboxOrganizations.hospital.id,
    profile: 'smart',
    scopes: ['system/*.cruds'],
    purposeOfUse: ['TREAT'],
  })
  for (const resource of [encounter, order, empty, ...cases.map((each) => each.plan)]) {
    const path = `/fhir/${resource.resourceType}/${resource.id ?? ''}`
    const answer = await sendFhir(client, 'PUT', path, resource)
    expect([answer.status, answer.text]).toEqual([201, answer.text])
  }
  // Plans about psychiatry, no encounters and no orders.
  const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
  const kinds = [{ system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' }]
  const narrowed = { ...consent, provision: { ...consent.provision, class: kinds } }
  expect((await sendFhir(hospital, 'POST', '/fhir/Consent', narrowed)).status).toBe(201)
})
afterAll(() => gateway.close())

async function found(query: string): Promise<Map<string, Resource>> {
  const { entry = [] } = (await gp.send('GET', `/fhir/CarePlan?${query}`)).json() as Bundle
  return new Map(entry.flatMap(({ resource }) => (resource?.id ? [[resource.id, resource] as const] : [])))
}

describe('a record that the reader may not have is not named', () => {
  test.for(cases)('$title', async ({ plan: { id }, name }) => {
    const read = await gp.send('GET', `/fhir/CarePlan/${id}`)
    expect([read.status, read.text]).toEqual([200, expect.not.stringContaining(name)])
    expect(read.json()).toMatchObject({ meta: { tag: [{ code: 'SUBSETTED' }] } })
    const all = [empty, ...cases.map((each) => each.plan)].map((each) => each.id).join()
    expect((await found(`_id=${id}`)).get(id)).toEqual(read.json())
    expect((await found(`_id=${all}`)).get(id)).toEqual(read.json())
    const own = await hospital.send('GET', `/fhir/CarePlan/${id}`)
    expect(own.text).toContain(name)
  })

  test('and what is nothing without it is not there', async () => {
    expect((await gp.send('GET', `/fhir/CarePlan/${empty.id}`)).status).toBe(404)
  })
})
