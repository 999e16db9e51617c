import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
})
afterAll(() => gateway.close())

test('a stolen token cannot open another organisation’s records by a consent of its own making', async () => {
  const hospital = gateway.client('hospital-ehr')
  const gp = gateway.client('gp-system')
  const id = randomUUID()
  await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${id}`, { ...sampleCarePlan(), id })
  const consent = sampleConsent(sandboxOrganizations.gp.identifiers[0], ['PSY', 'SUD'])
  idOf(await sendFhir(gp, 'POST', '/fhir/Consent', consent))
  expect((await gp.send('GET', `/fhir/CarePlan/${id}`)).status).toBe(404)
  const [denial] = await gateway.database.query<{ entry: string }>({
    text: "select entry from audit_event where kind = 'disclose' order by recorded desc limit 1",
  })
  expect(JSON.parse(denial?.entry ?? '{}')).toMatchObject({ effect: 'deny', reason: 'consent-defective' })

  // The same consent, recorded by the custodian, opens it.
  idOf(await sendFhir(hospital, 'POST', '/fhir/Consent', consent))
  expect((await gp.send('GET', `/fhir/CarePlan/${id}`)).status).toBe(200)
})
