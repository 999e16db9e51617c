import { randomUUID } from 'node:crypto'
import type { Bundle, OperationOutcome, Patient } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { piecesIn } from '#test/secrets.ts'
import { validator } from '#test/validator.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const FORM = 'application/x-www-form-urlencoded'
const CPR = 'urn:oid:1.2.208.176.1.2'
/** Elmer is known to the hospital and to the municipality; Berggren to the hospital alone; nobody ever sends the third, but the GP. */
const ELMER = '2509479989'
const BERGGREN = '1502779995'
const NOBODY = '0201919990'

let gateway: TestGateway
let hospital: string
let municipality: string
let gp: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = await client('hospital-patients', sandboxOrganizations.hospital.id)
  municipality = await client('municipality-patients', sandboxOrganizations.municipality.id)
  gp = await client('gp-patients', sandboxOrganizations.gp.id)
})
afterAll(() => gateway.close())

async function client(id: string, organizationId: string): Promise<string> {
  const scopes = ['system/*.cruds']
  return (
    await gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
  ).token()
}

const patient = (cpr: string, change: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: CPR, value: cpr }],
  name: [{ family: 'Elmer', given: ['Nancy'] }],
  ...change,
})

function send(
  method: string,
  path: string,
  token: string,
  body?: object,
  headers?: Record<string, string>,
): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, {
    method,
    token,
    ...(body ? { type: FHIR_JSON, body: JSON.stringify(body) } : {}),
    ...(headers ? { headers } : {}),
  })
}

const post = (body: object, token = hospital): Promise<Received> => send('POST', 'Patient', token, body)
const get = (path: string, token = hospital): Promise<Received> => send('GET', `Patient${path}`, token)
const put = (id: string, body: object, token = hospital, etag?: string): Promise<Received> =>
  send('PUT', `Patient/${id}`, token, body, etag === undefined ? {} : { 'if-match': etag })

function search(fields: Record<string, string>, token = hospital): Promise<Received> {
  return sendRaw(gateway.baseUrl, '/fhir/Patient/_search', {
    method: 'POST',
    token,
    type: FORM,
    body: new URLSearchParams(fields).toString(),
  })
}

const byCpr = (cpr: string, token = hospital): Promise<Received> =>
  search({ identifier: `${CPR}|${cpr}` }, token)

const idIn = (answer: Received): string =>
  /\/Patient\/([0-9a-f-]{36})\//.exec(answer.headers.get('location') ?? '')?.[1] ?? ''
const versionIn = (answer: Received): string => /W\/"(.+)"/.exec(answer.headers.get('etag') ?? '')?.[1] ?? ''

function found(answer: Received): Patient[] {
  expect(answer.status).toBe(200)
  const bundle = answer.json() as Bundle<Patient>
  expect(validator.validate(bundle)).toEqual([])
  return (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []))
}

/** Demographics of a citizen, as one organisation has them from now on. */
async function known(token: string, cpr: string, change: Partial<Patient> = {}): Promise<string> {
  const created = await post(patient(cpr, change), token)
  if (created.status === 201) return idIn(created)
  const id = /Patient\/([0-9a-f-]{36})/.exec(created.text)?.[1] ?? ''
  expect((await put(id, patient(cpr, change), token)).status).toBe(200)
  return id
}

describe('a Patient', () => {
  test('is created, read as it was sent with the national id, and replaced', async () => {
    const sent = patient(BERGGREN, {
      identifier: [
        { system: CPR, value: '150277-9995', use: 'official' },
        { system: 'https://sandkobing.example/mrn', value: 'M-17' },
      ],
      birthDate: '1977-02-15',
      address: [{ line: ['Geheimvej 4'], city: 'Sandkøbing' }],
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">150277-9995</div>' },
      meta: { tag: [{ code: 'x' }], profile: ['http://hl7.org/fhir/StructureDefinition/Patient'] },
    })
    const created = await post(sent)
    const id = idIn(created)
    const version = versionIn(created)
    expect([created.status, created.json()]).toEqual([
      201,
      {
        resourceType: 'OperationOutcome',
        issue: [
          {
            severity: 'information',
            code: 'informational',
            diagnostics: `created Patient/${id}, version ${version}; your organisation alone reads it`,
          },
        ],
      },
    ])
    expect(created.headers.get('location')).toBe(`${gateway.baseUrl}/fhir/Patient/${id}/_history/${version}`)

    const read = await get(`/${id}`)
    expect([read.status, read.headers.get('etag')]).toEqual([200, `W/"${version}"`])
    const whole = {
      resourceType: 'Patient',
      id,
      meta: {
        profile: ['http://hl7.org/fhir/StructureDefinition/Patient'],
        versionId: version,
        lastUpdated: expect.any(String),
      },
      identifier: [
        { use: 'official', system: CPR, value: BERGGREN },
        { system: 'https://sandkobing.example/mrn', value: 'M-17' },
      ],
      name: [{ family: 'Elmer', given: ['Nancy'] }],
      birthDate: '1977-02-15',
      address: [{ line: ['Geheimvej 4'], city: 'Sandkøbing' }],
    }
    const shown = read.json() as Patient
    expect(shown).toEqual(whole)
    expect(validator.validate(shown)).toEqual([])

    // As it was read, with its number and all: what a client does that changes one element.
    const updated = await put(id, { ...shown, birthDate: '1977-02-16' }, hospital, `W/"${version}"`)
    expect(updated.status).toBe(200)
    expect(versionIn(updated)).not.toBe(version)
    expect((await get(`/${id}`)).json()).toEqual({
      ...whole,
      meta: { ...whole.meta, versionId: versionIn(updated) },
      birthDate: '1977-02-16',
    })
    const late = await put(id, shown, hospital, `W/"${version}"`)
    expect([late.status, faultsIn(late.json())]).toEqual([412, [{ code: 'version-conflict' }]])
  })

  test('is the citizen that records refer to: one id, whoever sent them', async () => {
    const id = await known(municipality, ELMER)
    const { id: _id, ...plan } = sampleCarePlan()
    const stored = await send('POST', 'CarePlan', municipality, {
      ...plan,
      subject: { reference: `Patient/${id}` },
    })
    expect(stored.status).toBe(201)
    expect(found(await byCpr(ELMER, municipality)).map((each) => each.id)).toEqual([id])
  })

  test('is stored without a national id, which no row, log line or address holds', async () => {
    const id = await known(hospital, '3001749995')
    await get(`/${id}`)
    await byCpr('3001749995')
    const rows = await gateway.database.query({ text: 'select content from patient_version' })
    const log = await gateway.database.query({ text: 'select entry from audit_event' })
    const all = JSON.stringify([rows, log]) + gateway.logged.join('\n')
    expect(piecesIn(all, ['3001749995', '300174-9995'])).toEqual([])
  })

  test('that was sent before is not sent again: the answer names where it is', async () => {
    const id = await known(hospital, '0505059996')
    const { result: again, effects } = await effectsOf(gateway.database, () => post(patient('0505059996')))
    const text = `your organisation sent demographics of this citizen before: PUT these to \`Patient/${id}\``
    expect([again.status, again.json()]).toEqual([
      409,
      outcome('patient-held-already', text, 'Patient.identifier'),
    ])
    expect(effects.added).toEqual({ quarantine: 1 })
  })
})

test('its versions are its sender’s, with the current numbers', async () => {
  const id = await known(municipality, ELMER, { name: [{ family: 'Første' }] })
  const first = versionIn(await get(`/${id}`, municipality))
  await put(id, patient(ELMER, { name: [{ family: 'Anden' }] }), municipality)
  await put(id, patient(ELMER, { name: [{ family: 'Tredje' }] }), municipality)
  const read = await get(`/${id}/_history/${first}`, municipality)
  expect([read.status, (read.json() as Patient).name, (read.json() as Patient).identifier]).toEqual([
    200,
    [{ family: 'Første' }],
    [{ use: 'official', system: CPR, value: ELMER }],
  ])
  // To whoever knows the citizen too, another’s version is none.
  await known(hospital, ELMER)
  const foreign = await get(`/${id}/_history/${first}`)
  expect([foreign.status, comparable(foreign)]).toEqual([
    404,
    comparable(await get(`/${id}/_history/${randomUUID()}`)),
  ])
  const names: unknown[] = []
  let path: string | undefined = `/${id}/_history?_count=1`
  for (let pages = 0; path !== undefined && pages < 3; pages++) {
    const answer: Received = await get(path, municipality)
    const bundle = answer.json() as Bundle<Patient>
    expect([answer.status, validator.validate(bundle)]).toEqual([200, []])
    names.push(...(bundle.entry ?? []).map(({ resource }) => resource?.name?.[0]?.family))
    const next = bundle.link?.find(({ relation }) => relation === 'next')
    path = next?.url?.slice(`${gateway.baseUrl}/fhir/Patient`.length)
  }
  expect(names).toEqual(['Tredje', 'Anden', 'Første'])
  const whole = (await get(`/${id}/_history`)).text
  expect(piecesIn(whole, ['Første', 'Anden', 'Tredje'])).toEqual([])
  const strange = await get(`/${id}/_history`, gp)
  expect([strange.status, comparable(strange)]).toEqual([
    404,
    comparable(await get(`/${randomUUID()}/_history`, gp)),
  ])
})

describe('Prefer', () => {
  test.each(['minimal', 'representation', 'OperationOutcome'])('return=%s is what comes', async (form) => {
    const id = await known(hospital, BERGGREN)
    const body = patient(BERGGREN, { name: [{ family: form }] })
    const answer = await send('PUT', `Patient/${id}`, hospital, body, { prefer: `return=${form}` })
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, `return=${form}`])
    const shown = answer.text === '' ? undefined : (answer.json() as Patient | OperationOutcome)
    const read = (await get(`/${id}`)).json()
    if (form === 'minimal') expect(shown).toBeUndefined()
    else if (form === 'representation') expect(shown).toEqual(read)
    else expect(shown?.resourceType).toBe('OperationOutcome')
  })

  test('with an Idempotency-Key the outcome comes, and comes again', async () => {
    const id = await known(hospital, BERGGREN)
    const headers = { prefer: 'return=representation', 'idempotency-key': `"${randomUUID()}"` }
    const body = patient(BERGGREN, { name: [{ family: 'Igen' }] })
    const first = await send('PUT', `Patient/${id}`, hospital, body, headers)
    const again = await send('PUT', `Patient/${id}`, hospital, body, headers)
    expect([first.status, again.status, again.json()]).toEqual([200, 200, first.json()])
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
  })
})

describe('each organisation', () => {
  test('reads its own demographics and nobody else’s, of one citizen under one id', async () => {
    const id = await known(hospital, ELMER, { name: [{ family: 'Hospitalsnavn' }] })
    expect(await known(municipality, ELMER, { name: [{ family: 'Kommunenavn' }] })).toBe(id)
    const names = async (token: string): Promise<unknown> =>
      ((await get(`/${id}`, token)).json() as Patient).name
    expect(await names(hospital)).toEqual([{ family: 'Hospitalsnavn' }])
    expect(await names(municipality)).toEqual([{ family: 'Kommunenavn' }])
    expect(found(await byCpr(ELMER, municipality))[0]?.name).toEqual([{ family: 'Kommunenavn' }])
    expect(found(await search({ _id: id }))[0]?.name).toEqual([{ family: 'Hospitalsnavn' }])
  })

  test('that was given a record reads the numbers alone, and may add demographics of its own', async () => {
    const cpr = '1502829995'
    const id = await known(hospital, cpr, { name: [{ family: 'Hospitalsnavn' }] })
    const subject = { reference: `Patient/${id}` }
    const { id: _id, ...plan } = sampleCarePlan()
    const stored = await send('POST', 'CarePlan', hospital, { ...plan, subject })
    const path = /CarePlan\/[0-9a-f-]{36}/.exec(stored.headers.get('location') ?? '')?.[0] ?? ''
    expect((await get(`/${id}`, gp)).status).toBe(404)
    const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY', 'SUD'])
    const consented = await send('POST', 'Consent', hospital, { ...consent, patient: subject })
    expect(consented.status).toBe(201)
    // A consent alone makes nobody known: what it permits must have been given.
    expect((await get(`/${id}`, gp)).status).toBe(404)
    expect((await send('GET', path, gp)).status).toBe(200)

    const read = await get(`/${id}`, gp)
    expect([read.status, read.headers.get('etag'), read.json()]).toEqual([
      200,
      null,
      { resourceType: 'Patient', id, identifier: [{ use: 'official', system: CPR, value: cpr }] },
    ])
    expect((await put(id, patient(cpr, { name: [{ family: 'Lægenavn' }] }), gp)).status).toBe(201)
    expect(((await get(`/${id}`, gp)).json() as Patient).name).toEqual([{ family: 'Lægenavn' }])
    expect(((await get(`/${id}`)).json() as Patient).name).toEqual([{ family: 'Hospitalsnavn' }])
  })
})

describe('to an organisation that does not know them', () => {
  test('a citizen whom others know and one whom nobody ever sent are the same, whatever is asked', async () => {
    const none = randomUUID()
    const citizens = [
      { id: await known(hospital, BERGGREN), cpr: BERGGREN },
      { id: none, cpr: NOBODY },
    ] as const
    // prettier-ignore
    const asks: readonly ((citizen: (typeof citizens)[number]) => Promise<Received>)[] = [
      ({ id }) => get(`/${id}`, gp),
      ({ id }) => get(`?_id=${id}`, gp),
      ({ id }) => get(`/${id}/_history`, gp),
      ({ id }) => get(`/${id}/_history/${randomUUID()}`, gp),
      ({ id }) => search({ _id: id }, gp),
      ({ cpr }) => byCpr(cpr, gp),
      ({ id, cpr }) => search({ identifier: `${CPR}|${cpr}`, _id: id }, gp),
      ({ id, cpr }) => put(id, patient(cpr), gp),
      ({ id }) => put(id, patient('2509479989'), gp),
      ({ id, cpr }) => put(id, { ...patient(cpr), identifier: [] }, gp),
      ({ id, cpr }) => put(id, { ...patient(cpr), id }, gp, `W/"${randomUUID()}"`),
      ({ cpr }) => post({ ...patient(cpr), identifier: [...(patient(cpr).identifier ?? []), { system: CPR, value: ELMER }] }, gp),
      ({ id }) => send('GET', `AuditEvent?patient=Patient/${id}`, gp),
      ({ id }) => send('POST', 'CarePlan', gp, { ...sampleCarePlan(), id: undefined, subject: { reference: `Patient/${id}` } }),
      // Last: from now on the GP knows them.
      ({ cpr }) => post(patient(cpr), gp),
      ({ cpr }) => byCpr(cpr, gp),
      ({ cpr }) => post(patient(cpr), gp),
    ]
    const answers = [[], []] as [unknown[], unknown[]]
    for (const [world, citizen] of citizens.entries()) {
      const since = new Date().toISOString()
      for (const ask of asks) answers[world]?.push(withoutIds(await ask(citizen), citizen.cpr))
      // Whoever knows a citizen now must not read in its own log that there was one when it did not.
      const log = await send('GET', `AuditEvent?_count=100&date=ge${since}`, gp)
      const { entry } = log.json() as Bundle
      expect(entry?.length).toBeGreaterThan(10)
      answers[world]?.push(withoutIds({ ...log, text: JSON.stringify(entry), headers: new Headers() }, ''))
    }
    expect(answers[0]).toEqual(answers[1])
  })

  /** Ids, times and hashes are another's in each answer. */
  function withoutIds({ status, headers, text }: Received, cpr: string): unknown {
    const plain = (value: string): string =>
      value
        .replaceAll(cpr || 'cpr', 'cpr')
        .replaceAll(/[0-9a-f]{64}/g, 'hash')
        .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'id')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    const same = new Headers([...headers].filter(([name]) => name !== 'last-modified'))
    return comparable({
      status,
      text: plain(text),
      headers: new Headers([...same].map(([name, value]) => [name, plain(value)])),
    })
  }

  test('what a log tells of a question is not that the citizen exists', async () => {
    const id = await known(hospital, BERGGREN)
    const stranger = await client('municipality-stranger', sandboxOrganizations.municipality.id)
    await get(`/${id}`, stranger)
    await byCpr(BERGGREN, stranger)
    const log = await send('GET', 'AuditEvent?_count=20', stranger)
    expect(log.text).not.toContain(id)
  })
})

describe('the log', () => {
  test('has each read and search in the transaction of its answer, also those that found nobody', async () => {
    const id = await known(hospital, ELMER)
    const version = versionIn(await get(`/${id}`))
    const none = randomUUID()
    const { effects } = await effectsOf(gateway.database, async () => {
      await get(`/${id}`)
      await get(`/${none}`)
      await byCpr(ELMER)
    })
    expect(
      effects.audit.map(({ kind, interaction, effect, reason, subject, resources }) => ({
        kind,
        interaction,
        effect,
        reason,
        subject,
        resources,
      })),
    ).toEqual([
      {
        kind: 'disclose',
        interaction: 'read',
        effect: 'permit',
        reason: 'own-record',
        subject: id,
        resources: [{ type: 'Patient', id, version }],
      },
      {
        kind: 'disclose',
        interaction: 'read',
        effect: 'deny',
        reason: 'not-found',
        subject: none,
        resources: [{ type: 'Patient', id: none }],
      },
      {
        kind: 'disclose',
        interaction: 'search-type',
        effect: 'permit',
        reason: 'own-record',
        subject: id,
        resources: [{ type: 'Patient', id, version }],
      },
      {
        kind: 'search',
        interaction: 'search-type',
        effect: undefined,
        reason: undefined,
        subject: id,
        resources: undefined,
      },
    ])
  })
})

describe('refused', () => {
  const EXCHANGEABLE = 'patient-id-not-exchangeable'
  // prettier-ignore
  const bodies: readonly { title: string; body: object; faults: object[] }[] = [
    { title: 'nobody is named', body: { ...patient(ELMER), identifier: [{ system: 'https://sandkobing.example/mrn', value: '1' }] }, faults: [{ code: 'field-missing', expression: 'Patient.identifier' }] },
    { title: 'two numbers', body: { ...patient(ELMER), identifier: [{ system: CPR, value: ELMER }, { system: CPR, value: BERGGREN }] }, faults: [{ code: 'field-invalid', expression: 'Patient.identifier' }] },
    { title: 'a regional number', body: { ...patient(ELMER), identifier: [{ system: 'urn:oid:1.2.208.176.1.6.1.3.71', value: '2509471RR1' }] }, faults: [{ code: EXCHANGEABLE, expression: 'Patient.identifier[0]' }] },
    { title: 'an H-number', body: { ...patient(ELMER), identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15438510173' }] }, faults: [{ code: EXCHANGEABLE, expression: 'Patient.identifier[0]' }] },
    { title: 'a CPR of no date', body: { ...patient(ELMER), identifier: [{ system: CPR, value: '3102479989' }] }, faults: [{ code: 'field-invalid', expression: 'Patient.identifier[0]' }] },
    { title: 'the number again under another system', body: { ...patient(ELMER), identifier: [{ system: CPR, value: ELMER }, { system: 'urn:x', value: '250947-9989' }] }, faults: [{ code: 'field-invalid', expression: 'Patient.identifier[1]' }] },
    { title: 'a number of somebody else', body: patient(ELMER, { contact: [{ organization: { identifier: { system: CPR, value: BERGGREN } } }] }), faults: [{ code: 'field-invalid', expression: 'Patient.contact[0].organization.identifier' }] },
    { title: 'a number as a reference', body: patient(ELMER, { generalPractitioner: [{ reference: `Practitioner/${BERGGREN}` }] }), faults: [{ code: 'field-invalid', expression: 'Patient.generalPractitioner[0].reference' }] },
    { title: 'a link to another citizen', body: patient(ELMER, { link: [{ other: { reference: `Patient/${randomUUID()}` }, type: 'seealso' }] }), faults: [{ code: 'field-invalid', expression: 'Patient.link' }] },
    { title: 'contained resources', body: patient(ELMER, { contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }], managingOrganization: { reference: '#o' } }), faults: [{ code: 'field-invalid', expression: 'Patient.contained' }] },
    { title: 'a code that is none', body: { ...patient(ELMER), gender: 'kvinde' }, faults: [{ code: 'code-unknown', expression: 'Patient.gender' }] },
  ]
  test.for(bodies)('$title', async ({ body, faults }) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => post(body))
    expect([answer.status, faultsIn(answer.json())]).toEqual([422, faults])
    expect(effects.added).toEqual({ quarantine: 1 })
    expect(piecesIn(answer.text, [ELMER, BERGGREN, '250947-9989', '3102479989'])).toEqual([])
  })

  test('an update that gives the citizen a number, or takes another’s', async () => {
    const id = await known(hospital, ELMER)
    await known(hospital, BERGGREN)
    const text =
      'a national id in the body is not of the citizen in the path; correct it, or POST a Patient with it'
    for (const cpr of [BERGGREN, '0101010101']) {
      const answer = await put(id, patient(cpr))
      expect([answer.status, answer.json()]).toEqual([
        422,
        outcome('field-invalid', text, 'Patient.identifier'),
      ])
    }
  })

  test('If-None-Exist, which would put a number into a header', async () => {
    const headers = { 'if-none-exist': `identifier=${CPR}|${ELMER}` }
    const answer = await send('POST', 'Patient', hospital, patient(ELMER), headers)
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      400,
      [{ code: 'parameter-invalid', expression: 'http:If-None-Exist' }],
    ])
  })

  // prettier-ignore
  const queries = [
    { title: 'a number in a URL', query: `?identifier=${CPR}|${ELMER}`, want: { code: 'parameter-invalid', expression: 'identifier' } },
    { title: 'everybody', query: '', want: { code: 'search-too-wide' } },
    { title: 'a name', query: '?name=elmer', want: { code: 'parameter-unknown' } },
    { title: 'a parameter twice', query: '?_id=a&_id=b', want: { code: 'parameter-invalid', expression: '_id' } },
    { title: 'too many', query: `?_id=${Array.from({ length: 101 }, () => 'a').join()}`, want: { code: 'parameter-invalid', expression: '_id' } },
  ]
  test.for(queries)('a search for $title', async ({ query, want }) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => get(query))
    expect([answer.status, faultsIn(answer.json())]).toEqual([400, [want]])
    expect(effects).toEqual({ added: {}, audit: [] })
  })

  test('a search by a number of no national system', async () => {
    const answer = await search({ identifier: 'https://sandkobing.example/mrn|M-17' })
    expect([answer.status, (answer.json() as OperationOutcome).issue[0]?.details?.coding?.[0]?.code]).toEqual(
      [422, 'patient-id-unknown-scheme'],
    )
  })
})
