import { randomUUID } from 'node:crypto'
import type { CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { effectsOf } from '#test/rows.ts'

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
let planId: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
  planId = randomUUID()
  expect(
    (await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${planId}`, { ...sampleCarePlan(), id: planId })).status,
  ).toBe(201)
})
afterAll(() => gateway.close())

describe('read', () => {
  test('the author reads its own record whole, with the version it was given', async () => {
    const answer = await hospital.send('GET', `/fhir/CarePlan/${planId}`)
    expect(answer.status).toBe(200)
    const plan = answer.json() as CarePlan
    expect(plan.activity).toHaveLength(4)
    expect(plan.subject).toMatchObject({
      identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' },
    })
    expect(answer.headers.get('etag')).toBe(`W/"${plan.meta?.versionId}"`)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('without consent a record is answered as one that does not exist: same status, body and headers', async () => {
    const denied = await gp.send('GET', `/fhir/CarePlan/${planId}`)
    const absent = await gp.send('GET', `/fhir/CarePlan/${randomUUID()}`)
    expect(denied.status).toBe(404)
    expect(denied.text).toBe(absent.text)
    const comparable = (headers: Headers) =>
      [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
    expect(comparable(denied.headers)).toEqual(comparable(absent.headers))
  })

  test('with a consent for psychiatry alone the addiction part stays out, and withdrawal closes the rest at once', async () => {
    const recipient = sandboxOrganizations.gp.identifiers[2]
    const consent = sampleConsent(recipient, ['PSY'])
    const consentId = idOf(await sendFhir(hospital, 'POST', '/fhir/Consent', consent))
    const answer = await gp.send('GET', `/fhir/CarePlan/${planId}`)
    expect(answer.status).toBe(200)
    const plan = answer.json() as CarePlan
    expect(plan.activity).toHaveLength(3)
    expect(answer.text).not.toMatch(/alkohol|DF102/i)
    expect(plan.meta?.security).toContainEqual({
      system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
      code: 'REDACTED',
    })
    await sendFhir(hospital, 'PUT', `/fhir/Consent/${consentId}`, {
      ...consent,
      id: consentId,
      status: 'inactive',
    })
    expect((await gp.send('GET', `/fhir/CarePlan/${planId}`)).status).toBe(404)
  })

  test('a refusal of another organisation of the registry spares this one; one of an id that nobody knows does not', async () => {
    const permit = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
    const ids = [idOf(await sendFhir(hospital, 'POST', '/fhir/Consent', permit))]
    const read = async () => (await gp.send('GET', `/fhir/CarePlan/${planId}`)).status
    const refuse = async (id: string) => {
      const { actor: [actor] = [], ...provision } = permit.provision ?? {}
      const reference = { reference: `Organization/${id}` }
      const refusal = {
        ...permit,
        provision: { ...provision, type: 'deny', actor: [{ role: actor?.role, reference }] },
      }
      ids.push(idOf(await sendFhir(hospital, 'POST', '/fhir/Consent', refusal)))
    }
    await refuse(sandboxOrganizations.municipality.id)
    expect(await read()).toBe(200)
    await refuse(randomUUID())
    expect(await read()).toBe(404)
    for (const id of ids)
      await sendFhir(hospital, 'PUT', `/fhir/Consent/${id}`, { ...permit, id, status: 'inactive' })
  })
})

describe('what a read leaves in the audit log', () => {
  const decided = (effect: string, reason: string, recipient: { readonly id: string }) => [
    expect.objectContaining({
      kind: 'disclose',
      interaction: 'read',
      effect,
      reason,
      outcome: effect === 'permit' ? 'success' : 'refused',
      recipient: recipient.id,
      custodian: sandboxOrganizations.hospital.id,
      resources: [{ type: 'CarePlan', id: planId, version: expect.any(String) }],
    }),
  ]

  test('a permit and a denial are one row each', async () => {
    const own = await effectsOf(gateway.database, () => hospital.send('GET', `/fhir/CarePlan/${planId}`))
    expect(own.effects).toEqual({
      added: {},
      audit: decided('permit', 'own-record', sandboxOrganizations.hospital),
    })
    const denied = await effectsOf(gateway.database, () => gp.send('GET', `/fhir/CarePlan/${planId}`))
    expect(denied.effects.audit).toMatchObject([
      { kind: 'disclose', effect: 'deny', outcome: 'refused', recipient: sandboxOrganizations.gp.id },
    ])
  })

  test.each([randomUUID(), 'plan-1', '2509479989'])('of %s, which nobody has, nothing', async (id) => {
    const { result, effects } = await effectsOf(gateway.database, () =>
      gp.send('GET', `/fhir/CarePlan/${id}`),
    )
    expect([result.status, effects]).toEqual([404, { added: {}, audit: [] }])
    expect(result.text).not.toContain('2509479989')
  })

  test('of the same id under another type, nothing either', async () => {
    const { result, effects } = await effectsOf(gateway.database, () =>
      hospital.send('GET', `/fhir/Encounter/${planId}`),
    )
    expect([result.status, effects.audit]).toEqual([404, []])
  })
})
