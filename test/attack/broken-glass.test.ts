/** Ways to get more out of an override than a person may: other people's grants, other citizens, other times, other law. */
import { randomUUID } from 'node:crypto'
import type { Bundle } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { type Organization, putOrganization } from '#store/organizations.ts'
import { allowOverrides } from '#store/overrides.ts'
import { findSubject } from '#store/persons.ts'
import { sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { breakGlass, grantIn, overrideParameters, physician } from '#test/overrides.ts'
import { effectsOf } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const { hospital, gp } = sandboxOrganizations
const { elmer, berggren } = sandboxCitizens

let gateway: TestGateway
let holder: string
let asker: string
/** Of the asker's own organisation, and registered for overrides too. */
let colleague: string
let plan: string
let grant: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  holder = await gateway.client('hospital-ehr').token()
  asker = await gateway.client('gp-system').token()
  await allowOverrides(gateway.database, 'gp-system', [physician])
  colleague = await overriding('gp-other-system', gp.id)
  plan = await stored(elmer)
  grant = grantIn(await breakGlass(gateway.baseUrl, asker, overrideParameters()))
})
afterAll(() => gateway.close())

async function overriding(id: string, organizationId: string, purposeOfUse = ['TREAT']): Promise<string> {
  const scopes = ['system/CarePlan.crus', 'system/Consent.crus']
  const client = await gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse })
  await allowOverrides(gateway.database, id, [physician])
  return client.token()
}

async function stored(identifier: { system: string; value: string }, token = holder): Promise<string> {
  const id = randomUUID()
  const body = { ...sampleCarePlan(), id, subject: { identifier } }
  expect((await put(`/fhir/CarePlan/${id}`, body, token)).status).toBe(201)
  return id
}

const put = (path: string, body: object, token = holder): Promise<Received> =>
  sendRaw(gateway.baseUrl, path, { method: 'PUT', token, type: FHIR_JSON, body: JSON.stringify(body) })

function read(id: string, header: string | undefined, token = asker): Promise<Received> {
  const headers = header === undefined ? {} : { 'sluse-override': header }
  return sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, { token, headers })
}

const uuidOf = (urn: string): string => urn.slice('urn:uuid:'.length)

const NOT_IN_FORCE = outcome(
  'override-refused',
  'this override is not in force for your client; open a new one with `POST /fhir/Consent/$override`, or leave the header out',
  'http:Sluse-Override',
)

async function expectNothing(header: string, token = asker): Promise<void> {
  const { result: answer, effects } = await effectsOf(gateway.database, () => read(plan, header, token))
  expect([answer.status, answer.json()]).toEqual([403, NOT_IN_FORCE])
  expect(effects).toEqual({ added: {}, audit: [] })
}

/** As without a grant: the same answer, and the custodian learns that it was tried. */
async function expectDenied(id: string, header: string, token = asker): Promise<void> {
  const ordinary = comparable(await read(id, undefined, token))
  const { result: answer, effects } = await effectsOf(gateway.database, () => read(id, header, token))
  expect(answer.status).toBe(404)
  expect(comparable(answer)).toEqual(ordinary)
  expect(effects.audit).toMatchObject([{ kind: 'disclose', effect: 'deny', outcome: 'refused' }])
}

async function workItems(): Promise<number> {
  return (await gateway.database.query({ text: 'select 1 from work_item' })).length
}

describe('a grant that is not in force for the client is refused with one text', () => {
  test("another client's, also of the same organisation", async () => {
    expect((await read(plan, grant)).status).toBe(200)
    await expectNothing(grant, colleague)
  })

  test('one that nobody opened', () => expectNothing(`urn:uuid:${randomUUID()}`))

  test('one whose time is over: the same request again opens nothing', async () => {
    const short = grantIn(await breakGlass(gateway.baseUrl, asker, overrideParameters()))
    expect((await read(plan, short)).status).toBe(200)
    await gateway.database.query({
      text: `
update override_grant set opened_at = opened_at - interval '2 hours', expires_at = now() - interval '1 millisecond'
where override_id = $1`,
      values: [uuidOf(short)],
    })
    await expectNothing(short)
  })

  test('a search as well: an empty answer would be read as "there is nothing"', async () => {
    const subjectId = await findSubject(gateway.database, gateway.seal, elmer)
    const answer = await sendRaw(gateway.baseUrl, `/fhir/CarePlan?patient=${subjectId}`, {
      token: asker,
      headers: { 'sluse-override': `urn:uuid:${randomUUID()}` },
    })
    expect([answer.status, answer.json()]).toEqual([403, NOT_IN_FORCE])
  })

  test.each(['', '*', 'BTG', 'urn:uuid:2509479989', `${randomUUID()}, ${randomUUID()}`])(
    'a header that is no grant: `%s`',
    async (header) => {
      const answer = await read(plan, header)
      const text = 'send the `override` that `$override` answered with, as it was'
      expect([answer.status, answer.json()]).toEqual([
        400,
        outcome('parameter-invalid', text, 'http:Sluse-Override'),
      ])
    },
  )
})

describe('a grant opens nothing', () => {
  test('about another citizen, also in a search that names both', async () => {
    const others = await stored(berggren)
    await expectDenied(others, grant)
    const answer = await sendRaw(gateway.baseUrl, `/fhir/CarePlan?_id=${plan},${others}`, {
      token: asker,
      headers: { 'sluse-override': grant },
    })
    expect((answer.json() as Bundle).entry?.map(({ resource }) => resource?.id)).toEqual([plan])
  })

  test('once the person is struck off, or the client', async () => {
    const token = await overriding('gp-third-system', gp.id)
    const own = grantIn(await breakGlass(gateway.baseUrl, token, overrideParameters()))
    expect((await read(plan, own, token)).status).toBe(200)
    await allowOverrides(gateway.database, 'gp-third-system', [{ ...physician, value: '0XX98' }])
    await expectDenied(plan, own, token)
    await allowOverrides(gateway.database, 'gp-third-system', [])
    await expectDenied(plan, own, token)
  })

  test('on a ground that the law of whoever holds the record does not know', async () => {
    const norwegian: Organization = {
      ...hospital,
      id: randomUUID(),
      jurisdiction: 'NO',
      timeZone: 'Europe/Oslo',
      identifiers: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '999999999' }],
    }
    await putOrganization(gateway.database, norwegian)
    const token = await overriding('norwegian-hospital', norwegian.id)
    await expectDenied(await stored(elmer, token), grant)
  })

  test('to a unit of unknown type: a hard stop lifts for nobody', async () => {
    const { unitType: _unitType, ...unknown } = { ...gp, id: randomUUID(), identifiers: [] }
    await putOrganization(gateway.database, unknown)
    const token = await overriding('untyped-unit', unknown.id)
    const own = grantIn(await breakGlass(gateway.baseUrl, token, overrideParameters()))
    const items = await workItems()
    await expectDenied(plan, own, token)
    expect(await workItems()).toBe(items)
  })

  test('for a purpose in the registration: a person declares it, with a grant, or nobody', async () => {
    const token = await overriding('gp-emergency-system', gp.id, ['TREAT', 'BTG'])
    const { result: answer, effects } = await effectsOf(gateway.database, () => read(plan, undefined, token))
    expect(answer.status).toBe(404)
    expect(effects.audit).toMatchObject([{ effect: 'deny', purposeOfUse: ['TREAT'] }])
  })
})

describe('consents', () => {
  const BTG = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'BTG' }
  const consent = (type: 'permit' | 'deny', purpose?: object): object => {
    const { provision, ...base } = sampleConsent(gp.identifiers[2], [])
    const { securityLabel: _label, purpose: _purpose, ...rule } = provision ?? {}
    return {
      ...base,
      patient: { identifier: { ...berggren } },
      provision: { ...rule, type, ...(purpose ? { purpose: [purpose] } : {}) },
    }
  }
  let berggrens: string
  let own: string
  beforeAll(async () => {
    berggrens = await stored(berggren)
    const patient = { patient: { valueIdentifier: { ...berggren } } }
    own = grantIn(await breakGlass(gateway.baseUrl, asker, overrideParameters(patient)))
  })

  async function withConsent(body: object, work: () => Promise<void>): Promise<void> {
    const id = randomUUID()
    expect((await put(`/fhir/Consent/${id}`, { ...body, id })).status).toBe(201)
    try {
      await work()
    } finally {
      expect((await put(`/fhir/Consent/${id}`, { ...body, id, status: 'inactive' })).status).toBe(200)
    }
  }

  test('one that denies in general gives way to an emergency', () =>
    withConsent(consent('deny'), async () => {
      expect((await read(berggrens, undefined)).status).toBe(404)
      expect((await read(berggrens, own)).status).toBe(200)
    }))

  test('one that denies emergencies by name is heard in one, and the attempt is on the timeline', () =>
    withConsent(consent('deny', BTG), async () => {
      const items = await workItems()
      const { result: answer, effects } = await effectsOf(gateway.database, () => read(berggrens, own))
      expect(answer.status).toBe(404)
      expect(effects.audit).toMatchObject([
        { effect: 'deny', override: { id: uuidOf(own), ground: 'patient-unreachable' } },
      ])
      expect(await workItems()).toBe(items)
    }))

  test('one that permits emergencies by name opens nothing without a person, and a review with one', () =>
    withConsent(consent('permit', BTG), async () => {
      await gateway.database.query({ text: 'delete from work_item' })
      const token = await overriding('gp-ambulance', gp.id, ['TREAT', 'BTG'])
      expect((await read(berggrens, undefined, token)).status).toBe(404)
      const { effects } = await effectsOf(gateway.database, () => read(berggrens, own))
      expect(effects.audit).toMatchObject([{ effect: 'permit', reason: 'permitted-by-break-glass-consent' }])
      const items = await gateway.database.query({ text: 'select code, reason from work_item' })
      expect(items).toEqual([{ code: 'review-override', reason: 'permitted-by-break-glass-consent' }])
    }))
})
