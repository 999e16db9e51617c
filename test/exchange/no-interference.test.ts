import { randomUUID } from 'node:crypto'
import type { CarePlan } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sampleText, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, type Received, sendRaw } from '#test/http.ts'
import { encounter } from '#test/ways-in.ts'

/**
 * What a requester may not see must not show in anything it is answered: not in a status, a total, a header, a link or
 * the log that its own organisation may read. Two citizens: one of whom hospital and municipality hold much, and one of whom
 * nobody has ever sent anything. To the GP, both look the same, whatever is asked, in whatever order.
 */
interface Citizen {
  readonly nationalId: string
  readonly subject: string
  readonly resources: readonly string[]
  readonly events: readonly string[]
}

let gateway: TestGateway
let gp: string
let hidden: Citizen
let nobody: Citizen

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  const client = await gateway.addClient({
    id: 'gp-everything',
    organizationId: sandboxOrganizations.gp.id,
    profile: 'smart',
    scopes: ['system/*.cruds'],
    purposeOfUse: ['TREAT'],
  })
  gp = await client.token()
  hidden = await hold('1502779995')
  const fresh = <T>(list: readonly T[]): string[] => list.map(() => randomUUID())
  nobody = {
    nationalId: '0201919990',
    subject: randomUUID(),
    resources: fresh(hidden.resources),
    events: fresh(hidden.events),
  }
})
afterAll(() => gateway.close())

/** Plans, a stay and consents that name others, of one citizen; and what the log says of them. */
async function hold(cpr: string): Promise<Citizen> {
  const hospital = gateway.client('hospital-ehr')
  const named = { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: cpr } }
  const { id: _id, ...plan } = sampleCarePlan()
  const consent = sampleConsent(sandboxOrganizations.municipality.identifiers[0], ['PSY'])
  const stored = [
    await sendFhir(hospital, 'POST', '/fhir/CarePlan', { ...plan, subject: named }),
    await sendFhir(hospital, 'POST', '/fhir/CarePlan', { ...plan, status: 'completed', subject: named }),
    await sendFhir(hospital, 'POST', '/fhir/Encounter', { ...encounter, subject: named }),
    await sendFhir(hospital, 'POST', '/fhir/Consent', { ...consent, patient: named }),
  ]
  const record = sampleText('municipality-record.json').replaceAll('2509479989', cpr)
  const body = { type: 'application/json', content: record }
  expect(
    (await gateway.client('municipality-system').send('POST', '/sectors/municipality/records', body)).status,
  ).toBe(201)
  const [first] = stored
  if (!first) throw new Error('nothing was stored')
  const read = await hospital.send('GET', `/fhir/CarePlan/${idOf(first)}`)
  const rows = await gateway.database.query<{ audit_id: string; subject_id: string }>({
    text: 'select audit_id, subject_id from audit_event where subject_id is not null order by recorded limit 4',
  })
  return {
    nationalId: cpr,
    subject: (read.json() as CarePlan).subject.reference?.slice('Patient/'.length) ?? '',
    resources: stored.map(idOf),
    events: rows.map(({ audit_id }) => audit_id),
  }
}

const types = ['CarePlan', 'Encounter', 'Condition', 'Consent'] as const
const filters = [
  '',
  '&status=active',
  '&status=completed,active',
  '&_lastUpdated=ge2020-01-01',
  '&_lastUpdated=lt2020-01-01',
  '&category=x',
  '&unknown=1',
  '&status:not=active',
]

type Ask = (citizen: Citizen) => { readonly path: string; readonly form?: string }

const resourceAt = fc.nat({ max: 3 })
const type = fc.constantFrom(...types)
const filter = fc.constantFrom(...filters)
const nationalIdOf = ({ nationalId }: Citizen): string =>
  `patient.identifier=${encodeURIComponent(`urn:oid:1.2.208.176.1.2|${nationalId}`)}`

const asks: fc.Arbitrary<Ask> = fc.oneof(
  fc
    .tuple(type, resourceAt)
    .map(([of, at]): Ask => ({ resources }) => ({ path: `/fhir/${of}/${resources[at]}` })),
  fc
    .tuple(type, filter)
    .map(([of, more]): Ask => ({ subject }) => ({ path: `/fhir/${of}?patient=Patient/${subject}${more}` })),
  fc
    .tuple(type, filter)
    .map(([of, more]): Ask => ({ resources }) => ({ path: `/fhir/${of}?_id=${resources.join()}${more}` })),
  fc.tuple(type, filter).map(([of, more]): Ask => (citizen) => ({
    path: `/fhir/${of}/_search`,
    form: nationalIdOf(citizen) + more,
  })),
  fc.tuple(type, filter).map(([of, more]): Ask => (citizen) => ({
    path: `/fhir/${of}/_search`,
    form: `${nationalIdOf(citizen)}&_id=${citizen.resources.join()}${more}`,
  })),
  fc.constantFrom<Ask>(
    (citizen) => ({ path: '/fhir/AuditEvent/_search', form: nationalIdOf(citizen) }),
    (citizen) => ({ path: '/fhir/AuditEvent/_search', form: `${nationalIdOf(citizen)}&_count=1` }),
    ({ subject }) => ({ path: `/fhir/AuditEvent?patient=${subject}` }),
    ({ subject }) => ({ path: `/fhir/AuditEvent?patient=${subject}&outcome=8` }),
  ),
  resourceAt.map((at): Ask => ({ events }) => ({ path: `/fhir/AuditEvent/${events[at]}` })),
)

async function ask(citizen: Citizen, question: Ask, lenient: boolean): Promise<unknown> {
  const { path, form } = question(citizen)
  const answer = await sendRaw(gateway.baseUrl, path, {
    token: gp,
    headers: lenient ? { prefer: 'handling=lenient' } : {},
    ...(form === undefined ? {} : { method: 'POST', type: 'application/x-www-form-urlencoded', body: form }),
  })
  return comparable(anonymous(answer, citizen))
}

function anonymous(answer: Received, { subject, resources, events }: Citizen): Received {
  const ids = [subject, ...resources, ...events]
  return { ...answer, text: ids.reduce((text, id, i) => text.replaceAll(id, `id-${i}`), answer.text) }
}

describe('a citizen of whom the GP may see nothing', () => {
  test(
    'is answered about as one whom nobody knows, in every sequence of questions',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(asks, fc.boolean()), { minLength: 1, maxLength: 5 }),
          async (sequence) => {
            for (const [question, lenient] of sequence) {
              expect(await ask(hidden, question, lenient)).toEqual(await ask(nobody, question, lenient))
            }
          },
        ),
        { numRuns: 250 },
      )
    },
  )

  test('and the log shows its own searches without telling whom of the two somebody knows', async () => {
    for (const citizen of [hidden, nobody])
      await ask(citizen, (c) => ({ path: '/fhir/CarePlan/_search', form: nationalIdOf(c) }), false)
    const log = await sendRaw(gateway.baseUrl, '/fhir/AuditEvent?_count=500', { token: gp })
    expect(log.text).toContain('search-type')
    expect(log.text).not.toContain(hidden.subject)
  })
})
