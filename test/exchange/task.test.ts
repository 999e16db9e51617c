import { randomUUID } from 'node:crypto'
import type { Bundle, Task } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { findSubject, subjectOf } from '#store/persons.ts'
import { type NewWorkItem, openWorkItem, workItemCodes } from '#store/tasks.ts'
import { sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { piecesIn } from '#test/secrets.ts'
import { validator } from '#test/validator.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const FORM = 'application/x-www-form-urlencoded'
const { hospital, municipality } = sandboxOrganizations
const { elmer, berggren } = sandboxCitizens

let gateway: TestGateway
/** Those who look after the work items of the hospital, which holds records of Elmer, and of the municipality. */
let owner: string
let other: string
let elmersId: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  owner = await officer('hospital-reviewer', hospital.id)
  other = await officer('municipality-reviewer', municipality.id)
  const { id: _id, ...plan } = sampleCarePlan()
  const stored = await sendRaw(gateway.baseUrl, '/fhir/CarePlan', {
    method: 'POST',
    token: await gateway.client('hospital-ehr').token(),
    type: FHIR_JSON,
    body: JSON.stringify(plan),
  })
  expect(stored.status).toBe(201)
  elmersId = (await findSubject(gateway.database, gateway.seal, elmer)) ?? ''
})
afterAll(() => gateway.close())

async function officer(id: string, organizationId: string): Promise<string> {
  const scopes = ['system/Task.rus', 'system/AuditEvent.rs']
  const client = { id, organizationId, profile: 'smart', scopes, purposeOfUse: ['HCOMPL'] } as const
  return (await gateway.addClient(client)).token()
}

async function opened(change: Partial<NewWorkItem> = {}): Promise<Task> {
  const dedupeKey = randomUUID()
  await gateway.database.transaction((tx) =>
    openWorkItem(tx, {
      code: 'indeterminate',
      ownerOrganizationId: hospital.id,
      subjectId: elmersId,
      reason: 'indeterminate',
      dedupeKey,
      ...change,
    }),
  )
  const [row] = await gateway.database.query<{ work_item_id: string; owner: string }>({
    text: 'select work_item_id, owner from work_item order by created_at desc limit 1',
  })
  const token = row?.owner === hospital.id ? owner : other
  return (await get(`/${row?.work_item_id}`, token)).json() as Task
}

const get = (query: string, token = owner): Promise<Received> =>
  sendRaw(gateway.baseUrl, `/fhir/Task${query}`, { token })

const post = (fields: Record<string, string>): Promise<Received> =>
  sendRaw(gateway.baseUrl, '/fhir/Task/_search', {
    method: 'POST',
    token: owner,
    type: FORM,
    body: new URLSearchParams(fields).toString(),
  })

function put(task: object, id: string, etag?: string, token = owner): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/Task/${id}`, {
    method: 'PUT',
    token,
    type: FHIR_JSON,
    headers: etag === undefined ? {} : { 'if-match': etag },
    body: JSON.stringify(task),
  })
}

const etagOf = (task: Task): string => `W/"${task.meta?.versionId}"`

function tasksIn(answer: Received): Task[] {
  expect(answer.status).toBe(200)
  const bundle = answer.json() as Bundle<Task>
  expect(validator.validate(bundle)).toEqual([])
  return (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []))
}

const idsIn = (answer: Received): (string | undefined)[] => tasksIn(answer).map(({ id }) => id)

function linkOf(answer: Received, relation: string): string | undefined {
  const link = (answer.json() as Bundle).link?.find((each) => each.relation === relation)
  return link?.url?.slice(`${gateway.baseUrl}/fhir/Task`.length)
}

describe('a work item', () => {
  test.each(workItemCodes)('%s is a Task for its owner', async (code) => {
    const focus = `Consent/${randomUUID()}`
    const dueAt = new Date('2026-11-24T09:30:00.000Z')
    const task = await opened({ code, focus, dueAt, reason: 'consent-defective' })
    expect(validator.validate(task)).toEqual([])
    expect(task).toEqual({
      resourceType: 'Task',
      id: expect.any(String),
      meta: { versionId: expect.any(String), lastUpdated: expect.any(String) },
      status: 'requested',
      intent: 'order',
      code: { coding: [{ system: 'https://sluse.example/fhir/CodeSystem/work-item', code }] },
      focus: { reference: focus },
      for: { reference: `Patient/${elmersId}` },
      authoredOn: expect.any(String),
      lastModified: expect.any(String),
      owner: { reference: `Organization/${hospital.id}` },
      reasonCode: {
        coding: [
          { system: 'https://sluse.example/fhir/CodeSystem/decision-reason', code: 'consent-defective' },
        ],
      },
      restriction: { period: { end: '2026-11-24T09:30:00.000Z' } },
    })
  })

  test('of another organisation is answered as one that does not exist', async () => {
    const { id = '' } = await opened()
    const none = randomUUID()
    const withoutId = (answer: Received, asked: string): unknown =>
      comparable({ ...answer, text: answer.text.replaceAll(asked, 'id') })
    expect(withoutId(await get(`/${id}`, other), id)).toEqual(withoutId(await get(`/${none}`, other), none))
    expect((await get(`/${id}`, other)).status).toBe(404)
    const task = (await get(`/${id}`)).json() as Task
    const moved = { ...task, status: 'in-progress' }
    const refused = await put(moved, id, etagOf(task), other)
    expect([
      refused.status,
      comparable(await put({ ...moved, id: none }, none, etagOf(task), other)),
    ]).toEqual([422, comparable(refused)])
    expect(((await get(`/${id}`)).json() as Task).status).toBe('requested')
  })
})

describe('a search', () => {
  test('shows the owner its own, and nobody another’s', async () => {
    const mine = await opened()
    const theirs = await opened({ ownerOrganizationId: municipality.id })
    const shown = idsIn(await get(''))
    expect(shown).toContain(mine.id)
    expect(shown).not.toContain(theirs.id)
    expect(idsIn(await get('', other))).toContain(theirs.id)
    expect(idsIn(await get(`?owner=Organization/${hospital.id}&_id=${mine.id}`))).toEqual([mine.id])
    expect(idsIn(await get(`?owner=${hospital.id}&_id=${mine.id}`))).toEqual([mine.id])
    for (const query of [`?owner=Organization/${municipality.id}`, `?_id=${theirs.id}`, '?owner=2509479989'])
      expect(idsIn(await get(query))).toEqual([])
  })

  test('narrows by status, code and citizen, all of them together', async () => {
    const subjectId = await gateway.database.transaction((tx) => subjectOf(tx, gateway.seal, berggren))
    const review = await opened({ subjectId, code: 'review-override' })
    const told = await opened({ subjectId, code: 'inform-patient' })
    await put({ ...told, status: 'in-progress' }, told.id ?? '', etagOf(told))
    const about = `?patient=Patient/${subjectId}`
    expect(idsIn(await get(about))).toEqual([told.id, review.id])
    expect(idsIn(await get(`${about}&status=requested`))).toEqual([review.id])
    expect(idsIn(await get(`${about}&status=requested,in-progress`))).toEqual([told.id, review.id])
    expect(idsIn(await get(`${about}&code=inform-patient`))).toEqual([told.id])
    const system = 'https://sluse.example/fhir/CodeSystem/work-item'
    expect(idsIn(await get(`${about}&code=${system}|review-override,inform-patient`))).toEqual([
      told.id,
      review.id,
    ])
    expect(idsIn(await get(`${about}&code=inform-patient&status=requested`))).toEqual([])
    expect(idsIn(await post({ 'patient.identifier': `${berggren.system}|${berggren.value}` }))).toEqual([
      told.id,
      review.id,
    ])
  })

  test('about a citizen whom nobody has sent finds nothing, not everything', async () => {
    const unknown = { 'patient.identifier': 'urn:oid:1.2.208.176.1.2|0505059996' }
    expect(idsIn(await post(unknown))).toEqual([])
  })

  test('comes in pages that meet without gap or overlap, and whose links hold no national id', async () => {
    const all = idsIn(await get(`?patient=${elmersId}`))
    expect(all.length).toBeGreaterThan(3)
    const first = await post({ 'patient.identifier': `${elmer.system}|${elmer.value}`, _count: '2' })
    expect(piecesIn(first.text, [elmer.value])).toEqual([])
    const paged = idsIn(first)
    for (let query = linkOf(first, 'next'); query !== undefined;) {
      expect(query).toContain(`patient=Patient%2F${elmersId}`)
      const answer: Received = await get(query)
      paged.push(...idsIn(answer))
      query = linkOf(answer, 'next')
    }
    expect(paged).toEqual(all)
  })

  const CURSOR =
    'follow the `next` link as it was given, with the same client; to ask something else, start again without `_cursor`'
  const NO_URL =
    'a national id must not stand in a URL: send it in the form body of `POST …/_search`, and treat this one as logged'
  const CODES =
    'ask for `review-override`, `consent-not-computable`, `indeterminate`, `inform-patient`, `basis-withdrawn-tell`, `verification-alarm`'
  const KNOWN =
    'of work items known are owner, status, code, patient, patient.identifier, _id, _count, _cursor; to ask for requests, name the citizen with `patient` and leave out `owner`'
  const REFERENCE =
    'a `Patient/…` reference from an earlier answer is needed; to ask by national id, POST `patient.identifier` to `_search`'
  // prettier-ignore
  const refused = [
    { title: 'a national id in the URL', query: `?patient.identifier=${elmer.system}|${elmer.value}`, want: outcome('parameter-invalid', NO_URL, 'patient.identifier') },
    { title: 'a national id as a reference', query: `?patient=${elmer.value}`, want: outcome('parameter-invalid', REFERENCE, 'patient') },
    { title: 'a status that is none', query: '?status=requested,done', want: outcome('parameter-invalid', 'ask for `requested`, `in-progress`, `completed`', 'status') },
    { title: 'a code that is none', query: '?code=x|indeterminate', want: outcome('parameter-invalid', CODES, 'code') },
    { title: 'an unknown parameter', query: '?focus=x', want: outcome('parameter-unknown', KNOWN) },
    { title: 'a filter twice', query: '?status=requested&status=completed', want: outcome('parameter-invalid', 'send it once', 'status') },
    { title: 'no items', query: '?_count=0', want: outcome('parameter-invalid', 'ask for 1 to 500', '_count') },
    { title: 'a cursor that was made up', query: '?_cursor=abc', want: outcome('parameter-invalid', CURSOR, '_cursor') },
  ]
  test.for(refused)('$title is refused', async ({ query, want }) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => get(query))
    expect([answer.status, answer.json()]).toEqual([400, want])
    expect(effects).toEqual({ added: {}, audit: [] })
  })
})

describe('a change', () => {
  test('goes one step at a time, each a new version, and each audited', async () => {
    const task = await opened()
    const { result: taken, effects } = await effectsOf(gateway.database, () =>
      put({ ...task, status: 'in-progress' }, task.id ?? '', etagOf(task)),
    )
    const inProgress = taken.json() as Task
    expect([taken.status, taken.headers.get('etag')]).toEqual([200, etagOf(inProgress)])
    expect(inProgress).toEqual({
      ...task,
      status: 'in-progress',
      meta: inProgress.meta,
      lastModified: inProgress.lastModified,
    })
    expect(inProgress.meta?.versionId).not.toBe(task.meta?.versionId)
    expect(effects).toEqual({
      added: {},
      audit: [
        {
          v: 1,
          id: expect.any(String),
          at: expect.any(String),
          kind: 'work-item',
          outcome: 'success',
          client: 'hospital-reviewer',
          organization: hospital.id,
          purposeOfUse: ['HCOMPL'],
          interaction: 'update',
          subject: elmersId,
          resources: [{ type: 'Task', id: task.id, version: inProgress.meta?.versionId }],
          requestId: taken.headers.get('x-request-id'),
        },
      ],
    })
    const done = await put({ ...inProgress, status: 'completed' }, task.id ?? '', etagOf(inProgress))
    expect((done.json() as Task).status).toBe('completed')
  })

  test('of a version that is not the current one is refused, whoever was first', async () => {
    const task = await opened()
    const answers = await Promise.all(
      [1, 2].map(() => put({ ...task, status: 'in-progress' }, task.id ?? '', etagOf(task))),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 412]))
    const text =
      'the version in `If-Match` is not the current one: read the work item again and send your change with the new ETag'
    expect(answers.find(({ status }) => status === 412)?.json()).toEqual(outcome('version-conflict', text))
  })

  test('without If-Match is refused', async () => {
    const task = await opened()
    const answer = await put({ ...task, status: 'in-progress' }, task.id ?? '')
    const text =
      'found nothing; send the ETag of the work item as you read it, so that nobody else has changed it since'
    expect([answer.status, answer.json()]).toEqual([400, outcome('parameter-invalid', text, 'http:If-Match')])
  })

  const ONLY = 'only the status of a work item can be changed; send everything else as it was read'
  // prettier-ignore
  const refused: readonly { title: string; change: Partial<Task>; want: object }[] = [
    { title: 'a step that leaves one out', change: { status: 'completed' }, want: outcome('field-invalid', 'found `completed`; after `requested` comes `in-progress`', 'Task.status') },
    { title: 'the status that it has', change: {}, want: outcome('field-invalid', 'found `requested`; after `requested` comes `in-progress`', 'Task.status') },
    { title: 'a status that no item has', change: { status: 'cancelled' }, want: outcome('field-invalid', 'found `cancelled`; after `requested` comes `in-progress`', 'Task.status') },
    { title: 'another owner', change: { status: 'in-progress', owner: { reference: `Organization/${municipality.id}` } }, want: outcome('field-invalid', ONLY, 'Task.owner') },
    { title: 'a note', change: { status: 'in-progress', note: [{ text: 'Skizofreni siden ungdommen' }] }, want: outcome('field-invalid', ONLY, 'Task.note') },
    { title: 'a later deadline', change: { status: 'in-progress', restriction: { period: { end: '2027-01-01T00:00:00Z' } } }, want: outcome('field-invalid', ONLY, 'Task.restriction') },
  ]
  test.for(refused)('$title is refused', async ({ change, want }) => {
    const task = await opened({ dueAt: new Date('2026-11-24T09:30:00.000Z') })
    const answer = await put({ ...task, ...change }, task.id ?? '', etagOf(task))
    expect([answer.status, answer.json()]).toEqual([422, want])
    expect((await get(`/${task.id}`)).json()).toEqual(task)
  })

  test('keys in another order, and a narrative, are no change', async () => {
    const { code: _code, reasonCode, ...task } = await opened()
    const text = { status: 'empty', div: '<div xmlns="http://www.w3.org/1999/xhtml">-</div>' }
    const code = {
      coding: [{ code: 'indeterminate', system: 'https://sluse.example/fhir/CodeSystem/work-item' }],
    }
    const answer = await put(
      { text, reasonCode, code, ...task, status: 'in-progress' },
      task.id ?? '',
      etagOf({ ...task, code }),
    )
    expect(answer.status).toBe(200)
  })
})

test('a decision that nobody can make is withheld, and is work for the custodian, once', async () => {
  const { gp } = sandboxOrganizations
  const { provision, ...base } = sampleConsent(gp.identifiers[2], ['PSY', 'SUD'])
  const [actor] = provision?.actor ?? []
  const consent = {
    ...base,
    patient: { identifier: { ...berggren } },
    // Nobody here knows who is in the team: it may be the recipient, and may not.
    provision: { ...provision, actor: [{ ...actor, reference: { reference: `CareTeam/${randomUUID()}` } }] },
  }
  const { id: _id, ...plan } = sampleCarePlan()
  const token = await gateway.client('hospital-ehr').token()
  const write = (path: string, body: object): Promise<Received> =>
    sendRaw(gateway.baseUrl, path, { method: 'POST', token, type: FHIR_JSON, body: JSON.stringify(body) })
  const answer = await write('/fhir/Consent', consent)
  expect(answer.status).toBe(201)
  const stored = await write('/fhir/CarePlan', { ...plan, subject: { identifier: { ...berggren } } })
  const path = /\/fhir\/CarePlan\/[0-9a-f-]{36}/.exec(stored.headers.get('location') ?? '')?.[0] ?? ''
  const asker = await gateway.client('gp-system').token()
  const { effects } = await effectsOf(gateway.database, async () => {
    for (let again = 0; again < 3; again++)
      expect((await sendRaw(gateway.baseUrl, path, { token: asker })).status).toBe(404)
  })
  expect(new Set(effects.audit.map(({ reason }) => reason))).toEqual(new Set(['indeterminate']))
  expect(effects.added).toEqual({ work_item: 1 })
  const subjectId = await findSubject(gateway.database, gateway.seal, berggren)
  const [task] = tasksIn(await get(`?code=indeterminate&patient=${subjectId}`))
  const consentId = /Consent\/[0-9a-f-]{36}/.exec(answer.headers.get('location') ?? '')?.[0]
  expect(task).toMatchObject({ status: 'requested', focus: { reference: consentId } })
})

describe('the log', () => {
  test('has reads and searches', async () => {
    const task = await opened()
    const { effects } = await effectsOf(gateway.database, async () => {
      await get(`/${task.id}`)
      await get(`/${randomUUID()}`)
      await get(`?patient=${elmersId}`)
    })
    expect(effects.audit.map(({ kind, interaction, subject }) => [kind, interaction, subject])).toEqual([
      ['work-item', 'read', elmersId],
      // Of what is no work item the door keeps the log, as of any other record.
      ['search', 'search-type', elmersId],
      ['work-item', 'search-type', elmersId],
    ])
  })

  test('tells nobody that the citizen whom it asked about is known here', async () => {
    const { id: _id, ...plan } = sampleCarePlan()
    await sendRaw(gateway.baseUrl, '/fhir/CarePlan', {
      method: 'POST',
      token: await gateway.client('hospital-ehr').token(),
      type: FHIR_JSON,
      body: JSON.stringify(plan),
    })
    await sendRaw(gateway.baseUrl, '/fhir/Task/_search', {
      method: 'POST',
      token: other,
      type: FORM,
      body: new URLSearchParams({ 'patient.identifier': `${elmer.system}|${elmer.value}` }).toString(),
    })
    const log = await sendRaw(gateway.baseUrl, '/fhir/AuditEvent?_count=2', { token: other })
    expect(log.text).not.toContain(elmersId)
  })
})
