import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent, sampleText, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, outcome, sendRaw } from '#test/http.ts'

const CPR = '2509479989'

let gateway: TestGateway
let hospital: BackendClient
let municipality: BackendClient
let gp: BackendClient
let planId: string
let subjectId: string

beforeAll(async () => {
  gateway = await startGateway()
  hospital = gateway.client('hospital-ehr')
  municipality = gateway.client('municipality-system')
  gp = gateway.client('gp-system')
  planId = randomUUID()
  await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${planId}`, { ...sampleCarePlan(), id: planId })
  const [person] = await gateway.database.query<{ subject_id: string }>({
    text: 'select subject_id from person',
  })
  subjectId = person?.subject_id ?? ''
})
afterAll(() => gateway.close())

function planAbout(subject: string): object {
  return {
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    subject: { reference: `Patient/${subject}` },
  }
}

describe('a random id of a citizen, read in a log or a dump, is no way to the national id', () => {
  const unknown = outcome(
    'field-invalid',
    'no citizen is known by this reference; name the citizen by `identifier` instead',
    'CarePlan.subject.reference',
  )

  test('a record about it is refused, as about one that does not exist', async () => {
    for (const subject of [subjectId, randomUUID()]) {
      const answer = await sendFhir(gp, 'POST', '/fhir/CarePlan', planAbout(subject))
      expect(answer.status).toBe(422)
      expect(answer.json()).toEqual(unknown)
    }
  })

  test('also with If-Match', async () => {
    const own = await sendFhir(gp, 'POST', '/fhir/CarePlan', {
      ...planAbout(''),
      subject: { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '1502779995' } },
    })
    const id = /CarePlan\/([0-9a-f-]{36})/.exec(own.headers.get('location') ?? '')?.[1] ?? ''
    const answer = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, {
      method: 'PUT',
      token: await gp.token(),
      type: 'application/fhir+json',
      headers: { 'if-match': own.headers.get('etag') ?? '' },
      body: JSON.stringify({ ...planAbout(subjectId), id }),
    })
    expect(answer.json()).toEqual(unknown)
  })

  test('whoever holds a record of the citizen may name them so', async () => {
    expect((await sendFhir(hospital, 'POST', '/fhir/CarePlan', planAbout(subjectId))).status).toBe(201)
  })

  test('so may whoever was given one, and nobody who was only denied', async () => {
    expect((await municipality.send('GET', `/fhir/CarePlan/${planId}`)).status).toBe(404)
    expect((await sendFhir(municipality, 'POST', '/fhir/CarePlan', planAbout(subjectId))).status).toBe(422)
    const recipient = sandboxOrganizations.municipality.identifiers[0]
    await sendFhir(hospital, 'POST', '/fhir/Consent', sampleConsent(recipient, ['PSY', 'SUD']))
    expect((await municipality.send('GET', `/fhir/CarePlan/${planId}`)).status).toBe(200)
    expect((await sendFhir(municipality, 'POST', '/fhir/CarePlan', planAbout(subjectId))).status).toBe(201)
  })
})

describe('a national id in a message id', () => {
  const message = sampleText('adt-a01.hl7').trim()

  test.each(['2509479989', '250947-9989-A01', 'X250947 9989'])('is refused: %s', async (controlId) => {
    const sent = message.replace('SBX-ADT-0001', controlId)
    const answer = await hospital.send('POST', '/sectors/hospital/hl7v2', {
      type: 'text/plain',
      content: sent,
    })
    expect(answer.status).toBe(422)
    const [kept] = await gateway.database.query<{ code: string }>({
      text: 'select code from quarantine order by received_at desc limit 1',
    })
    expect(kept?.code).toBe('field-invalid')
  })

  test('stands, like the id itself, in no row of the database', async () => {
    const tables = await gateway.database.query<{ tablename: string }>({
      text: "select tablename from pg_tables where schemaname = 'public'",
    })
    expect(tables.length).toBeGreaterThan(10)
    for (const { tablename } of tables) {
      const rows = await gateway.database.query({
        text: `select 1 from ${tablename} t where t::text ~ '${CPR.slice(0, 6)}.?${CPR.slice(6)}'`,
      })
      expect({ tablename, rows: rows.length }).toEqual({ tablename, rows: 0 })
    }
  })
})

describe('what no sender meant is its fault, and no failure of the gateway', () => {
  test('a NUL in a search', async () => {
    for (const query of ['status=%00', 'category=a%7Cb%1F', '_id=%00']) {
      const answer = await gp.send('GET', `/fhir/CarePlan?patient=Patient/${subjectId}&${query}`)
      expect([query, answer.status, faultsIn(answer.json())]).toEqual([
        query,
        400,
        [{ code: 'parameter-invalid' }],
      ])
    }
  })

  test('two contacts of one id in a record', async () => {
    const record = JSON.parse(sampleText('municipality-record.json')) as { contacts: object[] }
    const twice = { ...record, recordId: 'SBX-TWICE', contacts: [...record.contacts, ...record.contacts] }
    const answer = await municipality.send('POST', '/sectors/municipality/records', {
      type: 'application/json',
      content: JSON.stringify(twice),
    })
    expect(answer.status).toBe(422)
    expect(answer.json()).toEqual(
      outcome(
        'field-invalid',
        'two entries of one kind have the same id, so that one would replace the other: give each its own',
      ),
    )
  })
})
