/** From a denied read in an emergency to the review of what was opened: what each of the three learns on the way. */
import { randomUUID } from 'node:crypto'
import type { AuditEvent, Bundle, CarePlan, Parameters, Task } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { allowOverrides } from '#store/overrides.ts'
import { sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { breakGlass, grantIn, overrideParameters, physician } from '#test/overrides.ts'
import { auditRows, effectsOf } from '#test/rows.ts'
import { validator } from '#test/validator.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const { hospital, gp } = sandboxOrganizations

let gateway: TestGateway
let hospitalToken: string
let gpToken: string
let reviewer: string
/** Of the organisation that broke the glass: it does not review itself. */
let stranger: string
const planId = randomUUID()
let elmersId: string
let grant: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospitalToken = await gateway.client('hospital-ehr').token()
  gpToken = await gateway.client('gp-system').token()
  await allowOverrides(gateway.database, 'gp-system', [physician])
  reviewer = await officer('hospital-reviewer', hospital.id)
  stranger = await officer('gp-reviewer', gp.id)
  const stored = await send('PUT', `/fhir/CarePlan/${planId}`, { ...sampleCarePlan(), id: planId })
  expect(stored.status).toBe(201)
  const own = (await get(`/fhir/CarePlan/${planId}`, hospitalToken)).json() as CarePlan
  elmersId = own.subject.reference?.slice('Patient/'.length) ?? ''
})
afterAll(() => gateway.close())

async function officer(id: string, organizationId: string): Promise<string> {
  const scopes = ['system/Task.rus', 'system/AuditEvent.rs']
  const client = { id, organizationId, profile: 'smart', scopes, purposeOfUse: ['HCOMPL'] } as const
  return (await gateway.addClient(client)).token()
}

function send(
  method: string,
  path: string,
  body: object,
  token = hospitalToken,
  etag?: string,
): Promise<Received> {
  const headers = etag === undefined ? {} : { 'if-match': etag }
  return sendRaw(gateway.baseUrl, path, {
    method,
    token,
    type: FHIR_JSON,
    headers,
    body: JSON.stringify(body),
  })
}

const get = (path: string, token = gpToken, header?: string): Promise<Received> =>
  sendRaw(gateway.baseUrl, path, { token, headers: header === undefined ? {} : { 'sluse-override': header } })

const readPlan = (header?: string): Promise<Received> => get(`/fhir/CarePlan/${planId}`, gpToken, header)

async function tasks(query = ''): Promise<Task[]> {
  const bundle = (await get(`/fhir/Task?patient=${elmersId}${query}`, reviewer)).json() as Bundle<Task>
  return (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []))
}

const codesOf = (found: readonly Task[]): (string | undefined)[] =>
  found.map(({ code }) => code?.coding?.[0]?.code).toSorted((a = '', b = '') => a.localeCompare(b))

describe('an emergency', () => {
  test('the physician is denied, as anybody is: nothing says that there is something', async () => {
    expect((await readPlan()).status).toBe(404)
    expect(await tasks()).toEqual([])
  })

  test('breaks the glass: nothing is opened by that alone', async () => {
    grant = grantIn(await breakGlass(gateway.baseUrl, gpToken, overrideParameters()))
    expect((await readPlan()).status).toBe(404)
    expect(await tasks()).toEqual([])
  })

  test('reads with the grant: all of the plan, on the timeline as what it was', async () => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => readPlan(grant))
    expect(answer.status).toBe(200)
    const plan = answer.json() as CarePlan
    expect([plan.id, plan.activity?.length]).toEqual([planId, sampleCarePlan().activity?.length])
    expect(effects.audit).toMatchObject([
      {
        kind: 'disclose',
        effect: 'permit',
        outcome: 'success',
        reason: 'permitted-by-override',
        custodian: hospital.id,
        recipient: gp.id,
        override: { id: grant.slice('urn:uuid:'.length), ground: 'patient-unreachable' },
      },
    ])
  })

  test('searches with it as well', async () => {
    const bundle = (await get(`/fhir/CarePlan?patient=${elmersId}`, gpToken, grant)).json() as Bundle
    expect(bundle.entry?.map(({ resource }) => resource?.id)).toEqual([planId])
  })
})

describe('the review', () => {
  test('is one item with a deadline and the person, and another one to tell the patient', async () => {
    const found = await tasks()
    expect(codesOf(found)).toEqual(['inform-patient', 'review-override'])
    const [review] = found.filter(({ code }) => code?.coding?.[0]?.code === 'review-override')
    expect(review).toMatchObject({
      status: 'requested',
      for: { reference: `Patient/${elmersId}` },
      owner: { reference: `Organization/${hospital.id}` },
      requester: { identifier: physician },
      identifier: [{ value: grant.slice('urn:uuid:'.length) }],
      reasonCode: { coding: [{ code: 'permitted-by-override' }] },
    })
    const dueMs = Date.parse(review?.restriction?.period?.end ?? '') - Date.parse(review?.authoredOn ?? '')
    expect(Math.round(dueMs / 3_600_000)).toBe(72)
    const metrics = await (await fetch(`${gateway.baseUrl}/metrics`)).text()
    expect(metrics).toContain('sluse_overrides_total{ground="patient-unreachable"} 1')
  })

  test('shows the reason to the reviewer, and logs that it was read', async () => {
    const [review] = await tasks('&code=review-override')
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      get(`/fhir/Task/${review?.id}/$reason`, reviewer),
    )
    const { parameter = [] } = answer.json() as Parameters
    expect(validator.validate(answer.json() as Parameters)).toEqual([])
    expect(parameter.map(({ name }) => name)).toEqual(['person', 'ground', 'reason', 'opened', 'until'])
    expect(parameter[0]?.valueIdentifier).toEqual(physician)
    expect(parameter[2]?.valueString).toBe('Bevidstløs i modtagelsen, ukendt medicin')
    expect(effects.audit).toMatchObject([{ kind: 'work-item', interaction: '$reason', subject: elmersId }])
    expect((await get(`/fhir/Task/${review?.id}/$reason`, stranger)).status).toBe(404)
    const [informing] = await tasks('&code=inform-patient')
    expect((await get(`/fhir/Task/${informing?.id}/$reason`, reviewer)).status).toBe(404)
  })

  test('the log of the citizen shows broken glass, and can be asked for it alone', async () => {
    const query = 'entity-type=https://sluse.example/fhir/CodeSystem/audit-entity|override'
    const bundle = (
      await get(`/fhir/AuditEvent?patient=${elmersId}&${query}`, reviewer)
    ).json() as Bundle<AuditEvent>
    const events = (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []))
    expect(
      events.map(({ subtype, purposeOfEvent }) => [
        subtype?.[0]?.code,
        purposeOfEvent?.map(({ coding }) => coding?.[0]?.code),
      ]),
    ).toEqual([
      ['search-type', ['TREAT', 'BTG']],
      ['read', ['TREAT', 'BTG']],
    ])
    for (const event of events) expect(event.outcomeDesc).toMatch(/^permitted-by-override: /)
  })

  test('a use after the review was completed opens another', async () => {
    for (const status of ['in-progress', 'completed'] as const) {
      const [review] = await tasks('&code=review-override')
      const moved = { ...review, status }
      const answer = await send(
        'PUT',
        `/fhir/Task/${review?.id}`,
        moved,
        reviewer,
        `W/"${review?.meta?.versionId}"`,
      )
      expect(answer.status).toBe(200)
    }
    await readPlan(grant)
    await readPlan(grant)
    const found = await tasks('&code=review-override')
    expect(found.map(({ status }) => status)).toEqual(['requested', 'completed'])
  })
})

describe('when the citizen has consented meanwhile', () => {
  test('a new grant opens nothing that was not open: no flag, no purpose, no review', async () => {
    const consent = sampleConsent(gp.identifiers[2], ['PSY', 'SUD'])
    expect((await send('POST', '/fhir/Consent', consent)).status).toBe(201)
    const before = (await tasks()).length
    const unneeded = grantIn(await breakGlass(gateway.baseUrl, gpToken, overrideParameters()))
    const { result: answer, effects } = await effectsOf(gateway.database, () => readPlan(unneeded))
    expect(answer.status).toBe(200)
    const [row] = effects.audit
    expect([row?.reason, row?.purposeOfUse, row?.override]).toEqual(['permitted', ['TREAT'], undefined])
    expect((await tasks()).length).toBe(before)
  })
})

test('no row of the log holds the person or the reason', async () => {
  const rows = JSON.stringify(await auditRows(gateway.database))
  expect(rows).not.toContain(physician.value)
  expect(rows).not.toContain('modtagelsen')
})
