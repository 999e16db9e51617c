import { randomUUID } from 'node:crypto'
import type { Bundle, OperationOutcome, Patient } from '@medplum/fhirtypes'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

/** JSON Patch and `$validate` of a Patient. The hospital and the GP have demographics of the one citizen, each its own. */
const PATCH = 'application/json-patch+json'
const CPR = 'urn:oid:1.2.208.176.1.2'
const CITIZEN = '1502779995'

let gateway: TestGateway
let hospital: string
let municipality: string
/** The one citizen's, the same for everybody. */
let id: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await client('hospital-patches', sandboxOrganizations.hospital.id)
  municipality = await client('municipality-patches', sandboxOrganizations.municipality.id)
  const gp = await client('gp-patches', sandboxOrganizations.gp.id)
  const created = await send('POST', 'Patient', patient(), gp)
  id = /Patient\/([0-9a-f-]{36})/.exec(created.headers.get('location') ?? '')?.[1] ?? ''
  expect((await send('POST', 'Patient', patient())).status).toBe(201)
})
beforeEach(async () => {
  expect((await send('PUT', `Patient/${id}`, patient())).status).toBe(200)
})
afterAll(() => gateway.close())

async function client(name: string, organizationId: string): Promise<string> {
  const scopes = ['system/*.cruds']
  return (
    await gateway.addClient({ id: name, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
  ).token()
}

const patient = (change: object = {}): object => ({
  resourceType: 'Patient',
  identifier: [{ system: CPR, value: CITIZEN }],
  name: [{ family: 'Berggren' }],
  birthDate: '1977-02-15',
  ...change,
})

function send(
  method: string,
  path: string,
  body?: object,
  token = hospital,
  headers: Record<string, string> = {},
): Promise<Received> {
  const type = method === 'PATCH' ? PATCH : FHIR_JSON
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, {
    method,
    token,
    headers,
    ...(body ? { type, body: JSON.stringify(body) } : {}),
  })
}

const patch = (operations: object[], at = id, token = hospital, etag?: string): Promise<Received> =>
  send('PATCH', `Patient/${at}`, operations, token, etag === undefined ? {} : { 'if-match': etag })
const read = async (): Promise<Patient> => (await send('GET', `Patient/${id}`)).json() as Patient
const rename = { op: 'replace', path: '/name/0/family', value: 'Holm' }

const NOT_WRITABLE = outcome('not-found', 'there is no resource with this id that you may write')

// https://hl7.org/fhir/R4/http.html#patch
describe('a patch of a Patient', () => {
  test('changes the own demographics, in a version of their own, and is audited as a patch', async () => {
    const before = await read()
    const { result, effects } = await effectsOf(gateway.database, () =>
      patch([{ op: 'test', path: '/birthDate', value: '1977-02-15' }, rename]),
    )
    const version = result.headers.get('etag')?.slice(3, -1)
    expect([result.status, result.json()]).toEqual([
      200,
      {
        resourceType: 'OperationOutcome',
        issue: [
          {
            severity: 'information',
            code: 'informational',
            diagnostics: `updated Patient/${id}, version ${version}; your organisation alone reads it`,
          },
        ],
      },
    ])
    expect(effects.added).toEqual({ patient_version: 1 })
    expect(effects.audit).toMatchObject([
      { kind: 'accept', interaction: 'patch', resources: [{ type: 'Patient', id, version }] },
    ])
    expect(await read()).toEqual({
      ...before,
      meta: { versionId: version, lastUpdated: expect.any(String) },
      name: [{ family: 'Holm' }],
    })
    const history = (await send('GET', `Patient/${id}/_history?_count=1`)).json() as Bundle<Patient>
    expect(history.entry?.[0]?.resource?.name).toEqual([{ family: 'Holm' }])
  })

  test('with `If-Match` is of the version that was read', async () => {
    const { meta } = await read()
    expect((await patch([rename], id, hospital, `W/"${meta?.versionId}"`)).status).toBe(200)
    const late = await patch([rename], id, hospital, `W/"${meta?.versionId}"`)
    expect([late.status, faultsIn(late.json())]).toEqual([412, [{ code: 'version-conflict' }]])
  })

  test('of the national id there is nothing to test, to change or to add', async () => {
    const tested = await patch([{ op: 'test', path: '/identifier/0/value', value: CITIZEN }])
    expect([tested.status, faultsIn(tested.json())]).toEqual([
      422,
      [{ code: 'patch-failed', expression: expect.any(String) }],
    ])
    const text =
      'a patch adds no national id: the citizen has theirs, and they are not part of what is patched'
    for (const value of [CITIZEN, '0505059996']) {
      const added = await patch([{ op: 'add', path: '/identifier', value: [{ system: CPR, value }] }])
      expect([added.status, added.json()]).toEqual([
        422,
        outcome('field-invalid', text, 'Patient.identifier'),
      ])
    }
  })

  test.each([
    ['/id', '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21', 'Patient.id'],
    ['/meta/versionId', '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21', 'Patient.meta.versionId'],
    ['/meta/lastUpdated', '2020-01-01T00:00:00.000Z', 'Patient.meta.lastUpdated'],
    ['/resourceType', 'CarePlan', 'resourceType'],
  ])('cannot change %s', async (path, value, expression) => {
    const answer = await patch([{ op: 'replace', path, value }])
    const text = 'a patch cannot change this: leave it as it is'
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, expression)])
  })

  test('is held to R4, and nothing of it is stored', async () => {
    const { result, effects } = await effectsOf(gateway.database, () =>
      patch([rename, { op: 'replace', path: '/birthDate', value: 'yesterday' }]),
    )
    expect([result.status, faultsIn(result.json())]).toEqual([
      422,
      [{ code: 'field-invalid', expression: 'Patient.birthDate' }],
    ])
    expect(effects.added).toEqual({ quarantine: 1 })
    expect((await read()).name).toEqual([{ family: 'Berggren' }])
  })

  test('of a citizen whom only others know is of nobody, also to a `test`', async () => {
    const tests = (value: string): object[] => [{ op: 'test', path: '/birthDate', value }]
    const answers = [
      await patch(tests('1977-02-15'), id, municipality),
      await patch(tests('1999-09-09'), id, municipality),
      await patch(tests('1977-02-15'), randomUUID(), municipality),
    ]
    expect([answers[0]?.status, answers[0]?.json()]).toEqual([404, NOT_WRITABLE])
    const [first, ...others] = answers.map((answer) => comparable(answer))
    for (const other of others) expect(other).toEqual(first)
  })

  test('in a transaction is a Binary', async () => {
    const data = Buffer.from(JSON.stringify([rename])).toString('base64')
    const resource = { resourceType: 'Binary', contentType: PATCH, data }
    const entry = [{ resource, request: { method: 'PATCH', url: `Patient/${id}` } }]
    const answer = await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    expect(answer.status).toBe(200)
    expect((await read()).name).toEqual([{ family: 'Holm' }])
  })
})

// https://hl7.org/fhir/R4/resource-operation-validate.html
describe('$validate of a Patient', () => {
  const valid = (done: string): object => ({
    resourceType: 'OperationOutcome',
    issue: [
      { severity: 'information', code: 'informational', diagnostics: `it is valid, and would be ${done}` },
    ],
  })
  const about = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter })
  const elsewhere = { identifier: [{ system: CPR, value: '0201919990' }] }

  test('says what the write would be, the same whoever knows the citizen, and nothing is left of it', async () => {
    const ways = [
      ['Patient/$validate', patient(elsewhere), hospital, 'created'],
      ['Patient/$validate', patient(), municipality, 'created'],
      [`Patient/${id}/$validate`, patient(), hospital, 'updated'],
      [
        `Patient/${id}/$validate`,
        about(
          { name: 'resource', resource: patient() },
          { name: 'mode', valueCode: 'update' },
          { name: 'profile', valueUri: 'http://hl7.org/fhir/StructureDefinition/Patient' },
        ),
        hospital,
        'updated',
      ],
    ] as const
    for (const [path, body, token, done] of ways) {
      const { result, effects } = await effectsOf(gateway.database, () => send('POST', path, body, token))
      expect([result.status, result.json()]).toEqual([200, valid(done)])
      expect(effects).toEqual({ added: {}, audit: [] })
    }
    expect((await send('GET', `Patient/${id}`, undefined, municipality)).status).toBe(404)
  })

  test.each([
    ['a fault', patient({ birthDate: 'yesterday', gender: 'x' })],
    ['no number', patient({ identifier: [] })],
    ['one that is held already', patient()],
    ['a link', patient({ link: [{ other: { display: 'x' }, type: 'seealso' }] })],
    ['another type', { resourceType: 'CarePlan' }],
  ])('%s: what the write is refused with', async (_title, body) => {
    const refused = await send('POST', 'Patient', body)
    expect(refused.status).toBeGreaterThanOrEqual(400)
    const told = await send('POST', 'Patient/$validate', body)
    expect([told.status, told.json()]).toEqual([200, refused.json()])
  })

  test('of a citizen whom only others know is answered as of nobody', async () => {
    const [known, nobody] = [
      await send('POST', `Patient/${id}/$validate`, patient(), municipality),
      await send('POST', `Patient/${randomUUID()}/$validate`, patient(), municipality),
    ]
    expect([known.status, known.json()]).toEqual([200, NOT_WRITABLE])
    expect(comparable(known)).toEqual(comparable(nobody))
  })

  test.each<[string, object, string, string]>([
    [
      'a deletion',
      { name: 'mode', valueCode: 'delete' },
      "Parameters.parameter.where(name = 'mode')",
      'a Patient is not deleted; known is update',
    ],
    [
      'another profile',
      { name: 'profile', valueUri: 'https://elsewhere.example/x' },
      "Parameters.parameter.where(name = 'profile').value",
      'found a string of 27 characters; it is held to http://hl7.org/fhir/StructureDefinition/Patient: name it, or leave the profile out',
    ],
  ])('%s is an issue', async (_title, parameter, expression, text) => {
    const body = about({ name: 'resource', resource: patient() }, parameter)
    const { issue } = (await send('POST', `Patient/${id}/$validate`, body)).json() as OperationOutcome
    expect(issue).toMatchObject([{ expression: [expression], diagnostics: text }])
  })
})
