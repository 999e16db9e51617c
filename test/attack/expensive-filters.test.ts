import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendFhir, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome } from '#test/http.ts'

/**
 * Each value of a filter is compared with each code of what is stored. Five subscriptions of 5,600 values made the
 * commit of a plan with 4,400 codes take 5.2 s, and so fail at the statement's limit, whoever sent it.
 */
let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
})
afterAll(() => gateway.close())

function filters(count: number, values: number): string[] {
  const list = Array.from({ length: values }, (_, i) => `z${i}`).join()
  return Array.from({ length: count }, () => `CarePlan.activity-code=${list}`)
}

describe('filters are as many as somebody could mean', () => {
  test('a subscription has at most 100 values in all its filters', async () => {
    const gp = gateway.client('gp-system')
    const subscribe = (count: number, values: number) =>
      sendFhir(
        gp,
        'POST',
        '/fhir/Subscription',
        subscriptionFor('http://127.0.0.1:9/', { filters: filters(count, values) }),
      )
    expect((await subscribe(4, 25)).status).toBe(201)
    const refused = await subscribe(4, 26)
    expect(refused.status).toBe(422)
    expect(refused.json()).toEqual(
      outcome(
        'subscription-unsupported',
        'at most 100 values are read in all filters together',
        'Subscription.criteria.extension',
      ),
    )
  })

  test('a search has at most 200 values in all its parameters', async () => {
    const gp = gateway.client('gp-system')
    const search = (values: number) => {
      const list = Array.from({ length: values }, (_, i) => `z${i}`).join()
      const content = `_id=0b7e4a52-5d52-4f0b-9f4e-3a0f6a1d2c11&category=${list}&activity-code=${list}`
      return gp.send('POST', '/fhir/CarePlan/_search', {
        type: 'application/x-www-form-urlencoded',
        content,
      })
    }
    expect((await search(100)).status).toBe(200)
    const content = `_id=0b7e4a52-5d52-4f0b-9f4e-3a0f6a1d2c11&status=active&${filters(2, 100).join('&').replaceAll('CarePlan.', '')}`
    const refused = await gp.send('POST', '/fhir/CarePlan/_search', {
      type: 'application/x-www-form-urlencoded',
      content,
    })
    expect(refused.status).toBe(400)
    expect(refused.json()).toEqual(
      outcome('parameter-invalid', 'at most 200 values are read in all parameters together'),
    )
  })
})
