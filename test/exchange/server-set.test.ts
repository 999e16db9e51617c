import { randomUUID } from 'node:crypto'
import type { CarePlan } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

/** T21: whatever a client writes, and by whichever write, version, time, custodian and the labels that follow from the content are ours. */

let gateway: TestGateway
let hospital: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())

const { id: _id, ...sample } = sampleCarePlan()
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const OTHERS = sandboxOrganizations.municipality.id

function send(
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Received> {
  const url = path === '' ? '/fhir' : `/fhir/${path}`
  const type = method === 'PATCH' ? 'application/json-patch+json' : FHIR_JSON
  return sendRaw(gateway.baseUrl, url, { method, token: hospital, type, headers, body: JSON.stringify(body) })
}

const claimed = fc.record(
  {
    versionId: fc.constantFrom('1', 'v-134418', '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21'),
    lastUpdated: fc.constantFrom('2001-01-01T00:00:00Z', '2199-12-31T23:59:59.999+01:00'),
    source: fc.constantFrom(`Organization/${OTHERS}`, 'urn:x'),
    security: fc.subarray(
      [
        { system: CONFIDENTIALITY, code: 'U' },
        { system: CONFIDENTIALITY, code: 'N' },
        { system: ACT, code: 'HIV' },
      ],
      { minLength: 1 },
    ),
  },
  { requiredKeys: [] },
)

/** Each stores a plan and returns its id. */
const writes = {
  create: async (body: object) => idIn(await send('POST', 'CarePlan', body)),
  update: async (body: object) => put(body, randomUUID()),
  'update of what is there': async (body: object) => put(body, await put(sample, randomUUID())),
  'conditional create': async (body: object) =>
    idIn(await send('POST', 'CarePlan', body, { 'if-none-exist': `identifier=${randomUUID()}` })),
  'conditional update': async (body: object) =>
    idIn(await send('PUT', `CarePlan?identifier=${randomUUID()}`, body)),
  patch: async (body: object) => {
    const id = await put(sample, randomUUID())
    const { meta = {} } = body as CarePlan
    const operations = Object.entries(meta).flatMap(([name, value]) =>
      name === 'security'
        ? (value as object[]).map((label) => ({ op: 'add', path: '/meta/security/-', value: label }))
        : [{ op: 'add', path: `/meta/${name}`, value: value as unknown }],
    )
    if (operations.length > 0) await send('PATCH', `CarePlan/${id}`, operations)
    return id
  },
  transaction: async (body: object) => {
    const id = randomUUID()
    const entry = [{ resource: { ...body, id }, request: { method: 'PUT', url: `CarePlan/${id}` } }]
    await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    return id
  },
} as const

function idIn(answer: Received): string {
  return /CarePlan\/([0-9a-f-]{36})/.exec(answer.headers.get('location') ?? '')?.[1] ?? ''
}

async function put(body: object, id: string): Promise<string> {
  await send('PUT', `CarePlan/${id}`, { ...body, id })
  return id
}

interface Stored {
  readonly custodian: string
  readonly version_id: string
  readonly recorded: Date
  readonly meta: object | null
  readonly labels: { readonly sensitivities: readonly string[] }
  readonly age: number
}

async function stored(id: string): Promise<Stored> {
  const [row] = await gateway.database.query<Stored & Record<string, unknown>>({
    text: `
select v.custodian, v.version_id, v.recorded, v.content -> 'meta' as meta, v.labels, extract(epoch from now() - v.recorded)::float8 as age
from resource r join resource_version v using (subject_id, id, version_id) where r.id = $1`,
    values: [id],
  })
  if (!row) throw new Error('nothing was stored')
  return row
}

test.for(Object.keys(writes) as (keyof typeof writes)[])(
  '%s sets nothing that is ours',
  { timeout: 60_000 },
  async (name) => {
    const derived = (await stored(await put(sample, randomUUID()))).labels.sensitivities
    expect(derived.length).toBeGreaterThan(0)
    await fc.assert(
      fc.asyncProperty(claimed, async (meta) => {
        const id = await writes[name]({ ...sample, meta })
        const row = await stored(id)
        expect(row.custodian).toBe(sandboxOrganizations.hospital.id)
        expect(row.version_id).not.toBe(meta.versionId)
        expect(row.age).toBeLessThan(30)
        expect(row.age).toBeGreaterThanOrEqual(0)
        expect(Object.keys(row.meta ?? {}).filter((key) => key !== 'security' && key !== 'profile')).toEqual(
          [],
        )
        // Labels of the client's can join ours, and take none away.
        expect(row.labels.sensitivities).toEqual(expect.arrayContaining([...derived]))
        const shown = (
          await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, { token: hospital })
        ).json() as CarePlan
        expect(shown.meta?.versionId).toBe(row.version_id)
        expect(shown.meta?.lastUpdated).toBe(row.recorded.toISOString())
        expect(shown.meta?.source).toBeUndefined()
        for (const code of derived) expect(shown.meta?.security?.map((label) => label.code)).toContain(code)
      }),
      { numRuns: 12 },
    )
  },
)
