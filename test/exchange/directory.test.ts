import { randomUUID } from 'node:crypto'
import type {
  Bundle,
  OperationOutcome,
  Organization,
  Practitioner,
  PractitionerRole,
} from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { putOrganization } from '#store/organizations.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { piecesIn } from '#test/secrets.ts'
import { validator } from '#test/validator.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const { hospital, municipality, gp } = sandboxOrganizations
const AUTHORISATION = 'https://autregweb.sst.dk'
const HPR = 'urn:oid:2.16.578.1.12.4.1.4.4'
/** Part of the hospital; what is treated there is the registry's to know. */
const ward = {
  id: '0b6d5f0e-7c5f-4c4e-8a0a-3f6f5a0b1c2d',
  name: 'Ångstrøm afsnit P3',
  sector: 'hospital',
  jurisdiction: 'DK',
  timeZone: 'Europe/Copenhagen',
  identifiers: [{ system: 'urn:oid:1.2.208.176.1.1', value: '999001000016101' }],
  sensitivities: ['SUD'],
  partOf: hospital.id,
} as const

let gateway: TestGateway
let employer: string
let other: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  await putOrganization(gateway.database, ward)
  employer = await client('hospital-directory', hospital.id)
  other = await client('gp-directory', gp.id)
})
afterAll(() => gateway.close())

async function client(id: string, organizationId: string): Promise<string> {
  const scopes = ['system/*.cruds']
  return (
    await gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
  ).token()
}

function send(method: string, path: string, token: string, body?: object, etag?: string): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, {
    method,
    token,
    ...(body ? { type: FHIR_JSON, body: JSON.stringify(body) } : {}),
    ...(etag === undefined ? {} : { headers: { 'if-match': etag } }),
  })
}

const get = (path: string, token = other): Promise<Received> => send('GET', path, token)

const idIn = (answer: Received): string =>
  /\/([0-9a-f-]{36})\/_history/.exec(answer.headers.get('location') ?? '')?.[1] ?? ''

function found<R>(answer: Received): R[] {
  expect(answer.status).toBe(200)
  const bundle = answer.json() as Bundle
  expect(validator.validate(bundle)).toEqual([])
  expect(bundle.total).toBeUndefined()
  return (bundle.entry ?? []).map(({ resource }) => resource as R)
}

const ids = (answer: Received): unknown[] => found<{ id: string }>(answer).map(({ id }) => id)

const physician = (change: Partial<Practitioner> = {}): Practitioner => ({
  resourceType: 'Practitioner',
  identifier: [{ system: AUTHORISATION, value: '0XX99' }],
  name: [{ family: 'Ærø', given: ['Åse', 'Marie'] }],
  ...change,
})

async function entered(body: object, token = employer): Promise<string> {
  const { resourceType } = body as Practitioner
  const answer = await send('POST', resourceType, token, body)
  expect(answer.status).toBe(201)
  return idIn(answer)
}

const roleOf = (person: string, change: Partial<PractitionerRole> = {}): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  practitioner: { reference: `Practitioner/${person}` },
  ...change,
})

describe('an Organization', () => {
  test('is what everybody may know of it, and nothing of what its unit treats', async () => {
    const answer = await get(`Organization/${ward.id}`)
    const resource = answer.json() as Organization
    expect(validator.validate(resource)).toEqual([])
    expect([answer.status, resource]).toEqual([
      200,
      {
        resourceType: 'Organization',
        id: ward.id,
        meta: { versionId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        identifier: [{ system: 'urn:oid:1.2.208.176.1.1', value: '999001000016101' }],
        active: true,
        type: [{ coding: [{ system: 'https://sluse.example/fhir/CodeSystem/sector', code: 'hospital' }] }],
        name: 'Ångstrøm afsnit P3',
        partOf: { reference: `Organization/${hospital.id}` },
      },
    ])
    expect(answer.headers.get('etag')).toBe(`W/"${resource.meta?.versionId}"`)
  })

  test('has the same version while only that changes which nobody is shown', async () => {
    const versionOf = async (): Promise<unknown> =>
      ((await get(`Organization/${ward.id}`)).json() as Organization).meta?.versionId
    const before = await versionOf()
    await putOrganization(gateway.database, { ...ward, sensitivities: ['SUD', 'PSY'] })
    expect(await versionOf()).toBe(before)
    await putOrganization(gateway.database, { ...ward, name: 'Ångstrøm afsnit P4' })
    expect(await versionOf()).not.toBe(before)
    await putOrganization(gateway.database, ward)
  })

  const SOR = 'urn:oid:1.2.208.176.1.1'
  const UNIT = 'https://sluse.example/fhir/CodeSystem/unit-type'
  // prettier-ignore
  const searches: readonly { query: string; want: readonly string[] }[] = [
    { query: `identifier=${SOR}|999001000016101`, want: [ward.id] },
    { query: 'identifier=999001000016101', want: [ward.id] },
    { query: 'identifier=urn:oid:1.2.208.176.1.4|999001000016101', want: [] },
    { query: `identifier=${SOR}|999001000016101,${SOR}|999003000016003`, want: [ward.id, gp.id] },
    { query: 'name=ANGSTR', want: [ward.id] },
    { query: 'name=p3', want: [ward.id] },
    { query: 'name=gstr', want: [] },
    { query: 'name=sandk%C3%B8bing', want: [hospital.id, municipality.id, gp.id] },
    { query: 'name=sand&type=municipality', want: [municipality.id] },
    { query: `type=${UNIT}|gp`, want: [gp.id] },
    { query: `partof=Organization/${hospital.id}`, want: [ward.id] },
    { query: `partof=${hospital.id}`, want: [ward.id] },
    { query: `_id=${ward.id},${gp.id},x`, want: [ward.id, gp.id] },
    { query: `_id=${ward.id}&_id=${gp.id}`, want: [] },
    { query: 'type=SUD', want: [] },
  ]
  test.for(searches)('is found by $query', async ({ query, want }) => {
    expect(new Set(ids(await get(`Organization?${query}`)))).toEqual(new Set(want))
    const posted = await sendRaw(gateway.baseUrl, '/fhir/Organization/_search', {
      method: 'POST',
      token: other,
      type: 'application/x-www-form-urlencoded',
      body: query,
    })
    expect(new Set(ids(posted))).toEqual(new Set(want))
  })

  test('comes in pages that meet', async () => {
    const all = ids(await get('Organization?name=sand,ang'))
    expect(all.length).toBeGreaterThan(3)
    const paged: unknown[] = []
    let path: string | undefined = 'Organization?name=sand,ang&_count=2'
    while (path !== undefined) {
      const answer: Received = await get(path)
      paged.push(...ids(answer))
      const next = (answer.json() as Bundle).link?.find(({ relation }) => relation === 'next')
      path = next?.url?.slice(`${gateway.baseUrl}/fhir/`.length)
    }
    expect(paged).toEqual(all)
  })
})

describe('a Practitioner', () => {
  test('is entered without what is private, which the answer names', async () => {
    const sent = {
      ...physician({
        birthDate: '1970-01-01',
        gender: 'female',
        address: [{ line: ['Privatvej 7'] }],
        telecom: [{ system: 'phone', value: '22334455', use: 'home' }],
        photo: [{ url: 'https://sandkobing.example/aase.jpg' }],
        communication: [{ text: 'polsk' }],
        qualification: [
          {
            code: { coding: [{ system: 'urn:q', code: 'psychiatrist' }] },
            issuer: { display: 'Privat kursus' },
          },
        ],
      }),
      identifier: [
        { system: AUTHORISATION, value: '0XX99', extension: [{ url: 'urn:x', valueString: 'privat' }] },
        { system: 'https://sandkobing.example/staff', value: 'S-77' },
      ],
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Privatvej 7</div>' },
    }
    const answer = await send('POST', 'Practitioner', employer, sent)
    const id = idIn(answer)
    expect(answer.status).toBe(201)
    const { issue } = answer.json() as OperationOutcome
    expect(issue?.map(({ severity, expression }) => [severity, expression?.[0]])).toEqual([
      ['information', undefined],
      ['warning', 'Practitioner.birthDate'],
      ['warning', 'Practitioner.gender'],
      ['warning', 'Practitioner.address'],
      ['warning', 'Practitioner.telecom'],
      ['warning', 'Practitioner.photo'],
      ['warning', 'Practitioner.communication'],
      ['warning', 'Practitioner.identifier[1]'],
    ])
    const read = await get(`Practitioner/${id}`)
    const shown = read.json() as Practitioner
    expect(validator.validate(shown)).toEqual([])
    expect(shown).toEqual({
      resourceType: 'Practitioner',
      id,
      meta: { versionId: answer.headers.get('etag')?.slice(3, -1), lastUpdated: expect.any(String) },
      identifier: [{ system: AUTHORISATION, value: '0XX99' }],
      name: [{ family: 'Ærø', given: ['Åse', 'Marie'] }],
      qualification: [{ code: { coding: [{ system: 'urn:q', code: 'psychiatrist' }] } }],
    })
    expect(read.headers.get('etag')).toBe(answer.headers.get('etag'))
    const stored = await gateway.database.query({
      text: 'select * from directory_entry join directory_version using (id)',
    })
    expect(piecesIn(JSON.stringify(stored), ['Privatvej', 'privat', '22334455', 'S-77', 'polsk'])).toEqual([])
  })

  test('is found by number and by the beginning of a name', async () => {
    const person = { family: 'Østergård', given: ['Zacharias'] }
    const id = await entered(physician({ identifier: [{ system: HPR, value: '9144900' }], name: [person] }))
    for (const query of [
      `identifier=${HPR}|9144900`,
      'identifier=9144900',
      'name=%C3%98sterg&identifier=9144900',
      'family=%C3%98stergard&identifier=9144900',
      'given=zach&identifier=9144900',
      'name=zacha&name=%C3%B8ster',
    ])
      expect([query, ids(await get(`Practitioner?${query}`))]).toEqual([query, [id]])
    for (const query of ['family=zach', 'identifier=urn:x|9144900', `_id=${id}&name=anders`])
      expect([query, ids(await get(`Practitioner?${query}`))]).toEqual([query, []])
  })

  // prettier-ignore
  const refused: readonly { title: string; body: object; faults: object[] }[] = [
    { title: 'a national id as number', body: physician({ identifier: [{ system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' }] }), faults: [{ code: 'field-invalid', expression: 'Practitioner.identifier[0]' }] },
    { title: 'a national id in what is not kept', body: physician({ qualification: [{ code: { text: 'x' }, identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510156' }] }] }), faults: [{ code: 'field-invalid', expression: 'Practitioner.qualification[0].identifier[0]' }] },
    { title: 'a national id as HPR number', body: physician({ identifier: [{ system: HPR, value: '15838510156' }] }), faults: [{ code: 'field-invalid', expression: 'Practitioner.identifier[0].value' }] },
    { title: 'a national id as authorisation id', body: physician({ identifier: [{ system: AUTHORISATION, value: '2509479989' }] }), faults: [{ code: 'field-invalid', expression: 'Practitioner.identifier[0].value' }] },
    { title: 'a number in the name', body: physician({ name: [{ text: 'Åse 250947-9989' }] }), faults: [{ code: 'field-invalid', expression: 'Practitioner.name' }] },
    { title: 'no name', body: { resourceType: 'Practitioner' }, faults: [{ code: 'field-missing', expression: 'Practitioner.name' }] },
    { title: 'a form that is none', body: { ...physician(), active: 'yes' }, faults: [{ code: 'field-invalid', expression: 'Practitioner.active' }] },
  ]
  test.for(refused)('with $title is refused', async ({ body, faults }) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      send('POST', 'Practitioner', employer, body),
    )
    expect([answer.status, faultsIn(answer.json())]).toEqual([422, faults])
    expect(effects.added).toEqual({ quarantine: 1 })
    expect(piecesIn(answer.text, ['2509479989', '15838510156', '250947-9989'])).toEqual([])
  })
})

describe('a PractitionerRole', () => {
  test('says who, where and what, with the telephone at work alone', async () => {
    const person = await entered(physician())
    const code = { coding: [{ system: 'http://snomed.info/sct', code: '80584001' }] }
    const answer = await send('POST', 'PractitionerRole', employer, {
      ...roleOf(person, { code: [code], specialty: [{ text: 'Voksenpsykiatri' }], active: true }),
      telecom: [
        { system: 'phone', value: '33445566', use: 'work' },
        { system: 'phone', value: '22334455', use: 'mobile' },
      ],
      location: [{ display: 'Hjemmekontor' }],
    })
    const id = idIn(answer)
    const { issue } = answer.json() as OperationOutcome
    expect([answer.status, issue?.slice(1).map(({ expression }) => expression?.[0])]).toEqual([
      201,
      ['PractitionerRole.location', 'PractitionerRole.telecom[1]'],
    ])
    const shown = (await get(`PractitionerRole/${id}`)).json() as PractitionerRole
    expect(validator.validate(shown)).toEqual([])
    expect(shown).toEqual({
      resourceType: 'PractitionerRole',
      id,
      meta: expect.any(Object),
      active: true,
      practitioner: { reference: `Practitioner/${person}` },
      organization: { reference: `Organization/${hospital.id}` },
      code: [code],
      specialty: [{ text: 'Voksenpsykiatri' }],
      telecom: [{ system: 'phone', value: '33445566', use: 'work' }],
    })
    for (const query of [
      `practitioner=Practitioner/${person}`,
      `practitioner=${person}`,
      `role=80584001&practitioner=${person}`,
      `role=http://snomed.info/sct|80584001&organization=${hospital.id}&practitioner=${person}`,
    ])
      expect([query, ids(await get(`PractitionerRole?${query}`))]).toEqual([query, [id]])
    expect(ids(await get(`PractitionerRole?practitioner=${person}&organization=${gp.id}`))).toEqual([])
  })

  test('is at the employer or a unit of it, of a person whom it entered', async () => {
    const person = await entered(physician())
    const foreign = await entered(physician(), other)
    const at = (id: string): Partial<PractitionerRole> => ({
      organization: { reference: `Organization/${id}` },
    })
    expect((await send('POST', 'PractitionerRole', employer, roleOf(person, at(ward.id)))).status).toBe(201)
    const PERSON = [{ code: 'field-invalid', expression: 'PractitionerRole.practitioner' }]
    const PLACE = [{ code: 'field-invalid', expression: 'PractitionerRole.organization' }]
    // prettier-ignore
    const refused = [
      [roleOf(person, at(gp.id)), PLACE],
      [roleOf(person, at(randomUUID())), PLACE],
      [roleOf(foreign), PERSON],
      [roleOf(randomUUID()), PERSON],
      [{ resourceType: 'PractitionerRole' }, [{ code: 'field-missing', expression: 'PractitionerRole.practitioner' }]],
    ] as const
    for (const [body, faults] of refused) {
      const answer = await send('POST', 'PractitionerRole', employer, body)
      expect([answer.status, faultsIn(answer.json())]).toEqual([422, faults])
    }
    // The unit does not employ the staff of what it is part of.
    const unit = await client('ward-directory', ward.id)
    const own = await entered(physician(), unit)
    const answer = await send('POST', 'PractitionerRole', unit, roleOf(own, at(hospital.id)))
    expect([answer.status, faultsIn(answer.json())]).toEqual([422, PLACE])
  })
})

describe('an entry', () => {
  const NOT_WRITABLE = outcome('not-found', 'there is no resource with this id that you may write')

  test('is its employer’s to change and to delete', async () => {
    const id = await entered(physician())
    const path = `Practitioner/${id}`
    const renamed = physician({ name: [{ family: 'Nielsen' }] })
    for (const answer of [
      await send('PUT', path, other, renamed),
      await send('DELETE', path, other),
      await send('DELETE', `Practitioner/${randomUUID()}`, other),
      // The id is taken, whatever the type.
      await send('PUT', `PractitionerRole/${id}`, employer, roleOf(id)),
    ])
      expect([answer.status, answer.json()]).toEqual([404, NOT_WRITABLE])
    const before = (await get(path)).headers.get('etag') ?? ''
    const changed = await send('PUT', path, employer, renamed, before)
    expect(changed.status).toBe(200)
    expect(((await get(path)).json() as Practitioner).name).toEqual([{ family: 'Nielsen' }])
    for (const late of [
      await send('PUT', path, employer, renamed, before),
      await send('DELETE', path, employer, undefined, before),
    ])
      expect([late.status, faultsIn(late.json())]).toEqual([412, [{ code: 'version-conflict' }]])
    expect((await send('DELETE', path, employer)).status).toBe(204)
    expect((await get(path)).status).toBe(404)
    expect(ids(await get(`Practitioner?_id=${id}`))).toEqual([])
  })

  test.each(['minimal', 'representation'])('is answered as `return=%s` asks', async (form) => {
    const answer = await sendRaw(gateway.baseUrl, '/fhir/Practitioner', {
      method: 'POST',
      token: employer,
      type: FHIR_JSON,
      headers: { prefer: `return=${form}` },
      body: JSON.stringify(physician({ gender: 'female' })),
    })
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([201, `return=${form}`])
    const read = await get(`Practitioner/${idIn(answer)}`)
    expect(answer.text).toBe(form === 'minimal' ? '' : read.text)
  })

  test('that was deleted keeps its id for its employer', async () => {
    const id = randomUUID()
    const path = `Practitioner/${id}`
    expect((await send('PUT', path, employer, physician())).status).toBe(201)
    expect((await send('DELETE', path, employer)).status).toBe(204)
    const taken = await send('PUT', path, other, physician())
    expect([taken.status, taken.json()]).toEqual([404, NOT_WRITABLE])
    expect((await send('PUT', path, employer, physician())).status).toBe(201)
  })

  test('of a person with a role is not deleted', async () => {
    const person = await entered(physician())
    const role = await entered(roleOf(person))
    const kept = await send('DELETE', `Practitioner/${person}`, employer)
    const text = 'the person still has a PractitionerRole: delete the roles first'
    expect([kept.status, kept.json()]).toEqual([409, outcome('directory-entry-in-use', text)])
    expect((await send('DELETE', `PractitionerRole/${role}`, employer)).status).toBe(204)
    expect((await send('DELETE', `Practitioner/${person}`, employer)).status).toBe(204)
    const late = await send('POST', 'PractitionerRole', employer, roleOf(person))
    expect([late.status, faultsIn(late.json())]).toEqual([
      422,
      [{ code: 'field-invalid', expression: 'PractitionerRole.practitioner' }],
    ])
  })

  test('that does not exist is answered as what is withheld elsewhere', async () => {
    const absent = await get(`Practitioner/${randomUUID()}`)
    expect(comparable(absent)).toEqual(comparable(await get(`CarePlan/${randomUUID()}`)))
  })

  test('is in the log with who read and changed it, and no citizen', async () => {
    const { effects } = await effectsOf(gateway.database, async () => {
      const id = await entered(physician())
      await get(`Practitioner/${id}`)
      await get('Practitioner?name=nobody')
      await get(`Organization/${hospital.id}`)
      await send('PUT', `Practitioner/${id}`, employer, physician())
      await send('DELETE', `Practitioner/${id}`, employer)
    })
    expect(
      effects.audit.map(({ kind, interaction, subject, resources }) => [
        kind,
        interaction,
        subject,
        resources?.[0]?.type,
      ]),
    ).toEqual([
      ['directory', 'create', undefined, 'Practitioner'],
      ['directory', 'read', undefined, 'Practitioner'],
      ['directory', 'search-type', undefined, undefined],
      ['directory', 'read', undefined, 'Organization'],
      ['directory', 'update', undefined, 'Practitioner'],
      ['directory', 'delete', undefined, 'Practitioner'],
    ])
    const log = await get('AuditEvent?_count=100', employer)
    expect(validator.validate(log.json() as Bundle)).toEqual([])
    expect(effects.added).toEqual({ directory_entry: 1 })
  })
})

// https://hl7.org/fhir/R4/http.html#history
describe('the versions of an entry', () => {
  const renamed = physician({ name: [{ family: 'Holm' }] })
  const versionIn = (answer: Received): string => answer.headers.get('etag')?.slice(3, -1) ?? ''

  test('are where the `Location` of each write says, newest first in the history, for whoever reads the directory', async () => {
    const created = await send('POST', 'Practitioner', employer, physician())
    const id = idIn(created)
    const updated = await send('PUT', `Practitioner/${id}`, employer, renamed)
    for (const [written, family] of [
      [created, 'Ærø'],
      [updated, 'Holm'],
    ] as const) {
      const [, path = ''] = (written.headers.get('location') ?? '').split('/fhir/')
      const read = await get(path)
      expect([read.status, read.headers.get('etag')]).toEqual([200, written.headers.get('etag')])
      expect(read.json()).toMatchObject({ id, meta: { versionId: versionIn(written) }, name: [{ family }] })
    }
    const history = await get(`Practitioner/${id}/_history`)
    const url = `Practitioner/${id}`
    const fullUrl = `${gateway.baseUrl}/fhir/${url}`
    expect(validator.validate(history.json() as Bundle)).toEqual([])
    expect([history.status, history.json()]).toEqual([
      200,
      {
        resourceType: 'Bundle',
        type: 'history',
        link: [{ relation: 'self', url: `${fullUrl}/_history` }],
        entry: [
          [updated, '200'],
          [created, '201'],
        ].map(([written, status]) => ({
          fullUrl,
          resource: expect.objectContaining({
            meta: { versionId: versionIn(written as Received), lastUpdated: expect.any(String) },
          }),
          request: { method: 'PUT', url },
          response: {
            status,
            etag: `W/"${versionIn(written as Received)}"`,
            lastModified: expect.any(String),
          },
        })),
      },
    ])
  })

  test('come in pages, and since an instant', async () => {
    const id = await entered(physician())
    await send('PUT', `Practitioner/${id}`, employer, renamed)
    const first = (await get(`Practitioner/${id}/_history?_count=1`)).json() as Bundle<Practitioner>
    expect(first.entry?.map(({ resource }) => resource?.name?.[0]?.family)).toEqual(['Holm'])
    const next = first.link?.find(({ relation }) => relation === 'next')?.url ?? ''
    const second = (await get(next.slice(`${gateway.baseUrl}/fhir/`.length))).json() as Bundle<Practitioner>
    expect(second.entry?.map(({ resource }) => resource?.name?.[0]?.family)).toEqual(['Ærø'])
    expect(second.link?.map(({ relation }) => relation)).toEqual(['self'])
    const later = await get(`Practitioner/${id}/_history?_since=2999-01-01T00:00:00Z`)
    expect([later.status, (later.json() as Bundle).entry]).toEqual([200, undefined])
  })

  test('end with the entry: after a deletion there are none, and one that is entered again has its own', async () => {
    const created = await send('POST', 'Practitioner', employer, physician())
    const id = idIn(created)
    await send('DELETE', `Practitioner/${id}`, employer)
    const nowhere = [
      await get(`Practitioner/${id}/_history/${versionIn(created)}`),
      await get(`Practitioner/${id}/_history`),
      await get(`Practitioner/${randomUUID()}/_history`),
      await get(`PractitionerRole/${id}/_history`),
    ]
    for (const answer of nowhere)
      expect(comparable(answer)).toEqual(comparable(await get(`Practitioner/${randomUUID()}`)))
    await send('PUT', `Practitioner/${id}`, employer, renamed)
    expect(found<Practitioner>(await get(`Practitioner/${id}/_history`)).map(({ name }) => name)).toEqual([
      renamed.name,
    ])
  })

  test('of another type or entry are not found by their number', async () => {
    const created = await send('POST', 'Practitioner', employer, physician())
    const another = await entered(physician())
    for (const path of [`PractitionerRole/${idIn(created)}`, `Practitioner/${another}`])
      expect((await get(`${path}/_history/${versionIn(created)}`)).status).toBe(404)
  })
})

describe('a search', () => {
  // prettier-ignore
  const refused = [
    { title: 'everything', query: 'Practitioner', want: { code: 'search-too-wide' } },
    { title: 'a page of everything', query: 'Organization?_count=5', want: { code: 'search-too-wide' } },
    { title: 'an unknown parameter', query: 'Organization?address=x', want: { code: 'parameter-unknown', expression: 'address' } },
    { title: 'a modifier', query: 'Practitioner?name:exact=x', want: { code: 'parameter-unknown', expression: 'name:exact' } },
    { title: 'a national id', query: 'Practitioner?identifier=urn:oid:1.2.208.176.1.2|2509479989', want: { code: 'parameter-invalid', expression: 'identifier' } },
    { title: 'nothing', query: 'Practitioner?name=', want: { code: 'parameter-invalid', expression: 'name' } },
    { title: 'too many', query: 'Practitioner?name=a&_count=101', want: { code: 'parameter-invalid', expression: '_count' } },
    { title: 'no place in a list', query: 'Practitioner?name=a&cursor=x', want: { code: 'parameter-invalid', expression: 'cursor' } },
    { title: 'more values than are compared', query: `Practitioner?name=${Array.from({ length: 101 }, () => 'a').join()}`, want: { code: 'parameter-invalid', expression: 'name' } },
  ]
  test.for(refused)('for $title is refused', async ({ query, want }) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => get(query))
    expect([answer.status, faultsIn(answer.json())]).toEqual([400, [want]])
    expect(effects).toEqual({ added: {}, audit: [] })
  })

  test('leaves out what is unknown when that is asked for', async () => {
    const answer = await sendRaw(gateway.baseUrl, `/fhir/Organization?address=x&_id=${ward.id}`, {
      token: other,
      headers: { prefer: 'handling=lenient' },
    })
    expect(ids(answer)).toEqual([ward.id])
    expect((answer.json() as Bundle).link?.[0]?.url).toBe(
      `${gateway.baseUrl}/fhir/Organization?_id=${ward.id}`,
    )
  })
})
