import { randomUUID } from 'node:crypto'
import type { Bundle, Condition } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditRow } from '#audit/audit-row.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { removeResource } from '#store/remove-resource.ts'
import { sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { validator } from '#test/validator.ts'
import { condition } from '#test/ways-in.ts'

/**
 * The GP may see psychiatry of this citizen, and nothing of addiction. `open` was an addiction problem first, in between
 * once more, and is one of psychiatry now; `closed` the other way round; `gone` was deleted.
 */
let gateway: TestGateway
let hospital: BackendClient
let hospitalToken: string
let gp: string
const open = randomUUID()
const closed = randomUUID()
const gone = randomUUID()
/** Oldest first. */
const versions: Record<string, string[]> = {}

const citizen = { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } }
const problem = (code: string): Condition => ({
  ...condition,
  subject: citizen,
  code: { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code }] },
})
const PSYCHIATRY = 'DF331'
const ADDICTION = 'DF102'

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  const client = (id: string, organizationId: string): Promise<BackendClient> =>
    gateway.addClient({
      id,
      organizationId,
      profile: 'smart',
      scopes: ['system/*.cruds'],
      purposeOfUse: ['TREAT'],
    })
  hospital = await client('hospital', sandboxOrganizations.hospital.id)
  hospitalToken = await hospital.token()
  gp = await (await client('gp', sandboxOrganizations.gp.id)).token()
  const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
  const kinds = [{ system: 'http://hl7.org/fhir/resource-types', code: 'Condition' }]
  const permit = { ...consent, provision: { ...consent.provision, class: kinds } }
  expect((await sendFhir(hospital, 'POST', '/fhir/Consent', permit)).status).toBe(201)
  for (const code of [ADDICTION, PSYCHIATRY, ADDICTION, PSYCHIATRY, PSYCHIATRY]) await write(open, code)
  for (const code of [PSYCHIATRY, ADDICTION]) await write(closed, code)
  for (const code of [PSYCHIATRY, PSYCHIATRY]) await write(gone, code)
  versions[gone]?.push(await remove(gone))
})
afterAll(() => gateway.close())

async function write(id: string, code: string): Promise<void> {
  const answer = await sendFhir(hospital, 'PUT', `/fhir/Condition/${id}`, { ...problem(code), id })
  const version = answer.headers.get('etag')?.slice(3, -1) ?? ''
  expect([answer.status, version]).toEqual([
    versions[id] ? 200 : 201,
    expect.stringMatching(/^[0-9a-f-]{36}$/),
  ])
  versions[id] = [...(versions[id] ?? []), version]
}

async function remove(id: string): Promise<string> {
  const [row] = await gateway.database.query<{ subject_id: string }>({
    text: 'select subject_id from resource where id = $1',
    values: [id],
  })
  const versionId = randomUUID()
  const removal = { subjectId: row?.subject_id ?? '', resourceType: 'Condition', id, versionId }
  const entry = {
    v: 1,
    id: randomUUID(),
    kind: 'accept',
    at: new Date().toISOString(),
    outcome: 'success',
    interaction: 'delete',
    requestId: randomUUID(),
  } as const
  await gateway.database.transaction((tx) => removeResource(tx, removal, auditRow(entry)))
  return versionId
}

function get(path: string, token = gp, headers: Record<string, string> = {}): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/Condition/${path}`, { token, headers })
}

function versionsIn(answer: Received): (string | undefined)[] {
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"type":"history"')])
  const bundle = answer.json() as Bundle
  expect(validator.validate(bundle)).toEqual([])
  return (bundle.entry ?? []).map(({ response }) => response?.etag?.slice(3, -1))
}

const newestFirst = (id: string, ...at: number[]): (string | undefined)[] =>
  at.map((each) => versions[id]?.[each])

const NOT_FOUND = outcome(
  'not-found',
  'nothing with this id is available to you; if you expect it, ask its custodian or check the consent',
)
const DELETED = outcome(
  'resource-deleted',
  'your organisation deleted this; earlier versions are in its `_history`, and a PUT under the same id brings it back',
)

async function expectAbsent(path: string, id: string): Promise<void> {
  const [answer, absent] = [await get(path), await get(path.replace(id, randomUUID()))]
  expect([answer.status, answer.json()]).toEqual([404, NOT_FOUND])
  expect(comparable(answer)).toEqual(comparable(absent))
}

// https://hl7.org/fhir/R4/http.html#history
describe('history', () => {
  test('the custodian sees every version of its own, newest first, with what was done', async () => {
    const answer = await get(`${open}/_history`, hospitalToken)
    expect(versionsIn(answer)).toEqual(newestFirst(open, 4, 3, 2, 1, 0))
    const { entry, ...bundle } = answer.json() as Bundle
    expect(bundle).toEqual({
      resourceType: 'Bundle',
      meta: expect.anything(),
      type: 'history',
      link: [{ relation: 'self', url: `${gateway.baseUrl}/fhir/Condition/${open}/_history` }],
    })
    expect(entry?.at(-1)).toMatchObject({
      fullUrl: `${gateway.baseUrl}/fhir/Condition/${open}`,
      resource: { id: open, meta: { versionId: versions[open]?.[0] }, code: problem(ADDICTION).code },
      request: { method: 'PUT', url: `Condition/${open}` },
      response: { status: '201', etag: `W/"${versions[open]?.[0]}"`, lastModified: expect.any(String) },
    })
    expect(entry?.map(({ response }) => response?.status)).toEqual(['200', '200', '200', '200', '201'])
  })

  test('another sees the versions that it may have, each by its own content, and no trace of the others', async () => {
    const answer = await get(`${open}/_history`)
    expect(versionsIn(answer)).toEqual(newestFirst(open, 4, 3, 1))
    expect(answer.text).not.toContain(ADDICTION)
    for (const hidden of newestFirst(open, 0, 2)) expect(answer.text).not.toContain(hidden)
    // The first that it sees was an update: `201` or POST would be the first version, and its absence would tell.
    expect(
      (answer.json() as Bundle).entry?.map(({ request, response }) => [request?.method, response?.status]),
    ).toEqual([
      ['PUT', '200'],
      ['PUT', '200'],
      ['PUT', '200'],
    ])
  })

  test('whoever may not have the record as it is now has no history of it', () =>
    expectAbsent(`${closed}/_history`, closed))

  test('a deletion is told to the custodian, with the versions before it', async () => {
    const answer = await get(`${gone}/_history`, hospitalToken)
    expect(versionsIn(answer)).toEqual(newestFirst(gone, 2, 1, 0))
    expect((answer.json() as Bundle).entry?.[0]).toEqual({
      fullUrl: `${gateway.baseUrl}/fhir/Condition/${gone}`,
      request: { method: 'DELETE', url: `Condition/${gone}` },
      response: { status: '204', etag: `W/"${versions[gone]?.[2]}"`, lastModified: expect.any(String) },
    })
  })

  test('to everybody else what was deleted was never there', () => expectAbsent(`${gone}/_history`, gone))

  test('what was before a deletion stays the custodian’s, also when the record is there again', async () => {
    const back = randomUUID()
    await write(back, PSYCHIATRY)
    const deletion = await remove(back)
    const again = await sendFhir(hospital, 'PUT', `/fhir/Condition/${back}`, {
      ...problem(PSYCHIATRY),
      id: back,
    })
    const now = again.headers.get('etag')?.slice(3, -1) ?? ''
    const before = versions[back]?.[0] ?? ''
    expect(versionsIn(await get(`${back}/_history`))).toEqual([now])
    expect(versionsIn(await get(`${back}/_history`, hospitalToken))).toEqual([now, deletion, before])
    expect((await get(`${back}/_history/${now}`)).status).toBe(200)
    await expectAbsent(`${back}/_history/${before}`, before)
    expect((await get(`${back}/_history/${before}`, hospitalToken)).status).toBe(200)
  })

  test('of an id that is none, nothing', () => expectAbsent('134418/_history', '134418'))
  test('of the same id under another type, nothing', async () => {
    const answer = await sendRaw(gateway.baseUrl, `/fhir/Encounter/${open}/_history`, {
      token: hospitalToken,
    })
    expect([answer.status, answer.json()]).toEqual([404, NOT_FOUND])
  })

  test.each([1, 2, 3])(
    'in pages of %i: the same versions, and a next link only where something is on it',
    async (count) => {
      const seen: (string | undefined)[] = []
      let path: string | undefined = `${open}/_history?_count=${count}`
      let pages = 0
      for (; path !== undefined; pages++) {
        const answer = await get(path)
        const found = versionsIn(answer)
        expect(found.length).toBeGreaterThan(0)
        seen.push(...found)
        const next = (answer.json() as Bundle).link?.find(({ relation }) => relation === 'next')?.url
        path = next?.slice(`${gateway.baseUrl}/fhir/Condition/`.length)
      }
      expect([seen, pages]).toEqual([newestFirst(open, 4, 3, 1), Math.ceil(3 / count)])
    },
  )

  test('since an instant', async () => {
    const whole = await get(`${open}/_history`)
    const at = (whole.json() as Bundle).entry?.[1]?.resource?.meta?.lastUpdated ?? ''
    expect(versionsIn(await get(`${open}/_history?_since=${at}`))).toEqual(newestFirst(open, 4, 3))
    expect(versionsIn(await get(`${open}/_history?_since=2999-01-01T00:00:00Z`))).toEqual([])
    await expectAbsent(`${closed}/_history?_since=2999-01-01T00:00:00Z`, closed)
  })

  const INSTANT = 'write an instant with its zone, such as `2026-01-31T00:00:00Z`'
  const CURSOR =
    'follow the `next` link as it was given, with the same client; to ask something else, start again without `_cursor`'
  const refused = [
    ['_since=2026', outcome('parameter-invalid', INSTANT, '_since')],
    ['_since=2026-02-30T25:00:00Z', outcome('parameter-invalid', INSTANT, '_since')],
    ['_count=0', outcome('parameter-invalid', 'ask for 1 to 500', '_count')],
    ['_count=501', outcome('parameter-invalid', 'ask for 1 to 500', '_count')],
    ['_count=1&_count=2', outcome('parameter-invalid', 'send it once', '_count')],
    ['_cursor=134418', outcome('parameter-invalid', CURSOR, '_cursor')],
    ['_at=2026', outcome('parameter-unknown', 'known parameters of a history are _count, _since, _cursor')],
  ] as const
  test.for(refused)('refuses %s, of what is there and of what is not', async ([query, want]) => {
    for (const id of [open, closed, randomUUID()]) {
      const answer = await get(`${id}/_history?${query}`)
      expect([answer.status, answer.json()]).toEqual([400, want])
    }
  })

  test('a cursor is refused when it was altered, and to another client, record or question', async () => {
    const first = await get(`${open}/_history?_count=1`)
    const next = (first.json() as Bundle).link?.[1]?.url ?? ''
    const cursor = new URL(next).searchParams.get('_cursor') ?? ''
    expect((await get(`${open}/_history?_count=1&_cursor=${cursor}`)).status).toBe(200)
    const altered = `${cursor.slice(0, 20)}${cursor[20] === 'A' ? 'B' : 'A'}${cursor.slice(21)}`
    const answers = [
      await get(`${open}/_history?_count=1&_cursor=${altered}`),
      await get(`${open}/_history?_count=1&_cursor=${cursor}`, hospitalToken),
      await get(`${closed}/_history?_count=1&_cursor=${cursor}`),
      await get(`${open}/_history?_count=2&_cursor=${cursor}`),
    ]
    for (const answer of answers)
      expect([answer.status, answer.json()]).toEqual([400, outcome('parameter-invalid', CURSOR, '_cursor')])
  })

  test('leaves a row for each decision about what it gave or denied', async () => {
    const { effects } = await effectsOf(gateway.database, () => get(`${open}/_history?_count=2`))
    const row = (at: number, effect: string): object => ({
      kind: 'disclose',
      interaction: 'history-instance',
      effect,
      recipient: sandboxOrganizations.gp.id,
      resources: [{ type: 'Condition', id: open, version: versions[open]?.[at] }],
    })
    // The page after it starts behind the denied one: it was decided about, and is not decided about again.
    expect(effects.audit).toMatchObject([row(4, 'permit'), row(3, 'permit'), row(2, 'deny')])
    const denied = await effectsOf(gateway.database, () => get(`${closed}/_history`))
    expect(denied.effects.audit).toMatchObject([
      { effect: 'deny', resources: [{ type: 'Condition', id: closed, version: versions[closed]?.[1] }] },
    ])
  })
})

// https://hl7.org/fhir/R4/http.html#vread
describe('vread', () => {
  const vread = (id: string, at: number, token = gp): Promise<Received> =>
    get(`${id}/_history/${versions[id]?.[at]}`, token)

  test('the custodian reads every version of its own, also of what it deleted', async () => {
    for (const [id, at] of [
      [open, 0],
      [open, 4],
      [closed, 0],
      [gone, 0],
      [gone, 1],
    ] as const) {
      const answer = await vread(id, at, hospitalToken)
      expect([answer.status, answer.headers.get('etag')]).toEqual([200, `W/"${versions[id]?.[at]}"`])
      expect((answer.json() as Condition).meta?.versionId).toBe(versions[id]?.[at])
    }
  })

  test('another reads a version that it may have, by its own content', async () => {
    const answer = await vread(open, 1)
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, `W/"${versions[open]?.[1]}"`])
    expect((answer.json() as Condition).code?.coding?.[0]?.code).toBe(PSYCHIATRY)
  })

  const absent = [
    ['a version of what it may not have', open, 0],
    ['an earlier version of what it may not have as it is now', closed, 0],
    ['the version that it may not have now', closed, 1],
    ['an earlier version of what was deleted', gone, 0],
    ['a deletion', gone, 2],
  ] as const
  test.for(absent)('%s is answered as one that never was', async ([, id, at]) => {
    const answer = await vread(id, at)
    expect([answer.status, answer.json()]).toEqual([404, NOT_FOUND])
    expect(comparable(answer)).toEqual(comparable(await get(`${randomUUID()}/_history/${randomUUID()}`)))
  })

  test('a version of another record is none of this one', async () => {
    const answer = await get(`${open}/_history/${versions[closed]?.[0]}`, hospitalToken)
    expect([answer.status, answer.json()]).toEqual([404, NOT_FOUND])
  })

  test('the version that deleted it is 410 to its custodian, and so is the record', async () => {
    for (const answer of [await vread(gone, 2, hospitalToken), await get(gone, hospitalToken)])
      expect([answer.status, answer.json()]).toEqual([410, DELETED])
    await expectAbsent(gone, gone)
  })

  test('a denial because of what the record is now is a row about what it is now', async () => {
    const { effects } = await effectsOf(gateway.database, () => vread(closed, 0))
    expect(effects.audit).toMatchObject([
      {
        interaction: 'vread',
        effect: 'deny',
        resources: [{ type: 'Condition', id: closed, version: versions[closed]?.[1] }],
      },
    ])
    const given = await effectsOf(gateway.database, () => vread(open, 1))
    expect(given.effects.audit).toMatchObject([
      { effect: 'permit', resources: [{ type: 'Condition', id: open, version: versions[open]?.[1] }] },
    ])
  })
})
