import { randomUUID } from 'node:crypto'
import type { Bundle, CarePlan, Goal, Resource } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HeldType } from '#fhir/held-types.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { heldSample } from '#test/held-samples.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { validator } from '#test/validator.ts'

/** The GP may see psychiatry of the first citizen; of the second one it may see nothing. */
const SYSTEM = 'urn:oid:1.2.208.176.1.2'
let gateway: TestGateway
let hospital: BackendClient
let hospitalToken: string
let gp: string
let goalsOnly: string
const known = {
  number: '2509479989',
  subject: '',
  plan: '',
  goal: '',
  secret: '',
  condition: '',
  consent: '',
}
const hidden = { number: '1502779995', subject: '', plan: '' }

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  const client = (id: string, organizationId: string, scopes: readonly string[]): Promise<BackendClient> =>
    gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
  hospital = await client('hospital', sandboxOrganizations.hospital.id, ['system/*.cruds'])
  hospitalToken = await hospital.token()
  gp = await (await client('gp', sandboxOrganizations.gp.id, ['system/*.cruds'])).token()
  const narrow = ['system/Patient.r', 'system/CarePlan.r', 'system/Goal.r']
  goalsOnly = await (await client('goals', sandboxOrganizations.gp.id, narrow)).token()
  const kinds: readonly HeldType[] = ['CarePlan', 'Condition', 'Goal']
  const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
  known.consent = await write({
    ...consent,
    provision: {
      ...consent.provision,
      class: kinds.map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code })),
    },
  })
  known.condition = await write({ ...heldSample('Condition', known.number), code: PSYCHIATRY })
  known.goal = await write(goal(PSYCHIATRY))
  known.secret = await write(goal(ADDICTION))
  known.plan = await write({
    ...plan(known.number),
    addresses: [{ reference: `Condition/${known.condition}` }],
    goal: [{ reference: `Goal/${known.goal}` }, { reference: `Goal/${known.secret}` }],
  })
  hidden.plan = await write(plan(hidden.number))
  known.subject = await subjectOf(known.plan)
  hidden.subject = await subjectOf(hidden.plan)
})
afterAll(() => gateway.close())

const coded = (code: string): object => ({ coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code }] })
const PSYCHIATRY = coded('DF331')
const ADDICTION = coded('DF102')

function goal(description: object): object {
  const { addresses: _addresses, ...sample } = heldSample<Goal>('Goal', known.number)
  return { ...sample, description }
}

function plan(value: string): object {
  return {
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    category: [PSYCHIATRY],
    subject: { identifier: { system: SYSTEM, value } },
    activity: [{ detail: { status: 'in-progress', code: PSYCHIATRY } }],
  }
}

async function write(resource: object): Promise<string> {
  const id = randomUUID()
  const { resourceType } = resource as Resource
  const answer = await sendFhir(hospital, 'PUT', `/fhir/${resourceType}/${id}`, { ...resource, id })
  expect([answer.status, answer.text]).toEqual([201, answer.text])
  return id
}

async function subjectOf(id: string): Promise<string> {
  const answer = await get(`CarePlan/${id}`, hospitalToken)
  return (answer.json() as CarePlan).subject.reference?.slice('Patient/'.length) ?? ''
}

function get(path: string, token = gp): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, { token })
}

function entriesIn(answer: Received): (readonly [string | undefined, string | undefined])[] {
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"type":"searchset"')])
  const bundle = answer.json() as Bundle
  expect(validator.validate(bundle)).toEqual([])
  return (bundle.entry ?? []).map(({ resource, search }) => [search?.mode, resource?.id] as const)
}

// https://hl7.org/fhir/R4/operation-patient-everything.html
describe('everything of a citizen', () => {
  const everything = (query = '', token = gp): Promise<Received> =>
    get(`Patient/${known.subject}/$everything${query}`, token)

  test('is what the reader may have, newest first, after the citizen as it knows them', async () => {
    expect(entriesIn(await everything())).toEqual([
      ['include', known.subject],
      ['match', known.plan],
      ['match', known.goal],
      ['match', known.condition],
    ])
    expect((await everything()).text).not.toMatch(new RegExp(`${known.secret}|DF102`))
  })

  test('is all of its own to the custodian', async () => {
    const ids = entriesIn(await everything('', hospitalToken)).map(([, id]) => id)
    expect(ids).toEqual([known.subject, known.plan, known.secret, known.goal, known.condition, known.consent])
  })

  test.each([1, 2])('in pages of %i, the citizen on the first', async (count) => {
    const seen: (string | undefined)[] = []
    let path: string | undefined = `Patient/${known.subject}/$everything?_count=${count}`
    while (path !== undefined) {
      const answer = await get(path)
      const matches = entriesIn(answer).filter(([mode]) => mode === 'match')
      expect(matches.length).toBeGreaterThan(0)
      expect(matches.length).toBeLessThanOrEqual(count)
      seen.push(...entriesIn(answer).map(([, id]) => id))
      const next = (answer.json() as Bundle).link?.find(({ relation }) => relation === 'next')?.url
      path = next?.slice(`${gateway.baseUrl}/fhir/`.length)
    }
    expect(seen).toEqual([known.subject, known.plan, known.goal, known.condition])
  })

  test('of some types, or changed since', async () => {
    expect(entriesIn(await everything('?_type=Goal,Condition'))).toEqual([
      ['match', known.goal],
      ['match', known.condition],
    ])
    const read = (await get(`CarePlan/${known.plan}`)).json() as CarePlan
    expect(entriesIn(await everything(`?_since=${read.meta?.lastUpdated}`))).toEqual([['match', known.plan]])
    expect(entriesIn(await everything('?_since=2999-01-01T00:00:00Z'))).toEqual([])
  })

  test('only of types that the client may read; one that it names and may not is refused', async () => {
    expect(entriesIn(await everything('', goalsOnly)).map(([, id]) => id)).toEqual([
      known.subject,
      known.plan,
      known.goal,
    ])
    const refused = await everything('?_type=Goal,Condition', goalsOnly)
    const text =
      'this needs the scope `system/Condition.r`; ask the token endpoint for it, or leave the type out'
    expect([refused.status, refused.json()]).toEqual([403, outcome('scope-insufficient', text)])
  })

  test('of a citizen of whom nothing may be told, as of one who never was', async () => {
    for (const query of ['', '?_count=1', '?_type=CarePlan', '?_since=2020-01-01T00:00:00Z']) {
      const stranger = randomUUID()
      const [answer, absent] = [
        await get(`Patient/${hidden.subject}/$everything${query}`),
        await get(`Patient/${stranger}/$everything${query}`),
      ]
      expect(entriesIn(answer)).toEqual([])
      const withoutId = (of: Received, id: string): unknown =>
        comparable({ ...of, text: of.text.replaceAll(id, 'id') })
      expect(withoutId(answer, hidden.subject)).toEqual(withoutId(absent, stranger))
    }
    expect((await get('Patient/134418/$everything')).status).toBe(404)
  })

  test('is audited by decision, and as a question', async () => {
    const { effects } = await effectsOf(gateway.database, () => everything('?_type=Goal'))
    expect(effects.audit).toMatchObject([
      { interaction: '$everything', effect: 'deny', resources: [{ id: known.secret }] },
      { interaction: '$everything', effect: 'permit', resources: [{ id: known.goal }] },
      { kind: 'search', interaction: '$everything', subject: known.subject },
    ])
  })

  const refused = [
    ['_type=Goal,Patience', 'parameter-invalid', '_type'],
    ['_since=2026', 'parameter-invalid', '_since'],
    ['_count=0', 'parameter-invalid', '_count'],
    ['_cursor=134418', 'parameter-invalid', '_cursor'],
    ['_count=1&_count=1', 'parameter-invalid', '_count'],
    ['start=2026', 'parameter-unknown', undefined],
  ] as const
  test.for(refused)('refuses %s', async ([query, code, expression]) => {
    for (const id of [known.subject, hidden.subject, randomUUID()]) {
      const answer = await get(`Patient/${id}/$everything?${query}`)
      expect(answer.status).toBe(400)
      expect(answer.json()).toMatchObject({
        issue: [{ details: { coding: [{ code }] }, ...(expression && { expression: [expression] }) }],
      })
    }
  })
})

describe('everything of a plan', () => {
  test('is the plan and what it points to, as far as the reader may have it', async () => {
    const answer = await get(`CarePlan/${known.plan}/$everything`)
    expect(entriesIn(answer)[0]).toEqual(['match', known.plan])
    const rest = entriesIn(answer).slice(1)
    expect(rest).toHaveLength(2)
    expect(new Set(rest.map(String))).toEqual(
      new Set([`include,${known.goal}`, `include,${known.condition}`]),
    )
    expect(answer.text).not.toContain(known.secret)
    const own = entriesIn(await get(`CarePlan/${known.plan}/$everything`, hospitalToken))
    expect(own).toHaveLength(4)
    expect(new Set(own.map(([, id]) => id))).toEqual(
      new Set([known.plan, known.goal, known.secret, known.condition]),
    )
  })

  test('only of types that the client may read', async () => {
    const entries = entriesIn(await get(`CarePlan/${known.plan}/$everything`, goalsOnly))
    expect(entries).toEqual([
      ['match', known.plan],
      ['include', known.goal],
    ])
  })

  test('of a plan that the reader may not have, as of one that never was', async () => {
    const [answer, absent] = [
      await get(`CarePlan/${hidden.plan}/$everything`),
      await get(`CarePlan/${randomUUID()}/$everything`),
    ]
    expect(answer.status).toBe(404)
    expect(comparable(answer)).toEqual(comparable(absent))
  })
})
