import { randomUUID } from 'node:crypto'
import type { Encounter } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { searchParametersOf } from '#fhir/search-parameters.ts'
import { sandboxCitizens } from '#sandbox/identities.ts'
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

const SYSTEM = 'https://gp.example/visits'
const elmer = { identifier: { ...sandboxCitizens.elmer } }

interface Write {
  readonly value: string
  readonly change?: Partial<Encounter>
  readonly token?: string
  readonly query?: string
  readonly headers?: Record<string, string>
}

function visit({ value, change }: Write): string {
  return JSON.stringify({ ...encounter, identifier: [{ system: SYSTEM, value }], ...change })
}

function post(write: Write): Promise<Received> {
  const { value, token = gp, query = `identifier=${SYSTEM}|${value}` } = write
  const headers = { 'if-none-exist': query, ...write.headers }
  return sendRaw(gateway.baseUrl, '/fhir/Encounter', {
    method: 'POST',
    token,
    type: FHIR_JSON,
    headers,
    body: visit(write),
  })
}

function put(write: Write): Promise<Received> {
  const { value, token = gp, query = `identifier=${SYSTEM}|${value}`, headers = {} } = write
  return sendRaw(gateway.baseUrl, `/fhir/Encounter?${query}`, {
    method: 'PUT',
    token,
    type: FHIR_JSON,
    headers,
    body: visit(write),
  })
}

function idIn(answer: Received): string {
  return /Encounter\/([0-9a-f-]{36})/.exec(answer.headers.get('location') ?? '')?.[1] ?? ''
}

const SEVERAL = outcome(
  'multiple-matches',
  'several of your records of this citizen match, and nothing was stored: ask for what only one of them has, or write to its id',
)

// https://hl7.org/fhir/R4/http.html#ccreate
describe('conditional create', () => {
  test('stores what is not there, and then answers with it', async () => {
    const value = randomUUID()
    const first = await post({ value })
    expect(first.status).toBe(201)
    const { result: again, effects } = await effectsOf(gateway.database, () => post({ value }))
    expect([again.status, effects]).toEqual([200, { added: {}, audit: [] }])
    for (const name of ['location', 'etag', 'last-modified'])
      expect(again.headers.get(name)).toBe(first.headers.get(name))
    expect(again.json()).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'information',
          code: 'informational',
          diagnostics: `found Encounter/${idIn(first)}, version ${/"(.*)"/.exec(first.headers.get('etag') ?? '')?.[1]}; it fits the condition, so nothing was stored`,
        },
      ],
    })
  })

  test('several that fit are told, and nothing is stored', async () => {
    const value = randomUUID()
    for (const n of [1, 2])
      expect((await post({ value, query: `identifier=${value}-${n}` })).status).toBe(201)
    const { result, effects } = await effectsOf(gateway.database, () => post({ value }))
    expect([result.status, result.json(), effects.added]).toEqual([412, SEVERAL, { quarantine: 1 }])
  })

  test('parameters hold together, and values of one are alternatives', async () => {
    const value = randomUUID()
    const id = idIn(await post({ value }))
    const found = await post({ value, query: `identifier=x,${SYSTEM}|${value}&status=in-progress` })
    const other = await post({ value, query: `identifier=${SYSTEM}|${value}&status=finished` })
    expect([found.status, idIn(found), other.status]).toEqual([200, id, 201])
  })

  // https://hl7.org/fhir/R4/http.html#ccreate, and T27: a condition must not tell of what others hold.
  test.each([
    ['of another organisation', { token: 'hospital' }],
    ['of another citizen', { change: { subject: elmer } }],
  ] as const)(
    'what there is %s is not found',
    async (_title, { token, change }: { token?: string; change?: Partial<Encounter> }) => {
      const value = randomUUID()
      const first = await post({ value })
      const other = await post({
        value,
        ...(change ? { change } : {}),
        ...(token ? { token: hospital } : {}),
      })
      expect([first.status, other.status]).toEqual([201, 201])
      expect(idIn(other)).not.toBe(idIn(first))
    },
  )

  test('20 at once, of a citizen whom nobody has sent before, make one', async () => {
    const value = randomUUID()
    const subject = { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '02910350059' } }
    const answers = await Promise.all(Array.from({ length: 20 }, () => post({ value, change: { subject } })))
    expect(answers.map(({ status }) => status).sort((a, b) => b - a)).toEqual([
      201,
      ...Array.from({ length: 19 }, () => 200),
    ])
    expect(new Set(answers.map(idIn)).size).toBe(1)
  })

  const KNOWN = `a condition may ask for ${searchParametersOf('Encounter').join(', ')}, without modifiers; the citizen is the one whom the body names`
  const PERSON = 'a national id must stand in no URL and no header: name the citizen in the body alone'

  test.each([
    [
      'nothing',
      '',
      'say what to look for among your own records of the citizen, such as `identifier=<system>|<value>`',
    ],
    ['what is no parameter', 'title=x', undefined],
    ['a modifier', 'identifier:not=x', undefined],
    ['the citizen, who is in the body', `patient=Patient/${randomUUID()}`, undefined],
    ['an id', `_id=${randomUUID()}`, undefined],
    ['a paging parameter', 'identifier=a&_count=1', undefined],
    ['an empty value', 'identifier=', 'a value is empty or holds a control character'],
    [
      'too many parameters',
      Array.from({ length: 11 }, () => 'identifier=a').join('&'),
      'at most 10 parameters are read',
    ],
    [
      'too many values',
      `identifier=${Array.from({ length: 21 }, () => 'a').join()}`,
      'at most 20 values of a parameter are read',
    ],
    ['a CPR by its system', 'identifier=urn:oid:1.2.208.176.1.2|2509479989', PERSON],
    ['a CPR without a system', 'identifier=250947-9989', PERSON],
    ['a fødselsnummer among others', 'identifier=a,15838510156', PERSON],
  ])('%s is refused as a condition', async (_title, query, text) => {
    const value = randomUUID()
    const [created, updated] = [await post({ value, query }), await put({ value, query })]
    expect(created.status).toBe(400)
    expect(created.json()).toEqual(outcome('parameter-invalid', text ?? KNOWN, 'http:If-None-Exist'))
    expect([updated.status, updated.json()]).toEqual([
      400,
      outcome('parameter-invalid', text ?? KNOWN, 'url'),
    ])
    expect(created.text + updated.text).not.toMatch(/9989|15838510156/)
  })
})

// https://hl7.org/fhir/R4/http.html#cond-update
describe('conditional update', () => {
  test('makes one, then a new version of it', async () => {
    const value = randomUUID()
    const created = await put({ value })
    const updated = await put({ value, change: { status: 'finished' } })
    expect([created.status, updated.status, idIn(updated)]).toEqual([201, 200, idIn(created)])
    expect(updated.headers.get('etag')).not.toBe(created.headers.get('etag'))
    const read = await sendRaw(gateway.baseUrl, `/fhir/Encounter/${idIn(created)}`, { token: gp })
    expect((read.json() as Encounter).status).toBe('finished')
  })

  test('makes it under the id of the body; another id than the one found is refused', async () => {
    const [value, id] = [randomUUID(), randomUUID()]
    const created = await put({ value, change: { id } })
    expect([created.status, idIn(created)]).toEqual([201, id])
    expect((await put({ value, change: { id } })).status).toBe(200)
    const other = await put({ value, change: { id: randomUUID() } })
    const text = 'the record that matches has another id than the body: leave the id out, or write to it'
    expect([other.status, other.json()]).toEqual([422, outcome('field-invalid', text, 'Encounter.id')])
  })

  test('an id of another organisation in the body is answered as one that may not be written', async () => {
    const theirs = idIn(await put({ value: randomUUID(), token: hospital }))
    const answer = await put({ value: randomUUID(), change: { id: theirs } })
    const text = 'there is no resource with this id that you may write'
    expect([answer.status, answer.json()]).toEqual([404, outcome('not-found', text)])
  })

  test('several that fit are told', async () => {
    const value = randomUUID()
    for (const n of [1, 2]) await post({ value, query: `identifier=${value}-${n}` })
    const { result, effects } = await effectsOf(gateway.database, () => put({ value }))
    expect([result.status, result.json(), effects.added]).toEqual([412, SEVERAL, { quarantine: 1 }])
  })

  test('what another organisation holds is not found', async () => {
    const value = randomUUID()
    const theirs = await put({ value, token: hospital })
    const ours = await put({ value })
    expect([ours.status, idIn(ours) === idIn(theirs)]).toEqual([201, false])
  })

  test('If-Match holds for what is found, and for nothing it does not', async () => {
    const value = randomUUID()
    const etag = (await put({ value })).headers.get('etag') ?? ''
    const statuses = [
      await put({ value, headers: { 'if-match': etag } }),
      await put({ value, headers: { 'if-match': etag } }),
      await put({ value: randomUUID(), headers: { 'if-match': etag } }),
    ].map(({ status }) => status)
    expect(statuses).toEqual([200, 412, 412])
  })

  test('10 at once make one, of ten versions', async () => {
    const value = randomUUID()
    const answers = await Promise.all(Array.from({ length: 10 }, () => put({ value })))
    expect(answers.map(({ status }) => status).sort((a, b) => b - a)).toEqual([
      201,
      ...Array.from({ length: 9 }, () => 200),
    ])
    expect(new Set(answers.map(idIn)).size).toBe(1)
  })
})

describe('If-Match and If-None-Match', () => {
  test("on another organisation's id is answered as on one that does not exist", async () => {
    const theirs = await put({ value: randomUUID(), token: hospital })
    const etag = theirs.headers.get('etag') ?? ''
    const at = (id: string): Promise<Received> =>
      sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, {
        method: 'PUT',
        token: gp,
        type: FHIR_JSON,
        headers: { 'if-match': etag },
        body: JSON.stringify(encounter),
      })
    const [found, absent] = [await at(idIn(theirs)), await at(randomUUID())]
    expect(found.status).toBe(412)
    expect(comparable(found)).toEqual(comparable(absent))
  })

  test('`*` makes a resource, and replaces none', async () => {
    const id = randomUUID()
    const at = (value: string): Promise<Received> =>
      sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, {
        method: 'PUT',
        token: gp,
        type: FHIR_JSON,
        headers: { 'if-none-match': value },
        body: JSON.stringify(encounter),
      })
    const answers = await Promise.all(Array.from({ length: 5 }, () => at('*')))
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 412, 412, 412, 412])
    const again = await at('*')
    const text =
      'you hold a resource with this id already, and `If-None-Match: *` asks for none: leave the header out to replace it'
    expect([again.status, again.json()]).toEqual([412, outcome('version-conflict', text)])
    const other = await at('W/"1"')
    expect([other.status, other.json()]).toEqual([
      400,
      outcome(
        'parameter-invalid',
        'a write takes `*` here, which stores only what is not there yet; to replace a version that you know send `If-Match`',
        'http:If-None-Match',
      ),
    ])
  })
})
