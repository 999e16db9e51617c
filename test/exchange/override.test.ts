import type { Parameters } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { putOrganization } from '#store/organizations.ts'
import { allowOverrides, overrideToReview } from '#store/overrides.ts'
import { findSubject } from '#store/persons.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, outcome, type Received } from '#test/http.ts'
import { breakGlass, grantIn, overrideParameters, physician } from '#test/overrides.ts'
import { effectsOf } from '#test/rows.ts'
import { piecesIn } from '#test/secrets.ts'
import { validator } from '#test/validator.ts'

const { elmer } = sandboxCitizens
const SYSTEM = 'https://sluse.example/fhir/CodeSystem/override-ground'
const REASON = 'Bevidstløs i modtagelsen, ukendt medicin'

let gateway: TestGateway
let gp: string
let nurse: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  gp = await gateway.client('gp-system').token()
  await allowOverrides(gateway.database, 'gp-system', [physician])
  await putOrganization(gateway.database, norwegian)
  const client = await gateway.addClient({
    id: 'norwegian-gp',
    organizationId: norwegian.id,
    profile: 'smart',
    scopes: ['system/Consent.c'],
    purposeOfUse: ['TREAT'],
  })
  nurse = await client.token()
  await allowOverrides(gateway.database, 'norwegian-gp', [physician])
})
afterAll(() => gateway.close())

const norwegian = {
  ...sandboxOrganizations.gp,
  id: '5d1cba6e-4f5d-4e58-9d35-0f2cf5c0a001',
  jurisdiction: 'NO',
  timeZone: 'Europe/Oslo',
  identifiers: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '999999999' }],
} as const

const ask = (parameters: object, token = gp): Promise<Received> =>
  breakGlass(gateway.baseUrl, token, parameters)

const ground = (code: string, system = SYSTEM) => ({ ground: { valueCoding: { system, code } } })
const hours = (value: number, code = 'h', system = 'http://unitsofmeasure.org') => ({
  duration: { valueDuration: { value, system, code } },
})

interface GrantRow {
  readonly subject_id: string
  readonly client_id: string
  readonly organization_id: string
  readonly person: object
  readonly ground: string
  readonly minutes: number
}

async function stored(answer: Received): Promise<GrantRow | undefined> {
  const id = grantIn(answer).slice('urn:uuid:'.length)
  const [row] = await gateway.database.query<GrantRow>({
    text: `
select subject_id, client_id, organization_id, person, ground, extract(epoch from expires_at - opened_at)::int / 60 as minutes
from override_grant where override_id = $1`,
    values: [id],
  })
  return row
}

describe('a grant', () => {
  test('is opened for client, person, citizen, ground and time, and its answer names its id and its end', async () => {
    const before = Date.now()
    const answer = await ask(overrideParameters())
    const { parameter: [, until] = [] } = answer.json() as Parameters
    expect(validator.validate(answer.json() as Parameters)).toEqual([])
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'override', valueUuid: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) },
          { name: 'until', valueInstant: expect.any(String) },
        ],
      },
    ])
    const end = Date.parse(until?.valueInstant ?? '') - 3_600_000
    expect(end).toBeGreaterThanOrEqual(before)
    expect(end).toBeLessThanOrEqual(Date.now())
    expect(await stored(answer)).toEqual({
      subject_id: await findSubject(gateway.database, gateway.seal, elmer),
      client_id: 'gp-system',
      organization_id: sandboxOrganizations.gp.id,
      person: physician,
      ground: 'patient-unreachable',
      minutes: 60,
    })
  })

  test('leaves its audit row, and no review: it has opened nothing', async () => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => ask(overrideParameters()))
    const id = grantIn(answer).slice('urn:uuid:'.length)
    expect(effects.audit).toEqual([
      {
        v: 1,
        id: expect.any(String),
        kind: 'override',
        at: expect.any(String),
        outcome: 'success',
        client: 'gp-system',
        organization: sandboxOrganizations.gp.id,
        subject: await findSubject(gateway.database, gateway.seal, elmer),
        purposeOfUse: ['TREAT'],
        interaction: '$override',
        override: { id, ground: 'patient-unreachable' },
        requestId: answer.headers.get('x-request-id'),
      },
    ])
    const items = await gateway.database.query({ text: 'select 1 from work_item' })
    expect(items).toEqual([])
  })

  test('keeps the reason sealed: it stands in no row, no log and no answer in the clear', async () => {
    const answer = await ask(overrideParameters())
    const id = grantIn(answer).slice('urn:uuid:'.length)
    expect(await overrideToReview(gateway.database, gateway.seal, id)).toMatchObject({ reason: REASON })
    const rows = await gateway.database.query<{ text: string }>({
      text: 'select g::text as text from override_grant g union all select entry from audit_event',
    })
    const told = [...rows.map(({ text }) => text), ...gateway.logged, answer.text].join('\n')
    expect(piecesIn(told, [REASON, elmer.value])).toEqual([])
  })

  test('about a citizen whom nobody has sent is answered like any other', async () => {
    const unknown = { patient: { valueIdentifier: { ...elmer, value: '0505059996' } } }
    const [one, other] = [await ask(overrideParameters(unknown)), await ask(overrideParameters())]
    const shape = ({ status, text }: Received): unknown => [
      status,
      text.replaceAll(/"(urn:uuid:[^"]+|20[^"]+)"/g, ''),
    ]
    expect(shape(one)).toEqual(shape(other))
  })

  test.each([
    [hours(8), 480],
    [hours(1, 'min'), 1],
    [hours(90, 'min'), 90],
  ])('lasts as long as asked: %j', async (change, minutes) => {
    expect(await stored(await ask(overrideParameters(change)))).toMatchObject({ minutes })
  })

  test('names the citizen by our reference as well', async () => {
    const subjectId = await findSubject(gateway.database, gateway.seal, elmer)
    const patient = { patient: { valueReference: { reference: `Patient/${subjectId}` } } }
    expect(await stored(await ask(overrideParameters(patient)))).toMatchObject({ subject_id: subjectId })
  })

  test('of Norway has the grounds of Norway', async () => {
    expect((await ask(overrideParameters(ground('danger-to-life')), nurse)).status).toBe(200)
    expect((await ask(overrideParameters(ground('patient-agrees')), nurse)).status).toBe(422)
  })
})

describe('refused', () => {
  const NOT = outcome(
    'override-refused',
    'your client may not break the glass, or not for this person; the operator registers both. The attempt is recorded',
    'Parameters.parameter',
  )

  test.each([
    ['a person who is not listed', { system: physician.system, value: '0XX98' }],
    [
      'the number of a listed person in another register',
      { ...physician, system: 'urn:oid:2.16.578.1.12.4.1.4.4' },
    ],
  ])('%s, and the attempt is recorded', async (_title, valueIdentifier) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      ask(overrideParameters({ person: { valueIdentifier } })),
    )
    expect([answer.status, answer.json()]).toEqual([403, NOT])
    expect(effects.added).toEqual({ quarantine: 1 })
    expect(effects.audit).toMatchObject([{ kind: 'refuse', outcome: 'refused', reason: 'override-refused' }])
  })

  test('a client that is not registered for it, whoever the person is', async () => {
    const hospital = await gateway.client('hospital-ehr').token()
    const answer = await ask(overrideParameters(), hospital)
    expect([answer.status, answer.json()]).toEqual([403, NOT])
  })

  test('a person who was struck off, at once', async () => {
    await allowOverrides(gateway.database, 'norwegian-gp', [])
    try {
      expect((await ask(overrideParameters(ground('danger-to-life')), nurse)).json()).toEqual(NOT)
    } finally {
      await allowOverrides(gateway.database, 'norwegian-gp', [physician])
    }
  })

  const DURATION = 'send 1 minute to 8 hours as a Duration in UCUM `min` or `h`, or leave it out for 1 hour'
  const KNOWN = `the law of your country knows \`patient-agrees\` or \`patient-unreachable\` of \`${SYSTEM}\``
  const at = (index: number): string => `Parameters.parameter[${index}]`
  // prettier-ignore
  const cases = [
    { title: 'a ground of the other country', change: ground('danger-to-life'), want: outcome('code-unknown', `found \`danger-to-life\`; ${KNOWN}`, `${at(2)}.valueCoding`) },
    { title: 'a ground of another system', change: ground('patient-agrees', 'https://example.org/grounds'), want: outcome('code-unknown', `found \`patient-agrees\`; ${KNOWN}`, `${at(2)}.valueCoding`) },
    { title: 'no ground', change: { ground: undefined }, want: outcome('field-missing', `give the ground: \`ground\` as a Coding, \`patient-agrees\` or \`patient-unreachable\` of \`${SYSTEM}\``, 'Parameters.parameter') },
    { title: 'no reason', change: { reason: undefined }, want: outcome('field-missing', 'give the reason in words: `reason` as a string; it is sealed, and shown to the review only', 'Parameters.parameter') },
    { title: 'a reason of blanks', change: { reason: { valueString: '  \t          ' } }, want: outcome('field-invalid', 'found a string of 13 characters; send text that is not only whitespace', `${at(3)}.value`) },
    { title: 'a reason that nobody could review', change: { reason: { valueString: 'akut 1234' } }, want: outcome('field-invalid', 'found a string of 9 characters; write 10 to 2000 that a reviewer can judge', `${at(3)}.valueString`) },
    { title: 'a longer time than a shift', change: hours(481, 'min'), want: outcome('field-invalid', DURATION, `${at(4)}.valueDuration`) },
    { title: 'no time at all', change: hours(0), want: outcome('field-invalid', DURATION, `${at(4)}.valueDuration`) },
    { title: 'a time before now', change: hours(-1), want: outcome('field-invalid', DURATION, `${at(4)}.valueDuration`) },
    { title: 'a day', change: hours(1, 'd'), want: outcome('field-invalid', DURATION, `${at(4)}.valueDuration`) },
    { title: 'hours of another system', change: hours(1, 'h', 'https://example.org'), want: outcome('profile-violation', 'constraint `drt-1` does not hold: There SHALL be a code if there is a value and it SHALL be an expression of time.  If system is present, it SHALL be UCUM.', `${at(4)}.value`) },
    { title: 'no person', change: { person: undefined }, want: outcome('field-missing', 'say who breaks the glass: `person` as an Identifier with system and value of their authorisation', 'Parameters.parameter') },
    { title: 'no patient', change: { patient: undefined }, want: outcome('field-missing', 'name the patient: `patient` as an Identifier with the national id, or as our `Patient/…` reference', 'Parameters.parameter') },
    { title: 'a parameter that nobody reads', change: { scope: { valueString: 'all' } }, want: outcome('field-invalid', 'send each of `patient`, `person`, `ground`, `reason`, `duration` once', `${at(4)}.name`) },
  ]
  test.for(cases)('$title', async ({ change, want }) => {
    const answer = await ask(overrideParameters(change))
    expect([answer.status, answer.json()]).toEqual([422, want])
  })

  test('a parameter twice: the second is not read instead of the first', async () => {
    const { parameter = [] } = overrideParameters()
    const answer = await ask({
      resourceType: 'Parameters',
      parameter: [...parameter, ...parameter.slice(2, 3)],
    })
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'field-invalid', expression: `${at(4)}.name` }],
    ])
  })

  test('all faults at once', async () => {
    const answer = await ask({ resourceType: 'Parameters' })
    expect([answer.status, faultsIn(answer.json()).length]).toEqual([422, 4])
  })

  test('another resource', async () => {
    const answer = await ask({ resourceType: 'Consent' })
    const text = 'found `Consent`; this address takes Parameters'
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', text, 'resourceType')])
  })

  test('a number that is no national id, without repeating it', async () => {
    const answer = await ask(
      overrideParameters({ patient: { valueIdentifier: { ...elmer, value: '3413479989' } } }),
    )
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'field-invalid', expression: at(0) }],
    ])
    expect(piecesIn(answer.text, ['3413479989'])).toEqual([])
  })
})
