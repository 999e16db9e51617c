import { randomUUID } from 'node:crypto'
import type { Bundle } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sampleCarePlan, sampleConsent, sendFhir, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Sink, startSink } from '#test/sink.ts'

/** The GP may see psychiatry: the plan's addiction part, DF102, is withheld. */
let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
let sink: Sink
let patient: string

beforeAll(async () => {
  gateway = await startGateway()
  sink = await startSink()
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
  await sendFhir(
    hospital,
    'POST',
    '/fhir/Consent',
    sampleConsent(sandboxOrganizations.gp.identifiers[0], ['PSY']),
  )
  const id = randomUUID()
  await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${id}`, { ...sampleCarePlan(), id })
  const plan = (await gp.send('GET', `/fhir/CarePlan/${id}`)).json() as { subject: { reference: string } }
  patient = plan.subject.reference
})
afterAll(async () => {
  await gateway.close()
  await sink.close()
})

async function found(query: string): Promise<number> {
  const answer = await gp.send('GET', `/fhir/CarePlan?patient=${patient}${query}`)
  return (answer.json() as Bundle).entry?.length ?? 0
}

describe('a plan whose addiction part is withheld', () => {
  test('is found by what is released of it', async () => {
    expect(await found('')).toBe(1)
    expect(await found('&activity-code=DF331')).toBe(1)
    expect(await found('&activity-code=DF102,DF331')).toBe(1)
  })

  test('is not found by a code of the withheld part, as if there were no such plan', async () => {
    expect(await found('&activity-code=DF102')).toBe(0)
    const nothing = await gp.send('GET', `/fhir/CarePlan?patient=${patient}&activity-code=DF999`)
    const withheld = await gp.send('GET', `/fhir/CarePlan?patient=${patient}&activity-code=DF102`)
    expect(withheld.text).toBe(nothing.text.replace('DF999', 'DF102'))
    const denied = await gateway.database.query<{ entry: string }>({
      text: "select entry from audit_event where kind = 'disclose' and effect = 'deny' order by recorded desc limit 1",
    })
    expect(JSON.parse(denied[0]?.entry ?? '{}')).toMatchObject({
      reason: 'asked-for-withheld',
      outcome: 'refused',
    })
  })

  test('reaches a subscription that filters on the released part, and none that filters on the withheld one', async () => {
    const on = async (path: string, code: string): Promise<void> => {
      const filters = [`CarePlan.activity-code=${code}`]
      await sendFhir(gp, 'POST', '/fhir/Subscription', subscriptionFor(`${sink.url}${path}`, { filters }))
      await sink.next((arrived) => arrived.type === 'handshake' && arrived.path === `/${path}`)
    }
    await on('addiction', 'DF102')
    await on('psychiatry', 'DF331')
    await expect
      .poll(
        async () =>
          ((await gp.send('GET', '/fhir/Subscription?status=active')).json() as Bundle).entry?.length,
      )
      .toBe(2)
    const id = randomUUID()
    await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${id}`, { ...sampleCarePlan(), id })
    await sink.next((arrived) => arrived.path === '/psychiatry' && arrived.focus?.id === id)
    await expect
      .poll(async () => {
        const rows = await gateway.database.query<{ reason: string }>({
          text: "select reason from delivery where state = 'withheld' and id = $1",
          values: [id],
        })
        return rows.map(({ reason }) => reason)
      })
      .toEqual(['asked-for-withheld'])
    expect(
      sink.arrived.filter((arrived) => arrived.path === '/addiction' && arrived.type !== 'handshake'),
    ).toEqual([])
  })
})
