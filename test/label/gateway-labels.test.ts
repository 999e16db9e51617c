import { randomUUID } from 'node:crypto'
import type { CarePlan, Encounter, Subscription } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CHANNEL } from '#queue/announcer.ts'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent, sendFhir, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { startSink } from '#test/sink.ts'

const gp = sandboxOrganizations.gp.identifiers[2]
const subject = { identifier: { ...sandboxCitizens.elmer } }

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
  await sendFhir(gateway.client('hospital-ehr'), 'POST', '/fhir/Consent', sampleConsent(gp, ['PSY']))
})
afterAll(() => gateway.close())

async function write(resource: CarePlan | Encounter): Promise<string> {
  const id = randomUUID()
  const path = `/fhir/${resource.resourceType}/${id}`
  const answer = await sendFhir(gateway.client('hospital-ehr'), 'PUT', path, { ...resource, id })
  expect(answer.status).toBe(201)
  return id
}

const plan = (change: Partial<CarePlan> = {}): CarePlan => ({ ...sampleCarePlan(), subject, ...change })
const addiction: Encounter = {
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject,
  period: { start: '2026-03-01' },
  reasonCode: [{ coding: [{ system: 'urn:oid:1.2.208.176.2.4', code: 'DF102', display: 'CANARY' }] }],
}

/** As if it had been accepted under rules that found nothing in it. */
function ageLabels(id: string): Promise<unknown> {
  const labels = { ruleSetVersion: 'earlier', sensitivities: [], confidentiality: 'N', elements: [] }
  return gateway.database.query({
    text: 'update resource_version set labels = $2 where id = $1',
    values: [id, JSON.stringify(labels)],
  })
}

async function planOfGp(id: string): Promise<CarePlan> {
  const got = await gateway.client('gp-system').send('GET', `/fhir/CarePlan/${id}`)
  expect(got.status).toBe(200)
  return got.json() as CarePlan
}

test('what was labelled under other rules goes out as under those in force, and is labelled by them', async () => {
  const id = await write(plan())
  const before = await planOfGp(id)
  expect(JSON.stringify(before)).not.toMatch(/alkohol|DF102/i)
  await ageLabels(id)
  expect(await planOfGp(id)).toEqual(before)
  const versions = (before.meta?.security ?? []).flatMap(({ extension = [] }) =>
    extension.flatMap(({ url, valueString }) => (url.endsWith('/derived-label') ? [valueString] : [])),
  )
  expect(versions.length).toBeGreaterThan(0)
  expect(versions).not.toContain('earlier')
})

test('a plan does not point to an addiction that it may not show, whichever of the two came first', async () => {
  const encounter = await write(addiction)
  const pointing = plan({ encounter: { reference: `Encounter/${encounter}` } })
  const id = await write(pointing)
  expect(JSON.stringify(await planOfGp(id))).not.toContain(encounter)
  await ageLabels(encounter)
  expect(JSON.stringify(await planOfGp(id))).not.toContain(encounter)
})

test('a delivery for which labels are wanting is held until they are there, and then sent', async () => {
  const sink = await startSink()
  const client = gateway.client('gp-system')
  const made = await sendFhir(client, 'POST', '/fhir/Subscription', subscriptionFor(sink.url))
  expect(made.status).toBe(201)
  const { id: subscription = '' } = made.json() as Subscription
  const one = async (text: string): Promise<unknown> =>
    (await gateway.database.query({ text, values: [subscription] }))[0]
  try {
    await vi.waitFor(async () =>
      expect(await one('select status from subscription where subscription_id = $1')).toEqual({
        status: 'active',
      }),
    )
    const encounter = await write(addiction)
    const [stored] = await gateway.database.query<{ content: unknown }>({
      text: 'select content from resource_version where id = $1',
      values: [encounter],
    })
    const setContent = (content: unknown) =>
      gateway.database.query({
        text: 'update resource_version set content = $2 where id = $1',
        values: [encounter, JSON.stringify(content)],
      })
    await ageLabels(encounter)
    await setContent(null)
    await write(plan({ encounter: { reference: `Encounter/${encounter}` } }))
    const delivery = 'select state, reason, attempts, event_number from delivery where subscription_id = $1'
    const held = { state: 'open', reason: 'not-labelled', attempts: 0, event_number: null }
    await vi.waitFor(async () => expect(await one(delivery)).toEqual(held), { timeout: 8_000 })

    await setContent(stored?.content)
    await one("update delivery set due_at = now() where subscription_id = $1 and state = 'open' returning 1")
    await gateway.database.notify(CHANNEL, subscription)
    const sent = await sink.next(({ type }) => type === 'event-notification')
    expect(sent.body).not.toMatch(/CANARY|DF102/)
    const delivered = { state: 'delivered', reason: null, attempts: 1, event_number: 1 }
    await vi.waitFor(async () => expect(await one(delivery)).toEqual(delivered), { timeout: 8_000 })
  } finally {
    await sink.close()
  }
})
