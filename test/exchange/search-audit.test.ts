import { randomUUID } from 'node:crypto'
import type { AuditEvent, Bundle, CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { piecesIn } from '#test/secrets.ts'
import { validator } from '#test/validator.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const { elmer, berggren } = sandboxCitizens
const FORM = 'application/x-www-form-urlencoded'

let gateway: TestGateway
let hospital: string
let gp: string
/** Privacy officers: of the hospital, which holds the plans, and of the GP, who asks for them. */
let officer: string
let gpsOfficer: string
let elmersId: string
let shown: string
let denied: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await gateway.client('hospital-ehr').token()
  gp = await gateway.client('gp-system').token()
  officer = await gateway.client('privacy-officer').token()
  const other = await gateway.addClient({
    id: 'gp-privacy-officer',
    organizationId: sandboxOrganizations.gp.id,
    profile: 'smart',
    scopes: ['system/AuditEvent.rs'],
    purposeOfUse: ['HCOMPL'],
  })
  gpsOfficer = await other.token()
  shown = await put(elmer)
  denied = await put(berggren)
  await write('POST', '/fhir/Consent', sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY']))
  for (const id of [shown, denied, shown, denied]) await read(id, gp)
  const answer = await read(shown, hospital)
  elmersId = (answer.json() as CarePlan).subject.reference?.slice('Patient/'.length) ?? ''
  // Refused: the id in the path is none.
  await write('PUT', '/fhir/CarePlan/134418', sampleCarePlan())
})
afterAll(() => gateway.close())

async function put(identifier: { system: string; value: string }): Promise<string> {
  const id = randomUUID()
  const { id: _id, ...plan } = sampleCarePlan()
  const stored = await write('PUT', `/fhir/CarePlan/${id}`, { ...plan, subject: { identifier } })
  expect(stored.status).toBe(201)
  return id
}

function write(method: string, path: string, resource: object): Promise<Received> {
  const body = JSON.stringify(resource)
  return sendRaw(gateway.baseUrl, path, { method, token: hospital, type: FHIR_JSON, body })
}

function read(id: string, token: string): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, { token })
}

function get(query: string, token = officer): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/AuditEvent${query}`, { token })
}

function post(fields: Record<string, string>, token = officer): Promise<Received> {
  const body = new URLSearchParams(fields).toString()
  return sendRaw(gateway.baseUrl, '/fhir/AuditEvent/_search', { method: 'POST', token, type: FORM, body })
}

function eventsIn(answer: Received): AuditEvent[] {
  expect(answer.status).toBe(200)
  const bundle = answer.json() as Bundle<AuditEvent>
  expect(validator.validate(bundle)).toEqual([])
  return (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []))
}

function nextOf(answer: Received): string | undefined {
  const link = (answer.json() as Bundle).link?.find(({ relation }) => relation === 'next')
  return link?.url?.slice(`${gateway.baseUrl}/fhir/AuditEvent`.length)
}

/** Type or subtype, action, outcome and the reason. */
function summary({ subtype, action, outcome: code, outcomeDesc }: AuditEvent): string {
  return [subtype?.[0]?.code, action, code, outcomeDesc?.split(':')[0]].join(' ').trim()
}

describe('what was done with the data of a citizen', () => {
  test.each([
    ['by reference', () => get(`?patient=Patient/${elmersId}&date=ge2000-01-01`)],
    ['by national id', () => post({ 'patient.identifier': `${elmer.system}|${elmer.value}` })],
  ])('%s: who sent, who read, why, and what was withheld', async (_title, ask) => {
    const events = eventsIn(await ask())
    const about = events.filter(({ type }) => type.code !== 'object').map(summary)
    expect(about.filter((line) => !line.startsWith('search-type')).reverse()).toEqual([
      'update U 0',
      'create C 0',
      'read R 0 permitted-in-part',
      'read R 0 permitted-in-part',
      'read R 0 own-record',
    ])
    const disclosed = events.find(({ outcomeDesc }) => outcomeDesc?.startsWith('permitted-in-part'))
    const details = disclosed?.entity?.flatMap(({ detail }) => detail ?? []) ?? []
    expect(details.map(({ type }) => type)).toContain('withheld')
    expect(disclosed?.agent.map(({ who }) => who?.display ?? who?.identifier?.value)).toEqual([
      'gp-system',
      'Sandkøbing Psykiatri',
      'Lægehuset i Sandkøbing',
    ])
    expect(disclosed?.entity?.map(({ what }) => what?.reference?.split('/')[0])).toEqual([
      'Patient',
      'CarePlan',
      'Consent',
      undefined,
    ])
  })

  test('denials are found by their outcome, and so are writes that were refused', async () => {
    const refused = eventsIn(await get('?outcome=8'))
    expect(new Set(refused.map(({ outcome: code }) => code))).toEqual(new Set(['8']))
    expect(refused.map(summary).sort()).toEqual([
      'AuthZ-Consent E 8 no-consent',
      'AuthZ-Consent E 8 no-consent',
      'update U 8 parameter-invalid',
    ])
    const permitted = eventsIn(await get('?outcome=0'))
    expect(permitted.length).toBeGreaterThan(5)
    expect(new Set(permitted.map(({ outcome: code }) => code))).toEqual(new Set(['0']))
  })

  test('one event is read by its id, and nothing in it is a national id', async () => {
    const [event] = eventsIn(await get('?outcome=8'))
    const answer = await get(`/${event?.id}`)
    expect(answer.json()).toEqual(event)
    const { text } = await get('?_count=500')
    expect(piecesIn(text, [elmer.value, berggren.value])).toEqual([])
  })

  test('bounds of time hold', async () => {
    expect(eventsIn(await get('?date=ge2999-01-01'))).toEqual([])
    expect(eventsIn(await get('?date=lt2000-01-01T00:00:00Z&date=le2999-01-01'))).toEqual([])
    const [event] = eventsIn(await get('?outcome=8'))
    const same = eventsIn(await get(`?_id=${event?.id}&date=ge${event?.recorded}&date=le${event?.recorded}`))
    expect(same).toEqual([event])
  })
})

describe('another organisation', () => {
  test('learns from the log no more than from an answer: no denial, and not what was withheld', async () => {
    const events = eventsIn(await get('?_count=500', gpsOfficer))
    const reads = events.filter(({ subtype }) => subtype?.[0]?.code === 'read').map(summary)
    expect(new Set(reads)).toEqual(new Set(['read R 0 permitted-in-part']))
    const text = JSON.stringify(events)
    expect(text).toContain(shown)
    expect(text).not.toContain(denied)
    expect(text).not.toMatch(/withheld"|no-consent|own-record|AuthZ-Consent/)
  })

  test('cannot read an event of a denial, by an id that it may have learnt', async () => {
    const [event] = eventsIn(await get(`?outcome=8`))
    const answer = await get(`/${event?.id}`, gpsOfficer)
    expect(answer.status).toBe(404)
    expect(comparable(answer)).toEqual(comparable(await get(`/${randomUUID()}`, gpsOfficer)))
  })

  test('gets the same answer about a citizen whom it never read as about nobody', async () => {
    const known = await post({ 'patient.identifier': `${berggren.system}|${berggren.value}` }, gpsOfficer)
    const unknown = await post({ 'patient.identifier': `${elmer.system}|0201919990` }, gpsOfficer)
    expect(comparable(known)).toEqual(comparable(unknown))
    expect(known.json()).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      link: [{ relation: 'self', url: `${gateway.baseUrl}/fhir/AuditEvent` }],
    })
  })
})

describe('pages', () => {
  test('have no gap and no repeat, though each page that is read is itself an event', async () => {
    const all = eventsIn(await get('?_count=500')).map(({ id }) => id)
    const paged: (string | undefined)[] = []
    for (let query: string | undefined = '?_count=2'; query;) {
      const answer: Received = await get(query)
      const events = eventsIn(answer)
      expect(events.length).toBeLessThanOrEqual(2)
      paged.push(...events.map(({ id }) => id))
      query = nextOf(answer)
    }
    // The first page came after the reading of all of them, and saw that as well.
    expect(paged.slice(1)).toEqual(all)
    expect(new Set(paged).size).toBe(paged.length)
  })

  test('after a search by national id stay on that citizen, and name no national id', async () => {
    const first = await post({ 'patient.identifier': `${elmer.system}|${elmer.value}`, _count: '1' })
    const next = nextOf(first) ?? ''
    expect(next).toContain(`patient=Patient%2F${elmersId}`)
    expect(piecesIn(first.text, [elmer.value])).toEqual([])
    const [event] = eventsIn(await get(next))
    expect(event?.entity?.[0]?.what?.reference).toBe(`Patient/${elmersId}`)
  })
})

describe('reading the log is logged', () => {
  test('a search names the citizen who was asked about', async () => {
    const { result, effects } = await effectsOf(gateway.database, () => get(`?patient=${elmersId}`))
    expect(effects).toEqual({
      added: {},
      audit: [
        {
          v: 1,
          id: expect.any(String),
          at: expect.any(String),
          kind: 'audit-read',
          outcome: 'success',
          client: 'privacy-officer',
          organization: sandboxOrganizations.hospital.id,
          purposeOfUse: ['HCOMPL'],
          interaction: 'search-type',
          subject: elmersId,
          requestId: result.headers.get('x-request-id'),
        },
      ],
    })
    const found = eventsIn(await get(`?patient=${elmersId}&_count=1`))
    expect(found.map(({ id }) => id)).toEqual([effects.audit[0]?.id])
  })

  test('so is a read of what is not there', async () => {
    const { effects } = await effectsOf(gateway.database, () => get(`/${randomUUID()}`))
    expect(effects.audit).toMatchObject([{ kind: 'audit-read', interaction: 'read' }])
  })
})

describe('refusals', () => {
  const DATE =
    'write a prefix ge, gt, le or lt and a date, or an instant with its zone, such as `ge2026-01-31T00:00:00Z`'
  const KNOWN =
    'known parameters of AuditEvent are patient, patient.identifier, _id, date, outcome, entity-type, _count, _cursor'
  const CURSOR =
    'follow the `next` link as it was given, with the same client; to ask something else, start again without `_cursor`'
  const cursor = (text: string): string => Buffer.from(text).toString('base64url')
  // prettier-ignore
  const cases = [
    { title: 'a national id in the URL', query: `?patient.identifier=${elmer.system}|${elmer.value}`, want: outcome('parameter-invalid', 'a national id must not stand in a URL: send it in the form body of `POST …/_search`', 'patient.identifier') },
    { title: 'a national id as a reference', query: `?patient=${elmer.value}`, want: outcome('parameter-invalid', 'a `Patient/…` reference is needed; to ask by national id, POST `patient.identifier` to `_search`', 'patient') },
    { title: 'an unknown parameter', query: '?agent=x', want: outcome('parameter-unknown', KNOWN) },
    { title: 'two citizens', query: `?patient=${randomUUID()}&patient=${randomUUID()}`, want: outcome('parameter-invalid', 'send it once', 'patient') },
    { title: 'two ids', query: `?_id=${randomUUID()}&_id=${randomUUID()}`, want: outcome('parameter-invalid', 'send it once', '_id') },
    { title: 'an outcome that is none', query: '?outcome=4', want: outcome('parameter-invalid', 'ask for `0` (done, permitted) or `8` (refused, denied)', 'outcome') },
    { title: 'an entity type that is not served', query: '?entity-type=1', want: outcome('parameter-invalid', 'ask for `https://sluse.example/fhir/CodeSystem/audit-entity|override`: the events in which the glass was broken', 'entity-type') },
    { title: 'a date in words', query: '?date=gt(2509479989)', want: outcome('parameter-invalid', DATE, 'date') },
    { title: 'a date without a prefix', query: '?date=2026-01-01', want: outcome('parameter-invalid', DATE, 'date') },
    { title: 'no events', query: '?_count=0', want: outcome('parameter-invalid', 'ask for 1 to 500', '_count') },
    { title: 'too many events', query: '?_count=501', want: outcome('parameter-invalid', 'ask for 1 to 500', '_count') },
    { title: 'a cursor that was made up', query: '?_cursor=abc', want: outcome('parameter-invalid', CURSOR, '_cursor') },
    { title: 'a cursor of no event', query: `?_cursor=${cursor('1 2509479989')}`, want: outcome('parameter-invalid', CURSOR, '_cursor') },
    { title: 'a cursor with SQL', query: `?_cursor=${cursor(`1; drop table audit_event ${randomUUID()}`)}`, want: outcome('parameter-invalid', CURSOR, '_cursor') },
  ]
  test.for(cases)('$title', async ({ query, want }) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => get(query))
    expect([answer.status, answer.json()]).toEqual([400, want])
    expect(effects).toEqual({ added: {}, audit: [] })
    expect(piecesIn(answer.text, [elmer.value])).toEqual([])
  })

  test('a reference beside a national id names two citizens', async () => {
    const answer = await post({
      patient: randomUUID(),
      'patient.identifier': `${elmer.system}|${elmer.value}`,
    })
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      400,
      [{ code: 'parameter-invalid', expression: 'patient' }],
    ])
  })

  test('an id of another shape is found nowhere, and not repeated', async () => {
    const answer = await get(`?_id=${elmer.value}`)
    expect(eventsIn(answer)).toEqual([])
    expect(piecesIn(answer.text, [elmer.value])).toEqual([])
  })

  test('a cursor is sealed: for another question, and for another client, it is none', async () => {
    const next = nextOf(await get('?_count=1')) ?? ''
    expect((await get(next)).status).toBe(200)
    const refused = outcome('parameter-invalid', CURSOR, '_cursor')
    expect((await get(`${next}&outcome=8`)).json()).toEqual(refused)
    expect((await get(next, gpsOfficer)).json()).toEqual(refused)
  })
})
