/** One token that may send consents, turned against everybody's access to a citizen: many of them, or large ones. */
import { randomUUID } from 'node:crypto'
import type { Consent } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const { municipality } = sandboxOrganizations

let gateway: TestGateway
let hospital: string
let attacker: string
let recipient: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await gateway.client('hospital-ehr').token()
  attacker = await gateway.client('gp-system').token()
  recipient = await gateway.client('municipality-system').token()
})
afterAll(() => gateway.close())

function send(path: string, body: object, token: string, method = 'POST'): Promise<Received> {
  return sendRaw(gateway.baseUrl, path, { method, token, type: FHIR_JSON, body: JSON.stringify(body) })
}

/** A deny for a number that no registry has: it cannot be excluded that it is meant for whoever asks. */
function doubtfulDeny(index: number): Consent {
  const { provision, ...base } = sampleConsent(
    { system: 'https://units.example/', value: `unit-${index}` },
    [],
  )
  const { securityLabel: _label, ...rule } = provision ?? {}
  return { ...base, provision: { ...rule, type: 'deny' } }
}

describe('consents that leave a decision open', () => {
  test('are one work item of the custodian, however many there are, and no failure of each read', async () => {
    const id = randomUUID()
    expect((await send(`/fhir/CarePlan/${id}`, { ...sampleCarePlan(), id }, hospital, 'PUT')).status).toBe(
      201,
    )
    await send('/fhir/Consent', sampleConsent(municipality.identifiers[0], ['PSY', 'SUD']), hospital)
    const read = () => sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, { token: recipient })
    expect((await read()).status).toBe(200)
    for (let index = 0; index < 9; index++)
      expect((await send('/fhir/Consent', doubtfulDeny(index), attacker)).status).toBe(201)
    const { result: answer, effects } = await effectsOf(gateway.database, read)
    expect(answer.status).toBe(404)
    expect(effects.audit).toMatchObject([{ effect: 'deny', reason: 'indeterminate' }])
    expect(effects.added).toMatchObject({ work_item: 1 })
    expect((await effectsOf(gateway.database, read)).effects.added).not.toHaveProperty('work_item')
  })
})
