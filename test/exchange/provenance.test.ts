import { randomUUID } from 'node:crypto'
import type { Bundle, Condition, Provenance } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleConsent, sampleText } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { validator } from '#test/validator.ts'
import { condition, FHIR_JSON } from '#test/ways-in.ts'

/** The GP may see psychiatry of this citizen, and nothing of addiction: `open` is of psychiatry now, `closed` of addiction. */
const { hospital, municipality, gp } = sandboxOrganizations
const PSYCHIATRY = 'DF331'
const ADDICTION = 'DF102'
const open = randomUUID()
const closed = randomUUID()
const gone = randomUUID()

let gateway: TestGateway
let owner: string
let reader: string
/** Oldest first. */
const versions: Record<string, string[]> = {}

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  owner = await client('hospital-provenance', hospital.id)
  reader = await client('gp-provenance', gp.id)
  const consent = sampleConsent(gp.identifiers[2], ['PSY'])
  const kinds = [{ system: 'http://hl7.org/fhir/resource-types', code: 'Condition' }]
  const permit = { ...consent, provision: { ...consent.provision, class: kinds } }
  expect((await send('POST', 'Consent', owner, permit)).status).toBe(201)
  for (const code of [ADDICTION, PSYCHIATRY, ADDICTION, PSYCHIATRY]) await write(open, code)
  for (const code of [PSYCHIATRY, ADDICTION]) await write(closed, code)
  await write(gone, PSYCHIATRY)
  expect((await send('DELETE', `Condition/${gone}`, owner)).status).toBe(204)
})
afterAll(() => gateway.close())

async function client(
  id: string,
  organizationId: string,
  scopes: readonly string[] = ['system/*.cruds'],
): Promise<string> {
  return (
    await gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
  ).token()
}

function send(method: string, path: string, token: string, body?: object): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, {
    method,
    token,
    ...(body ? { type: FHIR_JSON, body: JSON.stringify(body) } : {}),
  })
}

async function write(id: string, code: string): Promise<void> {
  const problem: Condition = {
    ...condition,
    id,
    subject: { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } },
    code: { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code }] },
  }
  const answer = await send('PUT', `Condition/${id}`, owner, problem)
  versions[id] = [...(versions[id] ?? []), answer.headers.get('etag')?.slice(3, -1) ?? '']
}

const search = (query: string, token = reader): Promise<Received> => send('GET', `Provenance?${query}`, token)
const about = (id: string, token = reader): Promise<Received> => search(`target=Condition/${id}`, token)

function found(answer: Received): Provenance[] {
  expect(answer.status).toBe(200)
  const bundle = answer.json() as Bundle<Provenance>
  expect(validator.validate(bundle)).toEqual([])
  expect(bundle.total).toBeUndefined()
  return (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []))
}

const targets = (answer: Received): unknown[] => found(answer).map(({ target }) => target[0]?.reference)
const version = (id: string, at: number): string => `Condition/${id}/_history/${versions[id]?.[at]}`
const idOf = (id: string, at: number): string => `${id}${versions[id]?.[at]}`.replaceAll('-', '')

describe('provenance of a version', () => {
  test('tells its custodian who sent it, and what that did', async () => {
    const [latest, , , first] = found(await about(open, owner))
    expect([latest?.activity?.coding?.[0]?.code, first?.activity?.coding?.[0]?.code]).toEqual([
      'UPDATE',
      'CREATE',
    ])
    expect(first).toEqual({
      resourceType: 'Provenance',
      id: idOf(open, 0),
      meta: { lastUpdated: expect.any(String) },
      target: [{ reference: version(open, 0) }],
      recorded: first?.meta?.lastUpdated,
      activity: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'CREATE' }],
      },
      agent: [
        {
          type: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
                code: 'custodian',
              },
            ],
          },
          who: { reference: `Organization/${hospital.id}` },
        },
        {
          type: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
                code: 'assembler',
              },
            ],
          },
          who: {
            type: 'Device',
            identifier: {
              system: 'https://sluse.example/fhir/NamingSystem/client-id',
              value: 'hospital-provenance',
            },
          },
          onBehalfOf: { reference: `Organization/${hospital.id}` },
        },
      ],
    })
  })

  test('tells another reader of it whose it is and when it was stored, and no more', async () => {
    const read = await send('GET', `Provenance/${idOf(open, 1)}`, reader)
    expect(read.status).toBe(200)
    const shown = read.json() as Provenance
    expect(validator.validate(shown)).toEqual([])
    expect(shown).toEqual({
      resourceType: 'Provenance',
      id: idOf(open, 1),
      meta: { lastUpdated: shown.recorded },
      target: [{ reference: version(open, 1) }],
      recorded: expect.any(String),
      agent: [{ type: expect.any(Object), who: { reference: `Organization/${hospital.id}` } }],
    })
  })

  test('names the message that it came in by, to its sender', async () => {
    const token = await client('municipality-provenance', municipality.id)
    const record = sampleText('municipality-record.json')
    const sent = await sendRaw(gateway.baseUrl, '/sectors/municipality/records', {
      method: 'POST',
      token,
      type: 'application/json',
      body: record,
    })
    expect(sent.status).toBe(201)
    const [row] = await gateway.database.query<{ id: string; message_id: string }>({
      text: `select r.id, m.message_id from resource r, message m
where r.custodian = $1 and r.resource_type = 'CarePlan' and m.client_id = 'municipality-provenance'`,
      values: [municipality.id],
    })
    const [made] = found(await search(`target=CarePlan/${row?.id}`, token))
    expect(made?.entity).toEqual([
      {
        role: 'source',
        what: {
          identifier: {
            system: 'https://sluse.example/fhir/NamingSystem/message-id',
            value: row?.message_id,
          },
        },
      },
    ])
  })
})

describe('a search', () => {
  test('finds for each reader what its history does', async () => {
    expect(targets(await about(open, owner))).toEqual([3, 2, 1, 0].map((at) => version(open, at)))
    expect(targets(await about(open))).toEqual([3, 1].map((at) => version(open, at)))
    for (const token of [owner, reader]) {
      const history = (await send('GET', `Condition/${open}/_history`, token)).json() as Bundle
      const shown = history.entry?.map(
        ({ response }) => `Condition/${open}/_history/${response?.etag?.slice(3, -1)}`,
      )
      expect(targets(await about(open, token))).toEqual(shown)
    }
    const posted = await sendRaw(gateway.baseUrl, '/fhir/Provenance/_search', {
      method: 'POST',
      token: reader,
      type: 'application/x-www-form-urlencoded',
      body: `target=Condition/${open}`,
    })
    expect(targets(posted)).toEqual([3, 1].map((at) => version(open, at)))
    expect(targets(await search(`target=${version(open, 1)}`))).toEqual([version(open, 1)])
  })

  test('tells of a deletion to the custodian alone', async () => {
    const [deletion, first] = found(await about(gone, owner))
    expect(deletion?.activity?.coding?.[0]?.code).toBe('DELETE')
    expect(first?.target[0]?.reference).toBe(version(gone, 0))
    expect(targets(await about(gone))).toEqual([])
    const read = await send('GET', `Provenance/${deletion?.id}`, owner)
    expect([read.status, read.json()]).toEqual([200, deletion])
    expect((await send('GET', `Provenance/${deletion?.id}`, reader)).status).toBe(404)
  })

  test('comes in pages without holes', async () => {
    const first = await search(`target=Condition/${open}&_count=1`)
    expect(targets(first)).toEqual([version(open, 3)])
    const next = (first.json() as Bundle).link?.find(({ relation }) => relation === 'next')?.url
    const second = await send('GET', next?.slice(`${gateway.baseUrl}/fhir/`.length) ?? '', reader)
    expect(targets(second)).toEqual([version(open, 1)])
    // What is left is hidden: nothing tells that there is more.
    expect((second.json() as Bundle).link?.map(({ relation }) => relation)).toEqual(['self'])
  })

  test('has no hole where a record was gone and came back, and nothing of before', async () => {
    const id = randomUUID()
    await write(id, PSYCHIATRY)
    expect((await send('DELETE', `Condition/${id}`, owner)).status).toBe(204)
    for (const code of [PSYCHIATRY, PSYCHIATRY]) await write(id, code)
    const pages: unknown[][] = []
    let path: string | undefined = `Provenance?target=Condition/${id}&_count=1`
    while (path !== undefined && pages.length < 4) {
      const answer: Received = await send('GET', path, reader)
      pages.push(targets(answer))
      const next = (answer.json() as Bundle).link?.find(({ relation }) => relation === 'next')
      path = next?.url?.slice(`${gateway.baseUrl}/fhir/`.length)
    }
    expect(pages).toEqual([[version(id, 2)], [version(id, 1)]])
  })

  // prettier-ignore
  const refused = [
    { title: 'everything', query: '', want: [400, { code: 'search-too-wide' }] },
    { title: 'a target without a type', query: `target=${open}`, want: [400, { code: 'parameter-invalid', expression: 'target' }] },
    { title: 'a target of a type that is not exchanged', query: `target=Patient/${open}`, want: [400, { code: 'parameter-invalid', expression: 'target' }] },
    { title: 'a target with a tail', query: `target=Condition/${open}/_history/x`, want: [400, { code: 'parameter-invalid', expression: 'target' }] },
    { title: 'two targets', query: `target=Condition/${open}&target=Condition/${closed}`, want: [400, { code: 'parameter-invalid', expression: 'target' }] },
    { title: 'an unknown parameter', query: `target=Condition/${open}&agent=x`, want: [400, { code: 'parameter-unknown' }] },
    { title: 'a cursor of another question', query: `target=Condition/${open}&_cursor=abc`, want: [400, { code: 'parameter-invalid', expression: '_cursor' }] },
  ] as const
  test.for(refused)('for $title is refused', async ({ query, want: [status, fault] }) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => search(query))
    expect([answer.status, faultsIn(answer.json())]).toEqual([status, [fault]])
    expect(effects).toEqual({ added: {}, audit: [] })
  })
})

describe('what is hidden', () => {
  test('is as what is absent, whatever is asked', async () => {
    const none = randomUUID()
    const hidden: readonly (readonly [string, string])[] = [
      [`Provenance?target=Condition/${closed}`, closed],
      [`Provenance?target=${version(closed, 0)}`, closed],
      [`Provenance?target=${version(closed, 1)}`, closed],
      [`Provenance?target=Condition/${gone}`, gone],
      [`Provenance?target=${version(gone, 0)}`, gone],
    ]
    for (const [path, id] of hidden) {
      const [answer, absent] = [
        await send('GET', path, reader),
        await send('GET', path.replaceAll(id, none), reader),
      ]
      expect(answer.status).toBe(200)
      expect(comparable({ ...answer, text: answer.text.replaceAll(id, none) })).toEqual(comparable(absent))
    }
    const absent = comparable(
      await send('GET', `Provenance/${idOf(open, 0).replace(/^.{32}/, none.replaceAll('-', ''))}`, reader),
    )
    for (const id of [idOf(open, 0), idOf(closed, 0), idOf(closed, 1), idOf(gone, 0), 'x', open]) {
      expect([id, comparable(await send('GET', `Provenance/${id}`, reader))]).toEqual([id, absent])
    }
  })

  test('stays so without the scope for the type of the record', async () => {
    const narrow = await client('gp-narrow', gp.id, ['system/Provenance.rs', 'system/CarePlan.rs'])
    const asked = await about(open, narrow)
    expect([asked.status, faultsIn(asked.json())]).toEqual([
      403,
      [{ code: 'scope-insufficient', expression: 'target' }],
    ])
    const read = await send('GET', `Provenance/${idOf(open, 3)}`, narrow)
    expect(comparable(read)).toEqual(comparable(await send('GET', 'Provenance/x', narrow)))
    expect(read.status).toBe(404)
    // Not even of its own deletions, which are decided about by nobody.
    const own = await client('hospital-narrow', hospital.id, ['system/Provenance.rs', 'system/CarePlan.rs'])
    const [deletion] = found(await about(gone, owner))
    expect((await send('GET', `Provenance/${deletion?.id}`, owner)).status).toBe(200)
    expect((await send('GET', `Provenance/${deletion?.id}`, own)).status).toBe(404)
  })

  test('stays so with a scope for a part of the type', async () => {
    const within = async (name: string, code: string): Promise<unknown[]> => {
      const scope = `system/Condition.r?code=${code}`
      const token = await client(name, gp.id, ['system/Provenance.rs', scope])
      return targets(await about(open, token))
    }
    expect(await within('gp-psychiatry', PSYCHIATRY)).toEqual([3, 1].map((at) => version(open, at)))
    expect(await within('gp-other', ADDICTION)).toEqual([])
  })

  test('is decided about anew: a withdrawal hides the provenance with the record', async () => {
    const patient = { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '1502779995' } }
    const consent = sampleConsent(gp.identifiers[2], ['PSY'], { patient })
    const kinds = [{ system: 'http://hl7.org/fhir/resource-types', code: 'Condition' }]
    const permit = { ...consent, provision: { ...consent.provision, class: kinds } }
    const given = await send('POST', 'Consent', owner, permit)
    const consentId = /Consent\/([0-9a-f-]{36})/.exec(given.headers.get('location') ?? '')?.[1]
    const id = randomUUID()
    const code = { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: PSYCHIATRY }] }
    await send('PUT', `Condition/${id}`, owner, { ...condition, id, subject: patient, code })
    expect(targets(await about(id))).toHaveLength(1)
    const parameter = [{ name: 'whole', valueBoolean: true }]
    const withdrawn = await send('POST', `Consent/${consentId}/$withdraw`, owner, {
      resourceType: 'Parameters',
      parameter,
    })
    expect(withdrawn.status).toBe(200)
    expect(targets(await about(id))).toEqual([])
  })
})

test('each version that is told of is audited as a disclosure of it', async () => {
  const { effects } = await effectsOf(gateway.database, () => about(open))
  const told = effects.audit.filter(({ kind, effect }) => kind === 'disclose' && effect === 'permit')
  expect(told.map(({ recipient, resources }) => [recipient, resources?.[0]?.version])).toEqual([
    [gp.id, versions[open]?.[3]],
    [gp.id, versions[open]?.[1]],
  ])
  expect(effects.audit.filter(({ kind }) => kind === 'search')).toHaveLength(1)
})

test('nobody writes it', async () => {
  const answer = await send('POST', 'Provenance', owner, { resourceType: 'Provenance' })
  expect([answer.status, faultsIn(answer.json())]).toEqual([405, [{ code: 'method-not-allowed' }]])
})
