import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { condition, encounter, FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let token: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  token = await gateway.client('gp-system').token()
})
afterAll(() => gateway.close())

function post(type: string, resource: object, headers: Record<string, string> = {}): Promise<Received> {
  const body = JSON.stringify(resource)
  return sendRaw(gateway.baseUrl, `/fhir/${type}`, { method: 'POST', token, type: FHIR_JSON, headers, body })
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

// https://hl7.org/fhir/R4/http.html#create
describe('create', () => {
  test('answers 201 with an id of ours, its version, and nothing of who will get it', async () => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => post('Encounter', encounter))
    expect(answer.status).toBe(201)
    const location = new RegExp(`^${gateway.baseUrl}/fhir/Encounter/(${UUID})/_history/(${UUID})$`)
    const [, id, version] = location.exec(answer.headers.get('location') ?? '') ?? []
    expect(answer.headers.get('etag')).toBe(`W/"${version}"`)
    expect(Date.parse(answer.headers.get('last-modified') ?? '')).toBeGreaterThan(0)
    expect(answer.json()).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'information',
          code: 'informational',
          diagnostics: `created Encounter/${id}, version ${version}; each recipient gets it when a consent permits it at the moment of sending`,
        },
      ],
    })
    expect(effects.added).toEqual({ person: 1, person_identifier: 1, resource: 1, resource_version: 1 })
    expect(effects.audit).toEqual([
      expect.objectContaining({
        kind: 'accept',
        outcome: 'success',
        interaction: 'create',
        client: 'gp-system',
        organization: sandboxOrganizations.gp.id,
        custodian: sandboxOrganizations.gp.id,
        purposeOfUse: ['TREAT'],
        resources: [{ type: 'Encounter', id, version }],
        requestId: answer.headers.get('x-request-id'),
      }),
    ])
  })

  test('takes no id of the client', async () => {
    const own = 'b0c8a6c2-0c11-4cd8-b7b6-134418134418'
    const answer = await post('Condition', { ...condition, id: own })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).not.toContain(own)
  })

  test('stores neither the national id nor what the client says of version, time and narrative', async () => {
    await post('Condition', {
      ...condition,
      meta: { versionId: '134418', lastUpdated: '2001-01-01T00:00:00Z', source: 'urn:x' },
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">kanariefugl</div>' },
    })
    const [row] = await gateway.database.query<{ all: string }>({
      text: 'select string_agg(content::text, chr(10)) as all from resource_version',
    })
    expect(row?.all).toContain('Skizofreni siden ungdommen')
    expect(row?.all).not.toMatch(/1502829995|kanariefugl|134418|2001-01-01|urn:x/)
  })

  test('a citizen may be named by the reference that an earlier answer gave', async () => {
    const created = await post('Condition', condition)
    const id = new RegExp(`Condition/(${UUID})`).exec(created.headers.get('location') ?? '')?.[1]
    const read = await sendRaw(gateway.baseUrl, `/fhir/Condition/${id}`, { token })
    const { subject } = read.json() as typeof condition
    const answer = await post('Encounter', { ...encounter, subject: { reference: subject.reference } })
    expect(answer.status).toBe(201)
  })

  test.each([
    {
      title: 'a citizen whom nobody knows by this reference',
      subject: { reference: 'Patient/0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21' },
      want: outcome(
        'field-invalid',
        'no citizen is known by this reference; name the citizen by `identifier` instead',
        'Encounter.subject.reference',
      ),
    },
    {
      title: 'a regional replacement number',
      subject: { identifier: { system: 'urn:oid:1.2.208.176.1.6.1.3.187', value: '2509471AA1' } },
      want: outcome(
        'patient-id-not-exchangeable',
        'a regional replacement number is unique in its region only: send a CPR',
        'Encounter.subject.identifier',
      ),
    },
    {
      title: 'a number of no day',
      subject: { identifier: { system: sandboxCitizens.elmer.system, value: '3209479989' } },
      want: outcome(
        'field-invalid',
        "a string of 10 characters is no number of this system: correct the patient's identifier",
        'Encounter.subject.identifier',
      ),
    },
  ])('$title is refused', async ({ subject, want }) => {
    const answer = await post('Encounter', { ...encounter, subject })
    expect([answer.status, answer.json()]).toEqual([422, want])
  })
})
