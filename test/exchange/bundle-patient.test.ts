import { randomUUID } from 'node:crypto'
import type { Bundle, BundleEntry, Condition, Encounter, Patient } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { piecesIn } from '#test/secrets.ts'
import { condition, encounter, FHIR_JSON } from '#test/ways-in.ts'

/** A Patient as an entry of a batch or a transaction, with the records of the citizen beside it. */
const CPR = 'urn:oid:1.2.208.176.1.2'
/** The first is the hospital's, and the GP never sends it but in what is compared; nobody knows the second; the third is the GP's. */
const OF_THE_HOSPITAL = '3001749995'
const OF_NOBODY = '0201919990'
const OF_THE_GP = '1502829995'

let gateway: TestGateway
let gp: string
let hospital: string
/** Of the third. */
let known: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  gp = await client('gp-bundles', sandboxOrganizations.gp.id)
  hospital = await client('hospital-bundles', sandboxOrganizations.hospital.id)
  expect((await alone(patient(OF_THE_HOSPITAL), hospital)).status).toBe(201)
  known = idIn((await alone(patient(OF_THE_GP), gp)).headers.get('location'))
})
afterAll(() => gateway.close())

async function client(id: string, organizationId: string): Promise<string> {
  const scopes = ['system/*.cruds']
  return (
    await gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
  ).token()
}

const alone = (body: object, token: string, headers: Record<string, string> = {}): Promise<Received> =>
  sendRaw(gateway.baseUrl, '/fhir/Patient', {
    method: 'POST',
    token,
    type: FHIR_JSON,
    headers,
    body: JSON.stringify(body),
  })

function send(
  type: string,
  entry: readonly unknown[],
  headers: Record<string, string> = {},
): Promise<Received> {
  const body = JSON.stringify({ resourceType: 'Bundle', type, entry })
  return sendRaw(gateway.baseUrl, '/fhir', { method: 'POST', token: gp, type: FHIR_JSON, headers, body })
}

async function read<R>(path: string): Promise<R> {
  return (await sendRaw(gateway.baseUrl, `/fhir/${path}`, { token: gp })).json() as R
}

const entriesOf = (answer: Received): readonly BundleEntry[] => (answer.json() as Bundle).entry ?? []
const statuses = (answer: Received): unknown => entriesOf(answer).map(({ response }) => response?.status)
const idIn = (location: string | null | undefined): string =>
  /\/([0-9a-f-]{36})\/_history\//.exec(location ?? '')?.[1] ?? ''
const idOf = (entry: BundleEntry | undefined): string => idIn(entry?.response?.location)

const CITIZEN = `urn:uuid:${randomUUID()}`
const PROBLEM = `urn:uuid:${randomUUID()}`
const patient = (value: string, change: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: CPR, value }],
  name: [{ family: 'Elmer' }],
  ...change,
})
const ifHeld = (value: string): object => ({ ifNoneExist: `identifier=${CPR}|${value}` })
const post = (
  resource: { readonly resourceType: string },
  fullUrl?: string,
  request: object = {},
): object => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...request },
})
const ofCitizen = { subject: { reference: CITIZEN } }
const visit: Encounter = { ...encounter, ...ofCitizen, diagnosis: [{ condition: { reference: PROBLEM } }] }
const problem: Condition = { ...condition, ...ofCitizen }

// https://hl7.org/fhir/R4/http.html#trules
describe('a transaction with a Patient', () => {
  /** As an integrator sends a citizen: the records first or last, all of them naming the entry. */
  const whole = (value: string): object[] => [
    post(visit),
    post(patient(value), CITIZEN),
    post(problem, PROBLEM),
  ]

  test('stores the records of its citizen, the same whether others know the citizen or nobody', async () => {
    const answers: unknown[] = []
    for (const value of [OF_THE_HOSPITAL, OF_NOBODY]) {
      const lines = gateway.logged.length
      const { result, effects } = await effectsOf(gateway.database, () => send('transaction', whole(value)))
      expect([result.status, statuses(result)]).toEqual([200, ['201', '201', '201']])
      const [stored, citizen, diagnosis] = entriesOf(result).map(idOf)
      expect(await read(`Encounter/${stored}`)).toMatchObject({
        subject: { reference: `Patient/${citizen}`, identifier: { system: CPR, value } },
        diagnosis: [{ condition: { reference: `Condition/${diagnosis}` } }],
      })
      expect(await read(`Patient/${citizen}`)).toMatchObject({
        id: citizen,
        identifier: [{ system: CPR, value }],
        name: [{ family: 'Elmer' }],
      })
      expect(effects.audit.map(({ kind, interaction }) => `${kind} ${interaction}`)).toEqual(
        Array.from({ length: 3 }, () => 'accept create'),
      )
      const told = [result.text, ...gateway.logged.slice(lines)].join('\n')
      expect(piecesIn(told, [value, 'Elmer'])).toEqual([])
      // Ids, and the second it was, differ between any two answers.
      const text = result.text
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
        .replaceAll(/"lastModified":"[^"]+"/g, '')
      answers.push(comparable({ ...result, text }))
    }
    expect(answers[0]).toEqual(answers[1])
  })

  test('takes the one that the organisation holds, unchanged, when it is sent with its number as condition', async () => {
    const before = await read(`Patient/${known}`)
    const changed = patient(OF_THE_GP, { name: [{ family: 'Another' }] })
    const { result, effects } = await effectsOf(gateway.database, () =>
      send('transaction', [
        post(visit),
        post(changed, CITIZEN, ifHeld('150282-9995')),
        post(problem, PROBLEM),
      ]),
    )
    expect([result.status, statuses(result)]).toEqual([200, ['201', '200', '201']])
    const [stored, citizen] = entriesOf(result)
    expect(idOf(citizen)).toBe(known)
    const [, version] = /_history\/(.+)$/.exec(citizen?.response?.location ?? '') ?? []
    expect(citizen?.response?.outcome).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'information',
          code: 'informational',
          diagnostics: `found Patient/${known}, version ${version}; it fits the condition, so nothing was stored`,
        },
      ],
    })
    expect(effects.added).not.toHaveProperty('patient_version')
    expect(await read(`Patient/${known}`)).toEqual(before)
    expect(await read(`Encounter/${idOf(stored)}`)).toMatchObject({
      subject: { reference: `Patient/${known}` },
    })
  })

  test('without a condition is refused for one that the organisation holds, and nothing of it is stored', async () => {
    const { result, effects } = await effectsOf(gateway.database, () => send('transaction', whole(OF_THE_GP)))
    const text = `your organisation sent demographics of this citizen before: PUT these to \`Patient/${known}\``
    expect([result.status, result.json()]).toEqual([
      409,
      outcome('patient-held-already', text, 'Bundle.entry[1].resource.identifier'),
    ])
    expect(effects.added).toEqual({ quarantine: 1 })
  })

  test('conditions and queries of the other entries are about its citizen', async () => {
    const value = randomUUID()
    const once = { ...problem, identifier: [{ value }] }
    const oncePerValue = { ifNoneExist: `identifier=${value}` }
    const sent = (): Promise<Received> =>
      send('transaction', [
        post(once, PROBLEM, oncePerValue),
        post(visit),
        post(patient(OF_THE_GP), CITIZEN, ifHeld(OF_THE_GP)),
      ])
    const first = await sent()
    expect(statuses(first)).toEqual(['201', '201', '200'])
    const second = await sent()
    expect(statuses(second)).toEqual(['200', '201', '200'])
    expect(idOf(entriesOf(second)[0])).toBe(idOf(entriesOf(first)[0]))
    const asked = { ...visit, diagnosis: [{ condition: { reference: `Condition?identifier=${value}` } }] }
    const third = await send('transaction', [
      post(asked),
      post(patient(OF_THE_GP), CITIZEN, ifHeld(OF_THE_GP)),
    ])
    expect(await read(`Encounter/${idOf(entriesOf(third)[0])}`)).toMatchObject({
      diagnosis: [{ condition: { reference: `Condition/${idOf(entriesOf(first)[0])}` } }],
    })
  })

  test('refers by fullUrl to what is stored by itself, and to nothing that is not there', async () => {
    const person = randomUUID()
    const doctor = `urn:uuid:${randomUUID()}`
    const entered = {
      fullUrl: doctor,
      resource: { resourceType: 'Practitioner', id: person, name: [{ family: 'Behandler' }] },
      request: { method: 'PUT', url: `Practitioner/${person}` },
    }
    const citizen = post(patient('0505059996', { generalPractitioner: [{ reference: doctor }] }), CITIZEN)
    const dangling = await send('transaction', [citizen])
    const text = 'no entry of the transaction has this fullUrl: add it, or refer to what is stored'
    expect([dangling.status, dangling.json()]).toEqual([
      412,
      outcome('reference-unresolved', text, 'Bundle.entry[0]'),
    ])
    const answer = await send('transaction', [citizen, entered])
    expect(statuses(answer)).toEqual(['201', '201'])
    expect(await read(`Patient/${idOf(entriesOf(answer)[0])}`)).toMatchObject({
      generalPractitioner: [{ reference: `Practitioner/${person}` }],
    })
  })

  test('is updated in it too, and referred to', async () => {
    const change = patient(OF_THE_GP, { id: known, name: [{ family: 'Newer' }] })
    const put = { fullUrl: CITIZEN, resource: change, request: { method: 'PUT', url: `Patient/${known}` } }
    const answer = await send('transaction', [put, post({ ...encounter, ...ofCitizen })])
    expect(statuses(answer)).toEqual(['200', '201'])
    expect(await read(`Patient/${known}`)).toMatchObject({ name: [{ family: 'Newer' }] })
    expect(await read(`Encounter/${idOf(entriesOf(answer)[1])}`)).toMatchObject({
      subject: { reference: `Patient/${known}` },
    })
  })
})

describe('a batch with a Patient', () => {
  test('takes the condition, and no reference between its entries', async () => {
    const answer = await send('batch', [
      post(patient(OF_THE_GP), CITIZEN, ifHeld(OF_THE_GP)),
      post({ ...encounter, ...ofCitizen }),
    ])
    expect(statuses(answer)).toEqual(['200', '422'])
    expect(idOf(entriesOf(answer)[0])).toBe(known)
    expect(entriesOf(answer)[1]?.response?.outcome).toMatchObject({
      issue: [{ expression: ['Encounter.subject.identifier'] }],
    })
  })
})

const ANOTHER =
  'a Patient is found by the national id that it is sent with, and by nothing else: write `identifier=<system>|<value>` with that number, or leave it out'

test.each([
  ['the number of another citizen', `identifier=${CPR}|2509479989`],
  ['a number in another system', 'identifier=urn:oid:1.2.208.176.1.6.1.1|1502821AA5'],
  ['a number without its system', `identifier=${OF_THE_GP}`],
  ['a second parameter', `identifier=${CPR}|${OF_THE_GP}&active=true`],
  ['the number twice', `identifier=${CPR}|${OF_THE_GP}&identifier=${CPR}|${OF_THE_GP}`],
  ['no number', `_id=${randomUUID()}`],
  ['nothing', ''],
])('a condition of a Patient with %s is refused', async (_title, ifNoneExist) => {
  const lines = gateway.logged.length
  const entry = post(patient(OF_THE_GP), CITIZEN, { ifNoneExist })
  const [batch, transaction] = [await send('batch', [entry]), await send('transaction', [entry])]
  expect(entriesOf(batch)).toEqual([
    {
      response: {
        status: '400',
        outcome: outcome('parameter-invalid', ANOTHER, 'http:If-None-Exist'),
      },
    },
  ])
  expect([transaction.status, transaction.json()]).toEqual([
    400,
    outcome('parameter-invalid', ANOTHER, 'Bundle.entry[0].request.ifNoneExist'),
  ])
  const told = [batch.text, transaction.text, ...gateway.logged.slice(lines)].join('\n')
  expect(piecesIn(told, [OF_THE_GP, '2509479989'])).toEqual([])
})

test('over HTTP the condition stays refused: a header is no place for a number', async () => {
  const answer = await alone(patient(OF_THE_GP), gp, { 'if-none-exist': `identifier=${CPR}|${OF_THE_GP}` })
  const text =
    'leave it out: a Patient is one citizen by its national id, so a second POST of your organisation is refused as `patient-held-already`'
  expect([answer.status, answer.json()]).toEqual([
    400,
    outcome('parameter-invalid', text, 'http:If-None-Exist'),
  ])
})

test('under an Idempotency-Key its outcome is kept, and no demographics', async () => {
  const headers = { 'idempotency-key': randomUUID(), prefer: 'return=representation' }
  const entries = [post(patient(OF_THE_GP), CITIZEN, ifHeld(OF_THE_GP))]
  const first = await send('transaction', entries, headers)
  expect([first.status, statuses(first)]).toEqual([200, ['200']])
  expect(entriesOf(first)[0]).not.toHaveProperty('resource')
  const { result, effects } = await effectsOf(gateway.database, () => send('transaction', entries, headers))
  expect([result.status, result.text, effects]).toEqual([200, first.text, { added: {}, audit: [] }])
})
