/** A subscription sends where its organisation is registered to receive, and nowhere else. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRegisteredEndpoint } from '#exchange/endpoint-policy.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'
import { sluseOn } from '#test/registry.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  await sluseOn(gateway.database)([
    'org',
    'change',
    sandboxOrganizations.gp.id,
    '--endpoints',
    'https://gp.example/in',
    'https://other.example/',
  ])
})
afterAll(() => gateway.close())

async function subscribe(client: 'gp-system' | 'hospital-ehr', endpoint: string): Promise<Received> {
  const token = await gateway.client(client).token()
  const body = JSON.stringify(subscriptionFor(endpoint))
  return sendRaw(gateway.baseUrl, '/fhir/Subscription', { method: 'POST', token, type: FHIR_JSON, body })
}

test.each([
  ['the address itself', 'https://gp.example/in'],
  ['what is below it', 'https://gp.example/in/plans?of=careplans'],
  ['what is below the second', 'https://other.example/anything'],
])('%s is taken', async (_title, endpoint) => {
  expect((await subscribe('gp-system', endpoint)).status).toBe(201)
})

test.each([
  ['another host', 'https://elsewhere.example/in'],
  ['the host as a user of another', 'https://gp.example.elsewhere.example/in'],
  ['another path', 'https://gp.example/out'],
  ['a longer name', 'https://gp.example/inside'],
  ['a way out of the path', 'https://gp.example/in/../out'],
  ['the same, encoded', 'https://gp.example/in/%2e%2e/out'],
  ['another port', 'https://gp.example:8443/in'],
  ['without TLS', 'http://gp.example/in'],
])('%s is refused', async (_title, endpoint) => {
  const answer = await subscribe('gp-system', endpoint)
  expect([answer.status, answer.json()]).toEqual([
    422,
    outcome(
      'subscription-unsupported',
      'your organisation is registered with other endpoints; send an address below one of them, or ask the operator to register this one',
      'Subscription.channel.endpoint',
    ),
  ])
})

test('an organisation that is registered with none may name any', async () => {
  expect((await subscribe('hospital-ehr', 'https://anywhere.example/')).status).toBe(201)
  expect(isRegisteredEndpoint({ allowHttp: false }, 'https://anywhere.example/')).toBe(true)
})
