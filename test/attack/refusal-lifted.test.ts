/** Ways to make a refusal disappear without taking it back: a new consent in the place of the one that holds it. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'

const { gp: GP } = sandboxOrganizations

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
})
afterAll(() => gateway.close())

test('a part that the citizen withdrew stays withdrawn when the same consent is sent in again', async () => {
  const id = randomUUID()
  await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${id}`, { ...sampleCarePlan(), id })
  const consent = () =>
    sendFhir(hospital, 'POST', '/fhir/Consent', sampleConsent(GP.identifiers[0], ['PSY', 'SUD']))
  const read = async () => (await gp.send('GET', `/fhir/CarePlan/${id}`)).status
  const first = idOf(await consent())
  expect(await read()).toBe(200)
  const parameter = [{ name: 'recipient', valueIdentifier: { ...GP.identifiers[0] } }]
  const body = { resourceType: 'Parameters', parameter }
  expect((await sendFhir(hospital, 'POST', `/fhir/Consent/${first}/$withdraw`, body)).status).toBe(200)
  expect(await read()).toBe(404)

  const again = await consent()
  expect(again.status).toBe(201)
  expect(again.text).toContain(`\`Consent/${first}\` refuses for a recipient of this one`)
  expect(await read()).toBe(404)
})
