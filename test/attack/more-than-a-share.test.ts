/** One token and more than one client's share, by a Bundle of many requests. */
import { randomUUID } from 'node:crypto'
import type { Bundle } from '@medplum/fhirtypes'
import { afterEach, describe, expect, test } from 'vitest'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, type Received, sendRaw } from '#test/http.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const PLENTY = { address: 1e9, token: 1e9, tokenRefused: 1e9, client: 1e9, clientConcurrency: 1e9 }

let gateway: TestGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

describe('a Bundle', () => {
  async function everythingOf(count: number, client: number): Promise<Received> {
    gateway = await startGateway({ role: 'gateway', rates: { ...PLENTY, client } })
    const token = await gateway.client('gp-system').token()
    const entry = Array.from({ length: count }, () => ({
      request: { method: 'GET', url: `Patient/${randomUUID()}/$everything` },
    }))
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry })
    return sendRaw(gateway.baseUrl, '/fhir', { method: 'POST', token, type: FHIR_JSON, body })
  }

  // Ten for the Bundle, and ten for each.
  test.each([
    [60, 609, 429],
    [60, 610, 200],
  ])('of %i entries counts as much as they would alone: of %i it is %i', async (count, client, status) => {
    const answer = await everythingOf(count, client)
    expect(answer.status, answer.text).toBe(status)
    if (status === 429) expect(faultsIn(answer.json())).toEqual([{ code: 'rate-limited' }])
  })

  test('gives no more than so much at once: the same large record a hundred times is cut short', async () => {
    gateway = await startGateway({ role: 'gateway', rates: PLENTY })
    const token = await gateway.client('hospital-ehr').token()
    const id = randomUUID()
    const plan = { ...sampleCarePlan(), id, note: [{ text: 'x'.repeat(900_000) }] }
    const path = `CarePlan/${id}`
    const send = (method: string, at: string, body: object): Promise<Received> =>
      sendRaw(`${gateway?.baseUrl}`, at, { method, token, type: FHIR_JSON, body: JSON.stringify(body) })
    expect((await send('PUT', `/fhir/${path}`, plan)).status).toBe(201)
    const entry = Array.from({ length: 100 }, () => ({ request: { method: 'GET', url: path } }))
    const answer = await send('POST', '/fhir', { resourceType: 'Bundle', type: 'batch', entry })
    const statuses = (answer.json() as Bundle).entry?.map(({ response }) => response?.status) ?? []
    expect([statuses.length, statuses[0], statuses.at(-1)]).toEqual([100, '200', '429'])
    expect(answer.text.length).toBeLessThan(20_000_000)
  })
})
