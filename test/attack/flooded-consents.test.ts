/** One token that may send consents, turned against everybody's access to a citizen: many of them, or large ones. */
import { randomUUID } from 'node:crypto'
import type { Consent, OperationOutcome } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, outcome, type Received, sendRaw } from '#test/http.ts'
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

describe('a consent that is larger than any', () => {
  const large = (): Consent => {
    const consent = sampleConsent(municipality.identifiers[0], ['PSY'])
    return { ...consent, policy: [{ uri: `https://x.example/${'x'.repeat(100_000)}` }] }
  }
  const text =
    'the consent is larger than 100000 characters of JSON: say it in fewer provisions, and keep documents where they are'

  test.each(['active', 'draft', 'inactive'] as const)('is refused, also as %s', async (status) => {
    const answer = await send('/fhir/Consent', { ...large(), status }, attacker)
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, 'Consent')])
  })

  test('is refused as a draft of $decide, which is asked about each record', async () => {
    const parameter = [
      { name: 'patient', valueIdentifier: large().patient?.identifier },
      { name: 'recipient', valueIdentifier: municipality.identifiers[0] },
      {
        name: 'purpose',
        valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' },
      },
      { name: 'draft', resource: large() },
    ]
    const answer = await send('/fhir/Consent/$decide', { resourceType: 'Parameters', parameter }, attacker)
    expect([answer.status, answer.json()]).toEqual([
      422,
      outcome('field-invalid', text, 'Parameters.parameter[3].resource'),
    ])
  })

  test('cannot be grown to by withdrawing part after part; whole it can be withdrawn', async () => {
    const whole = idOf(
      await send('/fhir/Consent', sampleConsent(municipality.identifiers[0], ['PSY']), attacker),
    )
    const withdraw = (parameter: object) =>
      send(
        `/fhir/Consent/${whole}/$withdraw`,
        { resourceType: 'Parameters', parameter: [parameter] },
        attacker,
      )
    const part = { name: 'class', valueCoding: { system: 'https://x.example', code: 'x'.repeat(100_000) } }
    const answer = await withdraw(part)
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'field-invalid', expression: 'Consent' }],
    ])
    expect((await withdraw({ name: 'whole', valueBoolean: true })).status).toBe(200)
  })
})

describe('as many consents as one organisation may hold of a citizen', () => {
  let own: string
  beforeAll(async () => {
    own = idOf(await send('/fhir/Consent', sampleConsent(municipality.identifiers[0], ['PSY']), attacker))
    // Copies under another policy, so that none takes the place of another.
    await gateway.database.query({
      text: `
with one as (select * from resource_version where id = $1 limit 1),
  copy as (select gen_random_uuid() as id, gen_random_uuid() as version_id from generate_series(1, 500)),
  version as (
    insert into resource_version (subject_id, resource_type, id, version_id, custodian, recorded, interaction, content, labels)
    select subject_id, resource_type, copy.id, copy.version_id, custodian, recorded, interaction,
      jsonb_set(content::jsonb, '{policyRule}', '{"text": "another"}')::json, labels from one, copy)
insert into resource (subject_id, resource_type, id, version_id, custodian, last_updated, tokens)
select subject_id, resource_type, copy.id, copy.version_id, custodian, now(), '{}' from one, copy`,
      values: [own],
    })
  })

  test('no more are taken from it, and it is told what to do', async () => {
    const answer = await send('/fhir/Consent', sampleConsent(municipality.identifiers[0], ['SUD']), attacker)
    const [issue] = (answer.json() as OperationOutcome).issue ?? []
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'field-invalid', expression: 'Consent' }],
    ])
    expect(issue?.diagnostics).toMatch(/^your organisation holds 5\d\d consents .* update one of those$/)
  })

  test('what it holds it may change, and is told of few of the others', async () => {
    const consent = sampleConsent(municipality.identifiers[0], ['PSY', 'SUD'])
    const answer = await send(`/fhir/Consent/${own}`, consent, attacker, 'PUT')
    expect(answer.status).toBe(200)
    const issues = (answer.json() as OperationOutcome).issue ?? []
    expect(issues).toHaveLength(22)
    expect(issues.at(-1)?.diagnostics).toMatch(
      /^\d+ more are left out here: read your consents of this citizen$/,
    )
  })

  test("another organisation's are taken as ever", async () => {
    const consent = sampleConsent(municipality.identifiers[0], ['PSY'])
    expect((await send('/fhir/Consent', consent, hospital)).status).toBe(201)
  })
})

test('thousands of parameters make no more than 100 faults', async () => {
  const parameter = Array.from({ length: 10_000 }, (_, index) => ({ name: `p${index}`, valueBoolean: true }))
  for (const operation of ['$decide', '$override']) {
    const answer = await send(
      `/fhir/Consent/${operation}`,
      { resourceType: 'Parameters', parameter },
      attacker,
    )
    expect([operation, answer.status, faultsIn(answer.json()).length]).toEqual([operation, 422, 100])
  }
})
