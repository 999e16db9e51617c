import { randomUUID } from 'node:crypto'
import type { CarePlan, Coding } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let hospital: string
let municipality: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await gateway.client('hospital-ehr').token()
  municipality = await gateway.client('municipality-system').token()
})
afterAll(() => gateway.close())

const PATCH = 'application/json-patch+json'

async function plan(change: Partial<CarePlan> = {}): Promise<string> {
  const id = randomUUID()
  const { id: _id, ...sample } = sampleCarePlan()
  const body = JSON.stringify({ ...sample, ...change })
  const answer = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, {
    method: 'PUT',
    token: hospital,
    type: FHIR_JSON,
    body,
  })
  expect(answer.status).toBe(201)
  return id
}

interface Sent {
  readonly token?: string
  readonly type?: string
  readonly headers?: Record<string, string>
  readonly path?: string
}

function patch(
  id: string,
  operations: unknown,
  { token = hospital, type = PATCH, headers = {}, path = 'CarePlan' }: Sent = {},
): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/${path}/${id}`, {
    method: 'PATCH',
    token,
    type,
    headers,
    body: JSON.stringify(operations),
  })
}

async function read(id: string): Promise<CarePlan> {
  return (await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${id}`, { token: hospital })).json() as CarePlan
}

const status = (value: string): object => ({ op: 'replace', path: '/status', value })

// https://hl7.org/fhir/R4/http.html#patch
describe('patch', () => {
  test('makes a new version, validated and labelled like an update, and audited as a patch', async () => {
    const id = await plan()
    const { result, effects } = await effectsOf(gateway.database, () =>
      patch(id, [
        { op: 'test', path: '/status', value: 'active' },
        status('completed'),
        { op: 'add', path: '/title', value: 'Ny' },
      ]),
    )
    expect(result.status).toBe(200)
    expect(effects.added).toEqual({ resource_version: 1 })
    expect(effects.audit).toMatchObject([
      { kind: 'accept', interaction: 'patch', resources: [{ type: 'CarePlan', id }] },
    ])
    const after = await read(id)
    expect([after.status, after.title, `W/"${after.meta?.versionId}"`]).toEqual([
      'completed',
      'Ny',
      result.headers.get('etag'),
    ])
  })

  test('a test that does not hold, and a path that is not there, change nothing', async () => {
    const id = await plan()
    const before = await read(id)
    for (const [operations, text] of [
      [[status('completed'), { op: 'test', path: '/intent', value: 'order' }], 'the value there is another'],
      [[status('completed'), { op: 'remove', path: '/period/nothing' }], 'there is nothing at `path`'],
    ] as const) {
      const answer = await patch(id, operations)
      expect([answer.status, answer.json()]).toEqual([
        422,
        outcome(
          'patch-failed',
          `${text}, so nothing was changed: read the resource and make the patch from what it is now`,
          '/1',
        ),
      ])
    }
    expect(await read(id)).toEqual(before)
  })

  test('what comes of it must be valid', async () => {
    const id = await plan()
    const { result, effects } = await effectsOf(gateway.database, () => patch(id, [status('no such status')]))
    expect([result.status, faultsIn(result.json())]).toEqual([
      422,
      [{ code: 'code-unknown', expression: 'CarePlan.status' }],
    ])
    expect(effects.added).toEqual({ quarantine: 1 })
  })

  test('a national id may not be brought in', async () => {
    const id = await plan()
    const value = [{ system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' }]
    const answer = await patch(id, [{ op: 'add', path: '/identifier', value }])
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'field-invalid', expression: 'CarePlan.identifier[0]' }],
    ])
  })

  const LABEL: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }
  const UNCHANGED = 'a patch cannot change this: leave it as it is'

  test.each([
    ['the id', { op: 'replace', path: '/id', value: randomUUID() }, 'CarePlan.id'],
    ['the type', { op: 'replace', path: '/resourceType', value: 'Encounter' }, 'resourceType'],
    [
      'the citizen',
      { op: 'replace', path: '/subject/reference', value: `Patient/${randomUUID()}` },
      'CarePlan.subject',
    ],
    ['the citizen, left out', { op: 'remove', path: '/subject' }, 'CarePlan.subject'],
    [
      'the citizen, by number',
      {
        op: 'add',
        path: '/subject/identifier',
        value: { system: 'urn:oid:1.2.208.176.1.2', value: '1502779995' },
      },
      'CarePlan.subject',
    ],
    [
      'the version',
      { op: 'replace', path: '/meta/versionId', value: randomUUID() },
      'CarePlan.meta.versionId',
    ],
    ['the time', { op: 'remove', path: '/meta/lastUpdated' }, 'CarePlan.meta.lastUpdated'],
  ])('cannot change %s', async (_title, operation, expression) => {
    const id = await plan()
    const answer = await patch(id, [operation])
    expect([answer.status, answer.json()]).toEqual([422, outcome('field-invalid', UNCHANGED, expression)])
  })

  test('adds labels, and takes none away', async () => {
    const id = await plan({ meta: { security: [LABEL] } })
    const other = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }
    expect((await patch(id, [{ op: 'add', path: '/meta/security/-', value: other }])).status).toBe(200)
    expect((await read(id)).meta?.security).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'HIV' })]),
    )
    const text = 'a patch may add labels and take none away: send the whole resource with PUT'
    for (const operation of [
      { op: 'remove', path: '/meta/security/0' },
      { op: 'replace', path: '/meta/security', value: [] },
    ]) {
      const answer = await patch(id, [operation])
      expect([answer.status, answer.json()]).toEqual([
        422,
        outcome('field-invalid', text, 'CarePlan.meta.security'),
      ])
    }
  })

  test('a label can be added where there was none', async () => {
    const id = await plan()
    expect((await patch(id, [{ op: 'add', path: '/meta/security/-', value: LABEL }])).status).toBe(200)
  })

  test.each([
    ['a test that would hold', [{ op: 'test', path: '/status', value: 'active' }]],
    ['a test that would not', [{ op: 'test', path: '/status', value: 'draft' }]],
    ['a path that is not there', [{ op: 'remove', path: '/nothing' }]],
  ])(
    "%s, on another organisation's record, is answered as on one that does not exist",
    async (_title, operations) => {
      const id = await plan()
      const etag = `W/"${(await read(id)).meta?.versionId}"`
      for (const headers of [{}, { 'if-match': etag }, { prefer: 'return=representation' }]) {
        const [found, absent] = [
          await patch(id, operations, { token: municipality, headers }),
          await patch(randomUUID(), operations, { token: municipality, headers }),
        ]
        expect([found.status, found.json()]).toEqual([
          404,
          outcome('not-found', 'there is no resource with this id that you may write'),
        ])
        expect(comparable(found)).toEqual(comparable(absent))
      }
    },
  )

  test('If-Match: of two that start from one version, one is applied', async () => {
    const id = await plan()
    const headers = { 'if-match': `W/"${(await read(id)).meta?.versionId}"` }
    const answers = await Promise.all(
      [1, 2].map((n) => patch(id, [{ op: 'add', path: '/title', value: `${n}` }], { headers })),
    )
    expect(answers.map((each) => each.status).sort((a, b) => a - b)).toEqual([200, 412])
  })

  test('without If-Match, ten at once are all applied', async () => {
    const id = await plan()
    await patch(id, [{ op: 'add', path: '/note', value: [{ text: 'n0' }] }])
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        patch(id, [{ op: 'add', path: '/note/-', value: { text: `n${n + 1}` } }]),
      ),
    )
    expect((await read(id)).note).toHaveLength(11)
  })

  test.each([
    ['FHIRPath Patch', FHIR_JSON],
    ['XML Patch', 'application/xml-patch+xml'],
    ['a merge patch', 'application/merge-patch+json'],
  ])('%s is not taken: 415 says what is', async (_title, type) => {
    const answer = await patch(await plan(), [status('completed')], { type })
    expect([answer.status, answer.json()]).toEqual([
      415,
      outcome(
        'media-type-unsupported',
        'this Content-Type is not read here; send `application/json-patch+json`',
        'http:Content-Type',
      ),
    ])
  })

  test('a patch that is none names the operation', async () => {
    const answer = await patch(await plan(), [{ op: 'merge', path: '/a' }])
    const text = 'found `merge`; known are add, remove, replace, move, copy, test'
    expect([answer.status, answer.json()]).toEqual([400, outcome('patch-malformed', text, '/0/op')])
  })

  test('Prefer: return=representation shows what it came to', async () => {
    const answer = await patch(await plan(), [status('completed')], {
      headers: { prefer: 'return=representation' },
    })
    expect([answer.status, (answer.json() as CarePlan).status]).toEqual([200, 'completed'])
  })

  test('of a consent is captured: one that could mislead is refused', async () => {
    const id = randomUUID()
    const body = JSON.stringify(sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY']))
    await sendRaw(gateway.baseUrl, `/fhir/Consent/${id}`, {
      method: 'PUT',
      token: hospital,
      type: FHIR_JSON,
      body,
    })
    const misleading = await patch(id, [{ op: 'remove', path: '/provision/actor' }], { path: 'Consent' })
    expect([misleading.status, misleading.text]).toEqual([422, expect.stringContaining('Consent.provision')])
    const withdrawn = await patch(id, [{ op: 'replace', path: '/status', value: 'inactive' }], {
      path: 'Consent',
    })
    expect([withdrawn.status, withdrawn.text]).toEqual([
      200,
      expect.stringContaining('every decision from now on reads it'),
    ])
  })
})
