/** One token and more than one client's share, by a Bundle of many requests. */
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
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
})
