import { randomUUID } from 'node:crypto'
import type { Bundle, Condition, Goal, Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HeldType } from '#fhir/held-types.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { heldSample } from '#test/held-samples.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { validator } from '#test/validator.ts'

/**
 * Two citizens with the same problems of psychiatry, which the GP may see; the second has one of addiction before, between
 * and after each of them, which it may not.
 */
const SYSTEM = 'urn:oid:1.2.208.176.1.2'
const VISIBLE = 7
let gateway: TestGateway
let hospital: BackendClient
let hospitalToken: string
let gp: string
let otherGp: string
const plain = { number: '2509479989', subject: '', visible: [] as string[] }
const mixed = { number: '1502779995', subject: '', visible: [] as string[] }
/** Of the plain citizen: what points to what. */
const linked = { plan: '', goal: '', condition: '', secret: '', team: '' }

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  const client = (id: string, organizationId: string, scopes: readonly string[]): Promise<BackendClient> =>
    gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
  hospital = await client('hospital', sandboxOrganizations.hospital.id, ['system/*.cruds'])
  hospitalToken = await hospital.token()
  gp = await (await client('gp', sandboxOrganizations.gp.id, ['system/*.cruds'])).token()
  otherGp = await (await client('other-gp', sandboxOrganizations.gp.id, ['system/*.cruds'])).token()
  for (const citizen of [plain, mixed]) await hold(citizen, citizen === mixed)
  await holdLinked()
})
afterAll(() => gateway.close())

async function write(resource: object): Promise<string> {
  const id = randomUUID()
  const { resourceType } = resource as Resource
  const answer = await sendFhir(hospital, 'PUT', `/fhir/${resourceType}/${id}`, { ...resource, id })
  expect([answer.status, answer.text]).toEqual([201, answer.text])
  return id
}

function problem(number: string, code: string, change: object = {}): object {
  return {
    ...heldSample('Condition', number),
    code: { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code }] },
    ...change,
  }
}

async function hold(citizen: typeof plain, withHidden: boolean): Promise<void> {
  const { number } = citizen
  const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
  const kinds: readonly HeldType[] = ['CarePlan', 'Condition', 'Goal', 'CareTeam', 'Encounter']
  await write({
    ...consent,
    patient: { identifier: { system: SYSTEM, value: number } },
    provision: {
      ...consent.provision,
      class: kinds.map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code })),
    },
  })
  if (withHidden) await write(problem(number, 'DF102'))
  for (let each = 0; each < VISIBLE; each++) {
    citizen.visible.unshift(await write(problem(number, 'DF331')))
    if (withHidden) await write(problem(number, 'DF102'))
  }
  const [first = ''] = citizen.visible
  const read = await sendRaw(gateway.baseUrl, `/fhir/Condition/${first}`, { token: hospitalToken })
  citizen.subject = (read.json() as Condition).subject.reference ?? ''
}

async function holdLinked(): Promise<void> {
  const { number } = plain
  const psychiatry = { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DF331' }] }
  const addiction = { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DF102' }] }
  const goal = (description: object): object => {
    const { addresses: _addresses, ...sample } = heldSample<Goal>('Goal', number)
    return { ...sample, description }
  }
  linked.condition = plain.visible[0] ?? ''
  linked.goal = await write(goal(psychiatry))
  linked.secret = await write(goal(addiction))
  linked.plan = await write({
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    category: [psychiatry],
    subject: { identifier: { system: SYSTEM, value: number } },
    period: { start: '2026-01-05', end: '2026-03-01' },
    addresses: [{ reference: `Condition/${linked.condition}` }],
    goal: [{ reference: `Goal/${linked.goal}` }, { reference: `Goal/${linked.secret}` }],
    activity: [{ detail: { status: 'in-progress', code: psychiatry } }],
  })
}

function get(path: string, token = gp): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, { token })
}

function bundleIn(answer: Received): Bundle {
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"type":"searchset"')])
  const bundle = answer.json() as Bundle
  expect(validator.validate(bundle)).toEqual([])
  return bundle
}

const entriesOf = ({ entry = [] }: Bundle, mode = 'match'): Resource[] =>
  entry.flatMap(({ resource, search }) => (resource && search?.mode === mode ? [resource] : []))
const idsOf = (bundle: Bundle, mode = 'match'): (string | undefined)[] =>
  entriesOf(bundle, mode).map(({ id }) => id)
const sorted = (ids: readonly (string | undefined)[]): string[] =>
  ids.map((id) => id ?? '').toSorted((one, other) => (one < other ? -1 : 1))
const nextOf = ({ link = [] }: Bundle): string | undefined =>
  link.find(({ relation }) => relation === 'next')?.url?.slice(`${gateway.baseUrl}/fhir/`.length)

async function pagesOf(path: string, token = gp): Promise<Bundle[]> {
  const pages: Bundle[] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const page = bundleIn(await get(next, token))
    pages.push(page)
    next = nextOf(page)
  }
  return pages
}

// https://hl7.org/fhir/R4/http.html#paging
describe('pages', () => {
  test('of any length give the same resources in the same order, each page full, the last one not empty', async () => {
    const whole = bundleIn(await get(`Condition?patient=${mixed.subject}`))
    expect(idsOf(whole)).toEqual(mixed.visible)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: VISIBLE + 2 }), async (count) => {
        const pages = await pagesOf(`Condition?patient=${mixed.subject}&_count=${count}`)
        expect(pages.flatMap(({ entry = [] }) => entry)).toEqual(whole.entry)
        expect(pages.map((page) => idsOf(page).length)).toEqual(
          Array.from({ length: Math.ceil(VISIBLE / count) }, (_, at) =>
            Math.min(count, VISIBLE - at * count),
          ),
        )
      }),
      { numRuns: 12 },
    )
  })

  test.each([
    '',
    '&_sort=_lastUpdated',
    '&code=DF331',
    '&_sort=-_lastUpdated&clinical-status=active,resolved',
  ])('look the same whether something is hidden between or not: %s', async (filter) => {
    for (const count of [1, 3, VISIBLE, VISIBLE + 1]) {
      const [one, other] = [plain, mixed].map((citizen) =>
        pagesOf(`Condition?patient=${citizen.subject}${filter}&_count=${count}`),
      )
      const shape = (pages: Bundle[] = []): unknown =>
        pages.map(({ entry = [], link = [], ...rest }) => ({
          ...rest,
          entries: entry.map(({ search }) => search),
          links: link.map(({ relation, url }) => [relation, url.length]),
        }))
      expect(shape(await one)).toEqual(shape(await other))
    }
  })

  test('the custodian pages through all of its own', async () => {
    const pages = await pagesOf(`Condition?patient=${mixed.subject}&_count=4`, hospitalToken)
    expect(pages.flatMap((page) => idsOf(page))).toHaveLength(2 * VISIBLE + 1)
  })

  test('of a POST by national id go on by our reference, without the number', async () => {
    const first = await sendRaw(gateway.baseUrl, '/fhir/Condition/_search', {
      method: 'POST',
      token: gp,
      type: 'application/x-www-form-urlencoded',
      body: `patient.identifier=${encodeURIComponent(`${SYSTEM}|${mixed.number}`)}&_count=3`,
    })
    const page = bundleIn(first)
    expect(page.link?.[0]?.url).toBe(`${gateway.baseUrl}/fhir/Condition?_count=3`)
    expect(JSON.stringify(page.link)).not.toContain(mixed.number)
    const rest = await pagesOf(nextOf(page) ?? '')
    expect([page, ...rest].flatMap((each) => idsOf(each))).toEqual(mixed.visible)
  })

  test('what is decided about for the next page alone leaves no row, and nothing is decided about twice', async () => {
    const { result, effects } = await effectsOf(gateway.database, () =>
      get(`Condition?patient=${mixed.subject}&_count=2`),
    )
    expect(effects.audit.map(({ kind, effect }) => effect ?? kind)).toEqual([
      'deny',
      'permit',
      'deny',
      'permit',
      'deny',
      'search',
    ])
    const second = await effectsOf(gateway.database, () => get(nextOf(bundleIn(result)) ?? ''))
    expect(second.effects.audit.map(({ kind, effect }) => effect ?? kind)).toEqual([
      'permit',
      'deny',
      'permit',
      'deny',
      'search',
    ])
  })
})

describe('a cursor', () => {
  const REFUSED = outcome(
    'parameter-invalid',
    'follow the `next` link as it was given, with the same client; to ask something else, start again without `_cursor`',
    '_cursor',
  )
  test('is refused when it was altered, and to another client, citizen, type or question', async () => {
    const query = `patient=${mixed.subject}&_count=2`
    const next = nextOf(bundleIn(await get(`Condition?${query}`))) ?? ''
    const cursor = new URLSearchParams(next.split('?')[1]).get('_cursor') ?? ''
    expect((await get(`Condition?${query}&_cursor=${cursor}`)).status).toBe(200)
    const altered = cursor.slice(0, 30) + (cursor[30] === 'A' ? 'B' : 'A') + cursor.slice(31)
    const answers = [
      await get(`Condition?${query}&_cursor=${altered}`),
      await get(`Condition?${query}&_cursor=${cursor.slice(0, -4)}`),
      await get(`Condition?${query}&_cursor=134418`),
      await get(`Condition?${query}&_cursor=`),
      await get(`Condition?${query}&_cursor=${cursor}`, otherGp),
      await get(`Condition?patient=${plain.subject}&_count=2&_cursor=${cursor}`),
      await get(`Condition?patient=Patient/${randomUUID()}&_count=2&_cursor=${cursor}`),
      await get(`Encounter?${query}&_cursor=${cursor}`),
      await get(`Condition?${query}&code=DF331&_cursor=${cursor}`),
      await get(`Condition?patient=${mixed.subject}&_count=3&_cursor=${cursor}`),
    ]
    for (const answer of answers) expect([answer.status, answer.json()]).toEqual([400, REFUSED])
  })
})

describe('dates', () => {
  test('find by the period of a plan', async () => {
    const found = async (date: string): Promise<number> =>
      idsOf(bundleIn(await get(`CarePlan?patient=${plain.subject}&date=${date}`))).length
    expect(await found('2026')).toBe(1)
    expect(await found('2026-02')).toBe(0)
    expect(await found('ge2026-02&date=le2026-02')).toBe(1)
    expect(await found('sa2026-03-01')).toBe(0)
    expect(await found('eb2026-01-05,sa2026-01-01')).toBe(1)
    expect(await found('ne2026')).toBe(0)
  })

  test('a type without `date` does not know it', async () => {
    const answer = await get(`Condition?patient=${plain.subject}&date=2026`)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('parameter-unknown')
  })
})

describe('less of a resource', () => {
  test('_elements narrows what was released, and nothing that was withheld comes with it', async () => {
    const [plan] = entriesOf(bundleIn(await get(`CarePlan?_id=${linked.plan}&_elements=goal`)))
    expect(Object.keys(plan ?? {}).toSorted()).toEqual([
      'goal',
      'id',
      'intent',
      'meta',
      'resourceType',
      'status',
      'subject',
    ])
    expect(plan).toMatchObject({ goal: [{ reference: `Goal/${linked.goal}` }] })
    expect(JSON.stringify(plan)).not.toContain(linked.secret)
    expect(plan?.meta?.tag).toEqual([
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' },
    ])
  })

  test('_summary=text is the narrative that was made for this reader', async () => {
    const [plan] = entriesOf(bundleIn(await get(`CarePlan?_id=${linked.plan}&_summary=text`)))
    expect(Object.keys(plan ?? {})).toContain('text')
    expect(Object.keys(plan ?? {})).not.toContain('activity')
  })
})

// https://hl7.org/fhir/R4/search.html#include
describe('what goes with a match', () => {
  const including = async (path: string, token = gp): Promise<(string | undefined)[]> =>
    sorted(idsOf(bundleIn(await get(path, token)), 'include'))

  test('what it points to, as far as the reader may have it, once and after the matches', async () => {
    const query = `CarePlan?_id=${linked.plan}&_include=CarePlan:goal&_include=CarePlan:condition&_include=CarePlan:goal`
    const bundle = bundleIn(await get(query))
    expect(bundle.entry?.map(({ search }) => search?.mode)).toEqual(['match', 'include', 'include'])
    expect(sorted(idsOf(bundle, 'include'))).toEqual(sorted([linked.goal, linked.condition]))
    expect(JSON.stringify(bundle)).not.toContain(linked.secret)
    expect(await including(query, hospitalToken)).toEqual(
      sorted([linked.goal, linked.secret, linked.condition]),
    )
  })

  test('what points to it, as far as the reader may have it', async () => {
    expect(await including(`Goal?_id=${linked.goal}&_revinclude=CarePlan:goal`)).toEqual([linked.plan])
    expect(await including(`Condition?_id=${linked.condition}&_revinclude=CarePlan:condition`)).toEqual([
      linked.plan,
    ])
    // To the reader nothing points to the goal that it may not have, nor is there such a goal.
    expect(await including(`Goal?_id=${linked.secret}&_revinclude=CarePlan:goal`)).toEqual([])
    expect(await including(`Goal?_id=${linked.secret}&_revinclude=CarePlan:goal`, hospitalToken)).toEqual([
      linked.plan,
    ])
  })

  test('what points to it from elsewhere is not what was asked for, also to its custodian', async () => {
    const query = `Condition?_id=${linked.condition}&_revinclude=CarePlan:condition&_revinclude=Encounter:condition`
    const elsewhere = await write({
      ...heldSample('Encounter', plain.number),
      reasonReference: [{ reference: `Condition/${linked.condition}` }],
      diagnosis: undefined,
    })
    expect(await including(query, hospitalToken)).toEqual([linked.plan])
    const asked = `Condition?_id=${linked.condition}&_revinclude=Encounter:reason-reference`
    expect(await including(asked, hospitalToken)).toEqual([elsewhere])
  })

  test('each is decided about and audited like every other', async () => {
    const { effects } = await effectsOf(gateway.database, () =>
      get(`CarePlan?_id=${linked.plan}&_include=CarePlan:goal`),
    )
    expect(effects.audit.map(({ effect, resources }) => [effect, resources?.[0]?.id])).toEqual([
      ['permit', linked.plan],
      ['permit', linked.goal],
      [undefined, undefined],
    ])
  })

  const refusals = [
    ['_include=*', 'CarePlan'],
    ['_include=CarePlan:*', 'CarePlan'],
    ['_include=Goal:addresses', 'CarePlan'],
    ['_include=CarePlan:goal:Condition', 'CarePlan'],
    ['_include=CarePlan:subject', 'CarePlan'],
    ['_include=CarePlan:toString', 'CarePlan'],
    ['_revinclude=CarePlan:care-team', 'Goal'],
    ['_revinclude=Provenance:target', 'Goal'],
  ] as const
  test.for(refusals)('%s on %s is not on the list', async ([query, type]) => {
    const answer = await get(`${type}?_id=${linked.plan}&${query}`)
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('parameter-invalid')])
  })

  test('is within the query of the scope to read it', async () => {
    const client = await gateway.addClient({
      id: 'active-goals-only',
      organizationId: sandboxOrganizations.gp.id,
      profile: 'smart',
      scopes: ['system/CarePlan.rs', 'system/Condition.r', 'system/Goal.r?lifecycle-status=cancelled'],
      purposeOfUse: ['TREAT'],
    })
    const query = `CarePlan?_id=${linked.plan}&_include=CarePlan:goal&_include=CarePlan:condition`
    expect(await including(query, await client.token())).toEqual([linked.condition])
  })

  test('needs the scope to read it', async () => {
    const narrow = await gateway.addClient({
      id: 'plans-only',
      organizationId: sandboxOrganizations.gp.id,
      profile: 'smart',
      scopes: ['system/CarePlan.rs'],
      purposeOfUse: ['TREAT'],
    })
    const token = await narrow.token()
    for (const id of [linked.plan, randomUUID()]) {
      const answer = await get(`CarePlan?_id=${id}&_include=CarePlan:goal`, token)
      const text =
        'to include this needs the scope `system/Goal.r`; ask the token endpoint for it, or leave the parameter out'
      expect([answer.status, answer.json()]).toEqual([403, outcome('scope-insufficient', text)])
    }
  })
})
