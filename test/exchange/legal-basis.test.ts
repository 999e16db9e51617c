/** A law as the basis of a read: only one that is switched on, only as the law demands, and never against a refusal. */
import { randomUUID } from 'node:crypto'
import type { CarePlan, Encounter, OperationOutcome } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { sendRaw } from '#test/http.ts'
import { auditRows } from '#test/rows.ts'

let gateway: TestGateway
let token: string
const planId = randomUUID()

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway', statutoryBases: ['SUL-41-2-1', 'SUL-43-2-2', 'RSL-12c'] })
  token = await gateway.client('gp-system').token()
  const hospital = gateway.client('hospital-ehr')
  expect(
    (await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${planId}`, { ...sampleCarePlan(), id: planId })).status,
  ).toBe(201)
})
afterAll(() => gateway.close())

const read = (basis: string | undefined, path = `/fhir/CarePlan/${planId}`) =>
  sendRaw(gateway.baseUrl, path, {
    token,
    headers: basis === undefined ? {} : { 'Sluse-Legal-Basis': basis },
  })

describe('the header', () => {
  test.each([
    ['a basis that is not switched on', 'PSL-13c; document=CarePlan/1', /has not switched that basis on/],
    ['a reason in words, which would stand in the log', 'SUL-41-2-1; reason=Bruno is ill', /send it as/],
    ['a document that is no reference', 'SUL-41-2-1; reason=x; document=plan', /send it as/],
    ['nothing', '', /send it as/],
  ])('%s is refused, and says what to do', async (_, header, text) => {
    const answer = await read(header)
    expect(answer.status).toBe(400)
    const [issue] = (answer.json() as OperationOutcome).issue ?? []
    expect(issue).toMatchObject({ code: 'value', expression: ['http:Sluse-Legal-Basis'] })
    expect(issue?.diagnostics).toMatch(text)
  })
})

describe('a read without consent', () => {
  test('is answered as ever where no law is named', async () => {
    expect((await read(undefined)).status).toBe(404)
  })

  test('is denied where the law asks for a reason and none is named', async () => {
    expect((await read('SUL-41-2-1')).status).toBe(404)
  })

  test('is permitted with a reason, whole, and the log has what was named', async () => {
    const answer = await read('SUL-41-2-1; reason=current-treatment')
    expect(answer.status).toBe(200)
    expect((answer.json() as CarePlan).activity).toHaveLength(4)
    const rows = await auditRows(gateway.database)
    expect(rows.findLast(({ kind }) => kind === 'disclose')).toMatchObject({
      effect: 'permit',
      reason: 'permitted-by-law',
      law: 'DK-2',
      legalBasis: { code: 'SUL-41-2-1', reason: 'current-treatment' },
      basis: [],
    })
  })

  test('is denied under a law that speaks of another kind of recipient', async () => {
    expect((await read('SUL-43-2-2; reason=others-life')).status).toBe(404)
  })

  test('is denied when the citizen has said no', async () => {
    const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
    const { provision } = consent
    const refusal = { ...consent, provision: { ...provision, type: 'deny' as const } }
    expect((await sendFhir(gateway.client('hospital-ehr'), 'POST', '/fhir/Consent', refusal)).status).toBe(
      201,
    )
    expect((await read('SUL-41-2-1; reason=current-treatment')).status).toBe(404)
  })
})

test('a notice of admission needs no consent and no claim, and says that something happened and nothing else', async () => {
  const hospital = gateway.client('hospital-ehr')
  const encounter: Encounter = {
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '1502779995' } },
    period: { start: '2026-11-20T08:00:00+01:00' },
    reasonCode: [{ coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DF102' }] }],
  }
  const created = await sendFhir(hospital, 'POST', '/fhir/Encounter', encounter)
  expect(created.status).toBe(201)
  const municipality = await gateway.client('municipality-system').token()
  const id = idOf(created)
  const answer = await sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, { token: municipality })
  expect(answer.status).toBe(200)
  const seen = answer.json() as Encounter
  expect(seen).toMatchObject({ status: 'in-progress', class: { code: 'IMP' }, period: encounter.period })
  expect(Object.keys(seen).sort()).toEqual(
    ['class', 'id', 'meta', 'period', 'resourceType', 'status', 'subject', 'text'].sort(),
  )
  expect(answer.text).not.toMatch(/DF102|PSY|SUD|psykiat/i)
})
