import { randomUUID } from 'node:crypto'
import type { Bundle, CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { auditRows, effectsOf } from '#test/rows.ts'
import { labelsIn, piecesIn } from '#test/secrets.ts'
import { validator } from '#test/validator.ts'

const { elmer, berggren } = sandboxCitizens
/** Known to nobody. */
const stranger = { system: elmer.system, value: '0201919990' }
const FORM = 'application/x-www-form-urlencoded'

let gateway: TestGateway
let hospital: string
let gp: string
/** Elmer's plans, the older first, and Berggren's: the GP may see Elmer's alone. */
let first: string
let second: string
let hidden: string
let elmersId: string
let berggrensId: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  const client = gateway.client('hospital-ehr')
  hospital = await client.token()
  gp = await gateway.client('gp-system').token()
  const plan = async (change: Partial<CarePlan>): Promise<string> =>
    idOf(await sendFhir(client, 'POST', '/fhir/CarePlan', { ...sampleCarePlan(), ...change }))
  first = await plan({})
  second = await plan({ status: 'completed' })
  hidden = await plan({ subject: { identifier: { ...berggren } } })
  await sendFhir(
    client,
    'POST',
    '/fhir/Consent',
    sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY']),
  )
  elmersId = await subjectIdOf(first)
  berggrensId = await subjectIdOf(hidden)
})
afterAll(() => gateway.close())

async function subjectIdOf(id: string): Promise<string> {
  const answer = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, { token: hospital })
  return (answer.json() as CarePlan).subject.reference?.slice('Patient/'.length) ?? ''
}

function get(query: string, token = gp, headers: Record<string, string> = {}): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/CarePlan${query}`, { token, headers })
}

function post(form: string, token = gp, query = ''): Promise<Received> {
  const path = `/fhir/CarePlan/_search${query}`
  return sendRaw(gateway.baseUrl, path, { method: 'POST', token, type: FORM, body: form })
}

function byNationalId({ system, value }: { system: string; value: string }): string {
  return new URLSearchParams({ 'patient.identifier': `${system}|${value}` }).toString()
}

function ids(answer: Received): string[] {
  return ((answer.json() as Bundle).entry ?? []).map(({ resource }) => resource?.id ?? '')
}

const empty = (path: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link: [{ relation: 'self', url: `${gateway.baseUrl}${path}` }],
})

describe('search by citizen', () => {
  test.each([
    ['GET', () => get(`?patient=Patient/${elmersId}`)],
    ['GET, by the id alone', () => get(`?subject=${elmersId}`)],
    ['POST _search by national id', () => post(byNationalId(elmer))],
    ['POST _search by reference', () => post(`patient=Patient/${elmersId}`)],
  ])('%s answers what a consent permits, redacted, newest first', async (_title, ask) => {
    const answer = await ask()
    expect(answer.status).toBe(200)
    const bundle = answer.json() as Bundle<CarePlan>
    expect(['total' in bundle, ids(answer)]).toEqual([false, [second, first]])
    expect(bundle.entry?.map(({ fullUrl, search }) => ({ fullUrl, search }))).toEqual(
      [second, first].map((id) => ({
        fullUrl: `${gateway.baseUrl}/fhir/CarePlan/${id}`,
        search: { mode: 'match' },
      })),
    )
    expect(bundle.entry?.map(({ resource }) => resource?.activity?.length)).toEqual([3, 3])
    expect(answer.text).not.toMatch(/alkohol/i)
    // The recipient must know whose record it is; the link of the Bundle must not.
    expect(bundle.link?.[0]?.url).not.toContain(elmer.value)
    expect(validator.validate(bundle)).toEqual([])
  })

  test('a citizen without visible records is answered as one whom nobody knows', async () => {
    const known = await post(byNationalId(berggren))
    expect(known.json()).toEqual(empty('/fhir/CarePlan'))
    expect(comparable(known)).toEqual(comparable(await post(byNationalId(stranger))))
    expect(validator.validate(known.json() as Bundle)).toEqual([])
    const byReference = await get(`?patient=Patient/${berggrensId}`)
    const random = randomUUID()
    const unknown = await get(`?patient=Patient/${random}`)
    expect(byReference.text.replaceAll(berggrensId, 'x')).toBe(unknown.text.replaceAll(random, 'x'))
  })

  test('what may not be seen is not counted, and the author sees its own whole', async () => {
    const both = await get(`?_id=${first},${hidden}`)
    expect(ids(both)).toEqual([first])
    const own = await get(`?_id=${first},${hidden}`, hospital)
    expect(ids(own)).toHaveLength(2)
    expect(own.text).toMatch(/alkohol/i)
  })
})

describe('filters', () => {
  const cases: readonly (readonly [title: string, query: () => string, want: () => string[]])[] = [
    ['one code', () => `status=completed`, () => [second]],
    ['either of two codes', () => `status=completed,active`, () => [second, first]],
    ['both of two parameters', () => `status=completed&intent=order`, () => []],
    ['a code with its system', () => `activity-code=urn:oid:1.2.208.176.2.4.12|DF331`, () => [second, first]],
    ['an id', () => `_id=${first}`, () => [first]],
    ['an id that is none', () => `_id=134418`, () => []],
    ['repeated ids hold together', () => `_id=${first}&_id=${second}`, () => []],
    ['changed since a day', () => `_lastUpdated=ge2026-01-01`, () => [second, first]],
    ['changed after a day', () => `_lastUpdated=gt2999-12-31`, () => []],
    [
      'repeated bounds hold together, whatever their order',
      () => `_lastUpdated=ge2999-01-01&_lastUpdated=ge2000-01-01`,
      () => [],
    ],
    ['changed before an instant', () => `_lastUpdated=lt2000-01-01T00:00:00Z`, () => []],
    ['a second question mark ends nothing', () => `status=completed,a?b&intent=order`, () => []],
  ]
  test.for(cases)('%s', async ([, query, want]) => {
    expect(ids(await get(`?patient=${elmersId}&${query()}`))).toEqual(want())
    expect(ids(await post(`patient=${elmersId}&${query()}`))).toEqual(want())
  })

  test('a bound that was just answered takes its resource in with ge and le, and leaves it out with gt and lt', async () => {
    const read = await get(`/${first}`)
    const at = (read.json() as CarePlan).meta?.lastUpdated ?? ''
    const found = async (prefix: string): Promise<boolean> =>
      ids(await get(`?_id=${first}&_lastUpdated=${prefix}${at}`)).includes(first)
    expect([await found('ge'), await found('le'), await found('gt'), await found('lt')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('refusals', () => {
  const IN_URL =
    'a national id must not stand in a URL: send it in the form body of `POST …/_search`, and treat this one as logged'
  const KNOWN =
    'this parameter is not known for CarePlan; known are patient, patient.identifier, _id, _lastUpdated, _count, _sort, _elements, _summary, _include, _revinclude, date, status, intent, category, activity-code, identifier. To have it ignored send `Prefer: handling=lenient`'
  const REFERENCE =
    'a `Patient/…` reference from an earlier answer is needed; to ask by national id, POST `patient.identifier` to `_search`'
  const INSTANT =
    'write one of eq, ne, gt, lt, ge, le, sa, eb or no prefix, and a date, or an instant with its zone, such as `ge2026-01-31T00:00:00Z`'
  const TOO_WIDE =
    'name one citizen with `patient`, or resources with `_id`; to learn of changes for all citizens, make a Subscription'

  // prettier-ignore
  const cases = [
    { title: 'nothing asked', query: '', want: outcome('search-too-wide', TOO_WIDE) },
    { title: 'no citizen', query: '?status=active', want: outcome('search-too-wide', TOO_WIDE) },
    { title: 'two citizens', query: `?patient=${randomUUID()}&patient=${randomUUID()}`, want: outcome('parameter-invalid', 'name one citizen, once', 'patient') },
    { title: 'a national id in the URL', query: `?${byNationalId(elmer)}`, want: outcome('parameter-invalid', IN_URL, 'patient.identifier') },
    { title: 'a national id in the URL, as a modifier', query: `?subject:identifier=${elmer.value}`, want: outcome('parameter-invalid', IN_URL, 'subject:identifier') },
    { title: 'a national id as a reference', query: `?patient=${elmer.value}`, want: outcome('parameter-invalid', REFERENCE, 'patient') },
    { title: 'a national id as a name of a parameter', query: `?${elmer.value}=1`, want: outcome('parameter-unknown', KNOWN) },
    { title: 'an unknown parameter', query: '?_id=x&title=Plan', want: outcome('parameter-unknown', KNOWN, 'title') },
    { title: 'an unknown modifier', query: '?_id=x&status:not=active', want: outcome('parameter-unknown', KNOWN, 'status:not') },
    { title: 'a time without a zone', query: '?_id=x&_lastUpdated=2026-01-01T10:00:00', want: outcome('parameter-invalid', INSTANT, '_lastUpdated') },
    { title: 'a prefix that R4 calls approximate', query: '?_id=x&date=ap2026-01-01', want: outcome('parameter-invalid', INSTANT, 'date') },
    { title: 'more on a page than there may be', query: '?_id=x&_count=501', want: outcome('parameter-invalid', 'ask for 1 to 500', '_count') },
    { title: 'none on a page', query: '?_id=x&_count=0', want: outcome('parameter-invalid', 'ask for 1 to 500', '_count') },
    { title: 'a count', query: '?_id=x&_summary=count', want: outcome('parameter-invalid', 'there is no `count`: it would count what you may not see, or cost a decision for each record; ask for a page', '_summary') },
    { title: 'a total', query: '?_id=x&_total=accurate', want: outcome('parameter-invalid', 'there is no total: it would count what you may not see, or cost a decision for each record', '_total') },
    { title: 'an order that there is not', query: '?_id=x&_sort=status', want: outcome('parameter-invalid', 'CarePlan is sorted by one of `_lastUpdated`, `-_lastUpdated`, `date`, `-date`', '_sort') },
    { title: 'an element that there is not', query: '?_id=x&_elements=title,activity.detail', want: outcome('parameter-invalid', 'name elements of CarePlan as R4 does, at most 50 and none inside another, separated by commas', '_elements') },
    { title: 'elements and a summary', query: '?_id=x&_elements=title&_summary=true', want: outcome('parameter-invalid', 'ask for `_summary` or for `_elements`, not for both', '_elements') },
    { title: 'the narrative with what goes with it', query: '?_id=x&_include=CarePlan:goal&_summary=text', want: outcome('parameter-invalid', '`text` goes with no `_include` and no `_revinclude`', '_summary') },
    { title: 'what is included, followed further', query: '?_id=x&_include:iterate=CarePlan:goal', want: outcome('parameter-invalid', 'what is included is not followed further: ask for it in a request of its own', '_include') },
    { title: 'a reverse chain', query: '?_id=x&_has:Goal:subject:status=x', want: outcome('parameter-invalid', 'records are not found by what points to them: ask for that, and take `_include`', '_has') },
    { title: 'a label', query: '?_id=x&_security=R', want: outcome('parameter-invalid', 'labels are what is decided by, and nothing is found by them', '_security') },
    { title: 'a day that no calendar has', query: '?_id=x&_lastUpdated=ge2026-02-30', want: outcome('parameter-invalid', INSTANT, '_lastUpdated') },
    { title: 'a date in words', query: `?_id=x&_lastUpdated=ge${encodeURIComponent('Jan 1 2026 (2509479989)')}`, want: outcome('parameter-invalid', INSTANT, '_lastUpdated') },
    { title: 'more values than are read', query: `?_id=${Array.from({ length: 101 }, () => 'x').join()}`, want: outcome('parameter-invalid', 'at most 100 values are read', '_id') },
    { title: 'more parameters than are read', query: `?${Array.from({ length: 51 }, () => '_id=x').join('&')}`, want: outcome('parameter-invalid', 'at most 50 parameters are read') },
  ]
  test.for(cases)('$title', async ({ query, want }) => {
    const linesBefore = gateway.logged.length
    const { result: answer, effects } = await effectsOf(gateway.database, () => get(query))
    expect([answer.status, answer.json()]).toEqual([400, want])
    expect(effects).toEqual({ added: {}, audit: [] })
    const told = [answer.text, [...answer.headers].join(), ...gateway.logged.slice(linesBefore)].join('\n')
    expect(piecesIn(told, [elmer.value])).toEqual([])
  })

  test('an id of another shape is not repeated in the link', async () => {
    const answer = await get(`?_id=${elmer.value}`)
    expect(answer.json()).toEqual(empty('/fhir/CarePlan?_id='))
  })

  test('POST _search takes nothing from its URL', async () => {
    const answer = await post(`_id=${first}`, gp, `?${byNationalId(elmer)}`)
    const text = 'send every parameter in the form body; none may stand in the URL of `_search`'
    expect([answer.status, answer.json()]).toEqual([400, outcome('parameter-invalid', text)])
  })

  test('POST _search takes a form', async () => {
    const sent = { method: 'POST', token: gp, type: 'application/json', body: '{}' }
    const answer = await sendRaw(gateway.baseUrl, '/fhir/CarePlan/_search', sent)
    const text = 'this Content-Type is not read here; send `application/x-www-form-urlencoded`'
    expect([answer.status, answer.json()]).toEqual([
      415,
      outcome('media-type-unsupported', text, 'http:Content-Type'),
    ])
  })

  test.each(['134418', '|134418', 'urn:x|134418'])(
    'an identifier without a national system: %s',
    async (value) => {
      const answer = await post(new URLSearchParams({ 'patient.identifier': value }).toString())
      expect([400, 422]).toContain(answer.status)
      expect(answer.text).not.toContain('134418')
    },
  )
})

// https://hl7.org/fhir/R4/search.html#errors
describe('Prefer: handling=lenient', () => {
  const lenient = { prefer: 'respond-async, handling=lenient' }
  test('an unknown parameter is ignored, and not in the link', async () => {
    const answer = await get(`?_id=${first}&title=2509479989`, gp, lenient)
    expect(ids(answer)).toEqual([first])
    expect((answer.json() as Bundle).link).toEqual([
      { relation: 'self', url: `${gateway.baseUrl}/fhir/CarePlan?_id=${first}` },
    ])
  })

  test('an unknown modifier is not: ignored, it would answer the opposite', async () => {
    const answer = await get(`?_id=${first}&status:not=active`, gp, lenient)
    expect(answer.status).toBe(400)
  })
})

test('no figure tells who was asked about, in whatever place of a request the number stood', async () => {
  await get(`?${elmer.value}=${elmer.value}`)
  await get(`/${elmer.value}`)
  await post(byNationalId(elmer))
  const { text } = await sendRaw(gateway.baseUrl, '/metrics')
  expect(text).toMatch(/route="\/fhir\/CarePlan\/_search",status="2xx"/)
  expect(piecesIn([labelsIn(text), ...gateway.logged].join('\n'), [elmer.value, berggren.value])).toEqual([])
})

describe('what a search leaves in the audit log', () => {
  test('one row for the question, and one for each decision', async () => {
    const { result, effects } = await effectsOf(gateway.database, () => get(`?_id=${first},${hidden}`))
    const common = {
      client: 'gp-system',
      organization: sandboxOrganizations.gp.id,
      interaction: 'search-type',
      requestId: result.headers.get('x-request-id'),
      purposeOfUse: ['TREAT'],
    }
    const recipient = sandboxOrganizations.gp.id
    const custodian = sandboxOrganizations.hospital.id
    expect(effects.audit.map(({ kind }) => kind)).toEqual(['disclose', 'disclose', 'search'])
    expect(effects.audit).toMatchObject([
      {
        ...common,
        outcome: 'refused',
        effect: 'deny',
        reason: 'no-consent',
        subject: berggrensId,
        recipient,
        custodian,
        resources: [{ type: 'CarePlan', id: hidden }],
        basis: [],
        withheld: [],
      },
      {
        ...common,
        outcome: 'success',
        effect: 'permit',
        reason: 'permitted-in-part',
        subject: elmersId,
        recipient,
        custodian,
        resources: [{ type: 'CarePlan', id: first }],
        basis: [{ provision: expect.any(String) }],
      },
      { ...common, outcome: 'success' },
    ])
    expect(effects.added).toEqual({})
  })

  test('a question about nobody that is known is a row too', async () => {
    const { effects } = await effectsOf(gateway.database, () => post(byNationalId(stranger)))
    expect(effects.audit).toMatchObject([{ kind: 'search', client: 'gp-system' }])
    expect(effects.audit[0]?.subject).toBeUndefined()
  })

  test('no row holds a national id', async () => {
    const text = JSON.stringify(await auditRows(gateway.database))
    expect(text).not.toMatch(/2509479989|1502779995|0201919990/)
  })
})
