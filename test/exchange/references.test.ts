/** What a recipient may not have leaves no name behind in what it gets, whichever way the one points to the other. */
import { randomUUID } from 'node:crypto'
import type { CarePlan, Encounter } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'

const SKS = 'urn:oid:1.2.208.176.2.4.12'
const subject = { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } }
const encounterId = randomUUID()
const planId = randomUUID()
const otherPlanId = randomUUID()

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient

const encounter: Encounter = {
  resourceType: 'Encounter',
  id: encounterId,
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject,
  reasonCode: [{ coding: [{ system: SKS, code: 'DF331' }] }],
}
const activity: CarePlan['activity'] = [
  { detail: { status: 'in-progress', code: { coding: [{ system: SKS, code: 'DF331' }] } } },
]
const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: planId,
  status: 'active',
  intent: 'plan',
  subject,
  encounter: { reference: `Encounter/${encounterId}` },
  activity,
}
/** Points to a plan that may go, which itself points to an encounter that may not. */
const otherPlan: CarePlan = {
  resourceType: 'CarePlan',
  id: otherPlanId,
  status: 'active',
  intent: 'plan',
  subject,
  activity,
  replaces: [{ reference: `CarePlan/${planId}` }],
  supportingInfo: [{ reference: `Encounter/${encounterId}`, display: 'indlæggelsen' }],
}

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
  for (const resource of [encounter, plan, otherPlan]) {
    const path = `/fhir/${resource.resourceType}/${resource.id ?? ''}`
    expect((await sendFhir(hospital, 'PUT', path, resource)).status).toBe(201)
  }
  // Plans about psychiatry, and no encounters.
  const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
  const kinds = [{ system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' }]
  const narrowed = { ...consent, provision: { ...consent.provision, class: kinds } }
  expect((await sendFhir(hospital, 'POST', '/fhir/Consent', narrowed)).status).toBe(201)
})
afterAll(() => gateway.close())

test('the encounter itself is not there', async () => {
  expect((await gp.send('GET', `/fhir/Encounter/${encounterId}`)).status).toBe(404)
})

test.each([
  ['a plan', planId, 'encounter'],
  ['a plan that points to another', otherPlanId, 'supportingInfo'],
])('%s goes without pointing to it, and says that something is missing', async (_, id, element) => {
  const answer = await gp.send('GET', `/fhir/CarePlan/${id}`)
  expect(answer.status).toBe(200)
  expect(answer.text).not.toContain(encounterId)
  expect(answer.text).not.toContain('indlæggelsen')
  expect(answer.json()).not.toHaveProperty(element)
  expect(answer.json()).toMatchObject({ meta: { tag: [{ code: 'SUBSETTED' }] } })
})

test('what may go is still pointed to', async () => {
  const answer = await gp.send('GET', `/fhir/CarePlan/${otherPlanId}`)
  expect(answer.json()).toMatchObject({ replaces: [{ reference: `CarePlan/${planId}` }] })
})

test('in a search as in a read', async () => {
  const answer = await gp.send('GET', `/fhir/CarePlan?_id=${planId}`)
  expect(answer.json()).toMatchObject({ entry: [{ resource: { id: planId } }] })
  expect(answer.text).not.toContain(encounterId)
})

test('its author reads it whole', async () => {
  const answer = await hospital.send('GET', `/fhir/CarePlan/${planId}`)
  expect(answer.json()).toMatchObject({ encounter: { reference: `Encounter/${encounterId}` } })
})
