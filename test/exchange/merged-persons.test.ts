/** Two subjects that are one citizen: a merge never lets anybody see more, and taking it back moves nothing. */
import { randomUUID } from 'node:crypto'
import type { AuditEvent, Bundle, CarePlan, Consent, Parameters } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { personSystem } from '#fhir/person-identifier.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { confirmAudited, mergeAudited, unmergeAudited } from '#store/link-persons.ts'
import { type Linked, suspendedOf } from '#store/merged-persons.ts'
import { findSubject } from '#store/persons.ts'
import { syntheticCitizen } from '#test/citizens.ts'
import { idOf, sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { auditRows } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const replacement = { system: personSystem.xEcpr, value: '0703921VJ4' }
const cpr = { system: personSystem.cpr, value: '1502829995' }
const gpNumber = sandboxOrganizations.gp.identifiers[2]

let gateway: TestGateway
let hospital: string
let gp: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await gateway.client('hospital-ehr').token()
  gp = await gateway.client('gp-system').token()
})
afterAll(() => gateway.close())

type NationalNumber = typeof cpr | typeof replacement | { readonly system: string; readonly value: string }

const send = (token: string, method: string, path: string, body?: object): Promise<Received> =>
  sendRaw(gateway.baseUrl, path, {
    method,
    token,
    type: FHIR_JSON,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

async function plan(identifier: NationalNumber): Promise<string> {
  const made = await send(hospital, 'POST', '/fhir/CarePlan', {
    ...sampleCarePlan(),
    subject: { identifier },
  })
  expect([made.status, made.text.slice(0, 300)]).toEqual([201, made.text.slice(0, 300)])
  return idOf(made)
}

async function consent(
  identifier: NationalNumber,
  type: 'permit' | 'deny' = 'permit',
  labels: readonly string[] = ['PSY'],
): Promise<string> {
  const sample = sampleConsent(gpNumber, labels)
  const sent: Consent = { ...sample, patient: { identifier }, provision: { ...sample.provision, type } }
  const made = await send(hospital, 'POST', '/fhir/Consent', sent)
  expect([made.status, made.text.slice(0, 300)]).toEqual([201, made.text.slice(0, 300)])
  return idOf(made)
}

async function subject({ system, value }: NationalNumber): Promise<string> {
  const found = await findSubject(gateway.database, gateway.seal, { system, value })
  if (!found) throw new Error('nobody has this number')
  return found
}

const by = { operator: 'the test', now: () => new Date(), newId: randomUUID }
const merge = (from: string, into: string): Promise<Linked> =>
  gateway.database.transaction((tx) => mergeAudited(tx, by, { from, into }))
const unmerge = (subjectId: string): Promise<Linked> =>
  gateway.database.transaction((tx) => unmergeAudited(tx, by, subjectId))
const confirm = (consentId: string) => gateway.database.transaction((tx) => confirmAudited(tx, by, consentId))

async function confirmAll(subjectIds: readonly string[]): Promise<void> {
  for (const { consentId } of await suspendedOf(gateway.database, { subjectIds })) await confirm(consentId)
}

/** Status of a read by each. */
const reads = async (token: string, ...ids: readonly string[]): Promise<number[]> =>
  Promise.all(ids.map(async (id) => (await send(token, 'GET', `/fhir/CarePlan/${id}`)).status))

async function searched(token: string, { system, value }: NationalNumber): Promise<string[]> {
  const answer = await sendRaw(gateway.baseUrl, '/fhir/CarePlan/_search', {
    method: 'POST',
    token,
    type: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ 'patient.identifier': `${system}|${value}` }).toString(),
  })
  return ((answer.json() as Bundle).entry ?? []).map(({ resource }) => resource?.id ?? '').sort()
}

const lastReason = async (id: string): Promise<string | undefined> =>
  (await auditRows(gateway.database)).findLast(
    ({ kind, resources }) => kind === 'disclose' && resources?.some((each) => each.id === id),
  )?.reason

describe('a replacement number turns out to be somebody with a CPR', () => {
  let old: { readonly plan: string; readonly subject: string }
  let now: { readonly plan: string; readonly subject: string; readonly consent: string }
  beforeAll(async () => {
    const [oldPlan, newPlan] = [await plan(replacement), await plan(cpr)]
    const consentId = await consent(cpr)
    old = { plan: oldPlan, subject: await subject(replacement) }
    now = { plan: newPlan, subject: await subject(cpr), consent: consentId }
  })

  test('before: the consent is about the records of its own number', async () => {
    expect(await reads(gp, old.plan, now.plan)).toEqual([404, 200])
  })

  test('merged: nobody but the custodian gets anything, and the reason is in the log', async () => {
    const { subjectIds, suspended } = await merge(old.subject, now.subject)
    expect(subjectIds).toEqual([old.subject, now.subject].sort())
    expect(suspended).toMatchObject([{ consentId: now.consent, cause: 'merged', subjectId: now.subject }])
    expect(await reads(gp, old.plan, now.plan)).toEqual([404, 404])
    expect([await lastReason(old.plan), await lastReason(now.plan)]).toEqual([
      'identity-unsafe',
      'identity-unsafe',
    ])
    expect(await searched(gp, cpr)).toEqual([])
    expect(await reads(hospital, old.plan, now.plan)).toEqual([200, 200])
    // That the two are one is not told before a person has said so.
    expect(await searched(hospital, cpr)).toEqual([now.plan])
  })

  test('a new consent that takes the place of the suspended one does not get round it', async () => {
    const later = await consent(cpr)
    const before = (await send(hospital, 'GET', `/fhir/Consent/${now.consent}`)).json() as Consent
    expect(before.status).toBe('inactive')
    expect(await reads(gp, old.plan, now.plan)).toEqual([404, 404])
    expect(await suspendedOf(gateway.database, { consentId: later })).toEqual([])
  })

  test('confirmed: the consents as they stand decide about the records of both', async () => {
    expect(await confirm(now.consent)).toMatchObject({ consentId: now.consent })
    expect(await confirm(now.consent)).toBeUndefined()
    expect(await reads(gp, old.plan, now.plan)).toEqual([200, 200])
    const both = [old.plan, now.plan].sort()
    expect([await searched(gp, cpr), await searched(gp, replacement)]).toEqual([both, both])
    expect(await searched(hospital, replacement)).toEqual(both)
    // Each record stays as its author sent it.
    const read = (await send(gp, 'GET', `/fhir/CarePlan/${old.plan}`)).json() as CarePlan
    expect(read.subject).toEqual({ reference: `Patient/${old.subject}`, identifier: replacement })
  })

  test('a refusal under one number holds for what was sent under the other', async () => {
    const refusal = await consent(replacement, 'deny')
    expect(await reads(gp, old.plan, now.plan)).toEqual([404, 404])
    const stored = (await send(hospital, 'GET', `/fhir/Consent/${refusal}`)).json() as Consent
    const withdrawn = await sendRaw(gateway.baseUrl, `/fhir/Consent/${refusal}`, {
      method: 'PUT',
      token: hospital,
      type: FHIR_JSON,
      headers: { 'if-match': `W/"${stored.meta?.versionId}"` },
      body: JSON.stringify({ ...stored, status: 'inactive' }),
    })
    expect([withdrawn.status, withdrawn.text.slice(0, 200)]).toEqual([200, withdrawn.text.slice(0, 200)])
    expect(await reads(gp, old.plan, now.plan)).toEqual([200, 200])
  })

  test('the audit log of the custodian tells what was done, by whom, of the subject that it holds', async () => {
    const officer = await gateway.client('privacy-officer').token()
    const found = await send(officer, 'GET', `/fhir/AuditEvent?patient=Patient/${now.subject}&_count=100`)
    const events = ((found.json() as Bundle<AuditEvent>).entry ?? []).flatMap(
      ({ resource }) => resource ?? [],
    )
    const told = events.flatMap(({ subtype = [], agent }) =>
      subtype.flatMap(({ code = '' }) =>
        /^(person-|consent-confirm)/.test(code) ? [`${code} by ${agent[0]?.who?.identifier?.value}`] : [],
      ),
    )
    expect(told.sort()).toEqual([
      'consent-confirm by the test',
      'person-merge by the test',
      'person-merge by the test',
    ])
  })

  test('unmerged: each has its own records again, and nothing goes out before the consents are confirmed', async () => {
    await unmerge(old.subject)
    expect(await reads(gp, old.plan, now.plan)).toEqual([404, 404])
    expect(await searched(hospital, cpr)).toEqual([now.plan])
    const waiting = await suspendedOf(gateway.database, { subjectIds: [old.subject, now.subject] })
    expect(new Set(waiting.map(({ cause }) => cause))).toEqual(new Set(['unmerged']))
    await confirmAll([now.subject])
    expect(await reads(gp, old.plan, now.plan)).toEqual([404, 200])
  })

  test.each([
    ['the same subject twice', () => merge(old.subject, old.subject), 'both name the same subject; name two'],
    ['somebody unknown', () => merge(randomUUID(), old.subject), 'there is no such subject here'],
    ['one that is merged with nobody', () => unmerge(old.subject), 'the subject is merged with nobody'],
  ])('%s is refused', async (_, work, text) => {
    await expect(work()).rejects.toThrow(text)
  })
})

describe('what else speaks of a citizen who was merged', () => {
  const one = syntheticCitizen(60)
  const other = syntheticCitizen(65)
  let plans: readonly [string, string]
  let consentId: string
  let subjects: readonly [string, string]
  beforeAll(async () => {
    plans = [await plan(one), await plan(other)]
    consentId = await consent(other)
    subjects = [await subject(one), await subject(other)]
    await merge(...between(subjects))
  })
  const between = ([from, into]: readonly [string, string]): [string, string] => [from, into]

  async function decided(): Promise<string[]> {
    const asked: Parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueIdentifier: { ...one } },
        { name: 'recipient', valueIdentifier: { ...gpNumber } },
        {
          name: 'purpose',
          valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' },
        },
      ],
    }
    const answer = await send(hospital, 'POST', '/fhir/Consent/$decide', asked)
    expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, ''])
    return ((answer.json() as Parameters).parameter ?? [])
      .filter(({ name }) => name === 'result')
      .map(({ part = [] }) => {
        const reference = part.find(({ name }) => name === 'reference')?.valueReference?.reference
        const effect = part.find(({ name }) => name === 'effect')?.valueCode
        return `${reference} ${effect}`
      })
      .filter((line) => line.startsWith('CarePlan/'))
      .sort()
  }

  test('`$decide` says of it what the door does', async () => {
    expect(await decided()).toEqual([`CarePlan/${plans[0]} deny`])
    await confirm(consentId)
    expect(await reads(gp, ...plans)).toEqual([200, 200])
    expect(await decided()).toEqual(plans.map((id) => `CarePlan/${id} redact`).sort())
  })

  test('`$withdraw` tells of what went out under the other number', async () => {
    const answer = await send(hospital, 'POST', `/fhir/Consent/${consentId}/$withdraw`, {
      resourceType: 'Parameters',
      parameter: [{ name: 'whole', valueBoolean: true }],
    })
    expect(answer.status).toBe(200)
    for (const id of plans) expect(answer.text).toContain(`CarePlan/${id}/_history/`)
    expect(await reads(gp, ...plans)).toEqual([404, 404])
  })
})

interface Given {
  readonly owner: 0 | 1
  readonly labels: readonly string[]
}

interface World {
  readonly permit: Given
  readonly denies: readonly Given[]
}

const given = fc.record({
  owner: fc.constantFrom<0 | 1>(0, 1),
  labels: fc.subarray(['PSY', 'ETHUD', 'SUD'], { minLength: 1 }),
})
const worlds: fc.Arbitrary<World> = fc.record({
  permit: given,
  denies: fc.array(given, { maxLength: 2 }),
})

let known = 1
let shown = 0

/** Plans and consents of two subjects, or of one citizen with one number: the same world. */
async function populate(
  { permit, denies }: World,
  numbers: readonly [NationalNumber, NationalNumber],
): Promise<string[]> {
  const plans = [await plan(numbers[0]), await plan(numbers[1])]
  await consent(numbers[permit.owner], 'permit', permit.labels)
  for (const { owner, labels } of denies) await consent(numbers[owner], 'deny', labels)
  return plans
}

/** What the recipient gets of each: the paths of what is there, or nothing. */
async function gets(plans: readonly string[]): Promise<string[][]> {
  return Promise.all(
    plans.map(async (id) => {
      const answer = await send(gp, 'GET', `/fhir/CarePlan/${id}`)
      const { activity = [], title } = answer.json() as CarePlan
      if (answer.status !== 200) return []
      return [
        `title ${title}`,
        ...activity.map(({ detail }) => `activity ${detail?.description ?? ''}`),
      ].sort()
    }),
  )
}

test('whatever the consents: merged gives nothing new, confirmed gives what one citizen would have had, unmerged what was before', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const [one, other, both] = [
        syntheticCitizen(known++),
        syntheticCitizen(known++),
        syntheticCitizen(known++),
      ]
      const [plans, together] = [await populate(world, [one, other]), await populate(world, [both, both])]
      const before = await gets(plans)
      const [from, into] = [await subject(one), await subject(other)]

      await merge(from, into)
      expect(await gets(plans)).toEqual([[], []])
      await confirmAll([from, into])
      const whole = await gets(together)
      expect(await gets(plans)).toEqual(whole)
      shown += whole.flat().length
      await unmerge(from)
      expect(await gets(plans)).toEqual([[], []])
      await confirmAll([from, into])
      expect(await gets(plans)).toEqual(before)
    }),
    { numRuns: 12 },
  )
  // Had nobody ever been shown anything, all of this would hold of a door that is walled up.
  expect(shown).toBeGreaterThan(0)
}, 60_000)
