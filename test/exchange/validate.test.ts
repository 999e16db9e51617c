import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { encounter, FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let gp: string
let hospital: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  gp = await gateway.client('gp-system').token()
  hospital = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())

function send(path: string, body: unknown, { method = 'POST', token = gp } = {}): Promise<Received> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, { method, token, type: FHIR_JSON, body: text })
}

const parameters = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter })
const valid = (done: string): object => ({
  resourceType: 'OperationOutcome',
  issue: [
    { severity: 'information', code: 'informational', diagnostics: `it is valid, and would be ${done}` },
  ],
})
const PROFILE = 'https://sluse.example/fhir/StructureDefinition/sluse-encounter'
const NOT_WRITABLE = outcome('not-found', 'there is no resource with this id that you may write')

// https://hl7.org/fhir/R4/resource-operation-validate.html
describe('$validate', () => {
  test.each([
    ['the resource itself', encounter],
    ['Parameters', parameters({ name: 'resource', resource: encounter })],
    [
      'Parameters with mode and profile',
      parameters(
        { name: 'resource', resource: encounter },
        { name: 'mode', valueCode: 'create' },
        { name: 'profile', valueUri: PROFILE },
      ),
    ],
  ])('%s: valid, and nothing is left of it', async (_title, body) => {
    const { result, effects } = await effectsOf(gateway.database, () => send('Encounter/$validate', body))
    expect([result.status, result.json()]).toEqual([200, valid('created')])
    expect(effects).toEqual({ added: {}, audit: [] })
  })

  test.each([
    ['an unknown code', { ...encounter, status: 'no such status' }],
    ['a missing element', { ...encounter, class: undefined }],
    ['several faults', { ...encounter, class: undefined, status: 'x', priority: 1 }],
    [
      'a national id that stands elsewhere',
      { ...encounter, identifier: [{ system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' }] },
    ],
    ['a citizen without a name', { ...encounter, subject: {} }],
    [
      'a citizen whom nobody knows by this reference',
      { ...encounter, subject: { reference: `Patient/${randomUUID()}` } },
    ],
    ['another type', { ...encounter, resourceType: 'Condition' }],
  ])('%s: what the write is refused with, and nothing is quarantined', async (_title, resource) => {
    const { result, effects } = await effectsOf(gateway.database, () => send('Encounter/$validate', resource))
    const refused = await send('Encounter', resource)
    expect(refused.status).toBe(422)
    expect([result.status, result.json()]).toEqual([200, refused.json()])
    expect(effects).toEqual({ added: {}, audit: [] })
  })

  test('of an update and of a delete, at the address of what is there', async () => {
    const id = randomUUID()
    expect((await send(`Encounter/${id}/$validate`, encounter)).json()).toEqual(valid('created'))
    await send(`Encounter/${id}`, encounter, { method: 'PUT' })
    expect((await send(`Encounter/${id}/$validate`, encounter)).json()).toEqual(valid('updated'))
    const deletion = await send(
      `Encounter/${id}/$validate`,
      parameters({ name: 'mode', valueCode: 'delete' }),
    )
    expect(deletion.json()).toMatchObject({ issue: [{ diagnostics: 'it would be deleted' }] })
    expect((await sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, { token: gp })).status).toBe(200)
  })

  test("on another organisation's record is what the write is answered", async () => {
    const id = randomUUID()
    await send(`Encounter/${id}`, encounter, { method: 'PUT' })
    const update = await send(`Encounter/${id}/$validate`, encounter, { token: hospital })
    expect(update.json()).toEqual(NOT_WRITABLE)
    const mode = parameters({ name: 'mode', valueCode: 'delete' })
    const [found, absent] = [
      await send(`Encounter/${id}/$validate`, mode, { token: hospital }),
      await send(`Encounter/${randomUUID()}/$validate`, mode, { token: hospital }),
    ]
    expect(found.json()).toEqual(NOT_WRITABLE)
    expect(comparable(found)).toEqual(comparable(absent))
  })

  test('of a consent: also what its sender should know', async () => {
    const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
    await send('Consent', consent, { token: hospital })
    const answer = await send(
      'Consent/$validate',
      { ...consent, status: 'draft', provision: { type: 'permit' } },
      { token: hospital },
    )
    const { issue } = answer.json() as { issue: { severity: string; diagnostics: string }[] }
    expect(issue[0]?.diagnostics).toBe('it is valid, and would be created')
    expect(issue.slice(1).map(({ severity }) => severity)).toContain('warning')
    // Nothing of it: the consent of before was not replaced.
    const rows = await gateway.database.query({
      text: `select 1 from resource_version where resource_type = 'Consent'`,
    })
    expect(rows).toHaveLength(1)
  })

  test('of a delete of a consent is what the delete is answered', async () => {
    const id = randomUUID()
    const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
    await send(`Consent/${id}`, consent, { method: 'PUT', token: hospital })
    const mode = parameters({ name: 'mode', valueCode: 'delete' })
    const validated = await send(`Consent/${id}/$validate`, mode, { token: hospital })
    const refused = await sendRaw(gateway.baseUrl, `/fhir/Consent/${id}`, {
      method: 'DELETE',
      token: hospital,
    })
    expect([validated.status, refused.status]).toEqual([200, 405])
    expect(validated.json()).toEqual(refused.json())
  })

  test.each([
    [
      'an unknown parameter',
      parameters({ name: 'x' }),
      'known are resource, mode and profile',
      'Parameters.parameter',
    ],
    [
      'no resource',
      parameters({ name: 'mode', valueCode: 'create' }),
      'send the resource to validate',
      `Parameters.parameter.where(name = 'resource')`,
    ],
    [
      'an unknown mode',
      parameters({ name: 'mode', valueCode: 'profile' }),
      'found `profile`; known are create, update, delete',
      `Parameters.parameter.where(name = 'mode')`,
    ],
    [
      'the mode of another address',
      parameters({ name: 'mode', valueCode: 'update' }),
      'a create is validated at `/<type>/$validate`, an update or a delete at `/<type>/<id>/$validate`',
      `Parameters.parameter.where(name = 'mode')`,
    ],
    [
      'two resources',
      parameters({ name: 'resource', resource: encounter }, { name: 'resource', resource: encounter }),
      'send it once',
      `Parameters.parameter.where(name = 'resource')`,
    ],
  ])('%s is refused, and not quarantined', async (_title, body, text, expression) => {
    const { result, effects } = await effectsOf(gateway.database, () => send('Encounter/$validate', body))
    expect([result.status, result.json()]).toEqual([400, outcome('parameter-invalid', text, expression)])
    expect(effects.added).toEqual({})
  })

  test('another profile is an issue', async () => {
    const profile = { name: 'profile', valueUri: 'http://hl7.org/fhir/StructureDefinition/Encounter' }
    const answer = await send(
      'Encounter/$validate',
      parameters({ name: 'resource', resource: encounter }, profile),
    )
    const text = `found a string of 49 characters; it is held to ${PROFILE}: name it, or leave the profile out`
    expect([answer.status, answer.json()]).toEqual([
      200,
      outcome('field-invalid', text, `Parameters.parameter.where(name = 'profile').value`),
    ])
  })

  test('what is no JSON is refused as everywhere', async () => {
    const { result, effects } = await effectsOf(gateway.database, () => send('Encounter/$validate', '{'))
    expect([result.status, effects.added]).toEqual([400, {}])
  })
})
