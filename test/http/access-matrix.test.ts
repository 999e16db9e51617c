import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sectorRoutes } from '#adapters/sector-routes.ts'
import { fhirRoutes } from '#exchange/interactions.ts'
import { heldTypes } from '#fhir/held-types.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { openWorkItem, searchWorkItems } from '#store/tasks.ts'
import { sampleCarePlan, sampleConsent, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { heldSample } from '#test/held-samples.ts'
import { comparable, outcome, type Received, sendRaw, type Sent } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { piecesIn } from '#test/secrets.ts'
import { condition, encounter, FHIR_JSON, sectorWays } from '#test/ways-in.ts'

/**
 * Every way to ask, by every wrong requester. The rows below are held to the tables that route requests: a route without a
 * row fails the last test.
 */
interface Row {
  readonly route: string
  readonly needs: { readonly type: string; readonly interaction: string }
  readonly type?: string
  /** With the id of a resource, where the address or the query has one. */
  readonly send: (id: string) => { readonly path: string; readonly body?: string }
  readonly sector?: string
  /** What the id is of, where that is not the type. */
  readonly of?: 'work-item'
  /** The directory is every registered client's to read. */
  readonly isPublic?: true
}

const FORM = 'application/x-www-form-urlencoded'
const { id: _id, ...plan } = sampleCarePlan()
const person = 'b3d7a1c0-5a6e-4f7e-9d3c-0c1d2e3f4a5b'
const resources: Readonly<Record<string, object>> = {
  ...Object.fromEntries(heldTypes.map((type) => [type, heldSample(type)])),
  CarePlan: plan,
  Encounter: encounter,
  Condition: condition,
  Consent: sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY']),
  Patient: {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' }],
    name: [{ family: 'Hemmelighed' }],
  },
  Practitioner: { resourceType: 'Practitioner', name: [{ family: 'Behandler' }] },
  PractitionerRole: {
    resourceType: 'PractitionerRole',
    practitioner: { reference: `Practitioner/${person}` },
  },
  Subscription: subscriptionFor('http://127.0.0.1:9/', { headers: ['Authorization: geheim-134418'] }),
}

const held = (type: string): Row[] => {
  const path = `/fhir/${type}`
  const body = JSON.stringify(resources[type])
  return [
    { route: `POST ${path}`, needs: needs(type, 'c'), type: FHIR_JSON, send: () => ({ path, body }) },
    { route: `GET ${path}`, needs: needs(type, 's'), send: (id) => ({ path: `${path}?_id=${id}` }) },
    {
      route: `POST ${path}/_search`,
      needs: needs(type, 's'),
      type: FORM,
      send: (id) => ({ path: `${path}/_search`, body: `_id=${id}` }),
    },
    { route: `GET ${path}/:id`, needs: needs(type, 'r'), send: (id) => ({ path: `${path}/${id}` }) },
    {
      route: `PUT ${path}/:id`,
      needs: needs(type, 'u'),
      type: FHIR_JSON,
      send: (id) => ({ path: `${path}/${id}`, body }),
    },
  ]
}

/** Of what the owner holds; no other id has such a version. */
const versions = new Map<string, string>()
const versioned = (type: string): Row[] => {
  const path = `/fhir/${type}`
  return [
    {
      route: `GET ${path}/:id/_history`,
      needs: needs(type, 'r'),
      send: (id) => ({ path: `${path}/${id}/_history` }),
    },
    {
      route: `GET ${path}/:id/_history/:vid`,
      needs: needs(type, 'r'),
      send: (id) => ({ path: `${path}/${id}/_history/${versions.get(id) ?? randomUUID()}` }),
    },
  ]
}

/** Read by everybody, written by the employer. */
const directory = (type: string): Row[] => [
  ...held(type).map((row): Row => (row.route.startsWith('PUT') ? row : { ...row, isPublic: true })),
  ...versioned(type).map((row): Row => ({ ...row, isPublic: true })),
  {
    route: `DELETE /fhir/${type}/:id`,
    needs: needs(type, 'd'),
    send: (id) => ({ path: `/fhir/${type}/${id}` }),
  },
]

/** Of the owner's plan, whose version only its own readers know. */
const provenance = (): Row[] => {
  const path = '/fhir/Provenance'
  const idOf = (id: string): string => `${id}${versions.get(id) ?? randomUUID()}`.replaceAll('-', '')
  return [
    {
      route: `GET ${path}`,
      needs: needs('Provenance', 's'),
      send: (id) => ({ path: `${path}?target=CarePlan/${id}` }),
    },
    {
      route: `POST ${path}/_search`,
      needs: needs('Provenance', 's'),
      type: FORM,
      send: (id) => ({ path: `${path}/_search`, body: `target=CarePlan/${id}` }),
    },
    {
      route: `GET ${path}/:id`,
      needs: needs('Provenance', 'r'),
      send: (id) => ({ path: `${path}/${idOf(id)}` }),
    },
  ]
}

/** Writes that only records have which are held. */
const heldWrites = (type: string): Row[] => {
  const path = `/fhir/${type}`
  const body = JSON.stringify(resources[type])
  return [
    {
      route: `PUT ${path}`,
      needs: needs(type, 'u'),
      type: FHIR_JSON,
      send: () => ({ path: `${path}?status=active`, body }),
    },
    {
      route: `PATCH ${path}/:id`,
      needs: needs(type, 'u'),
      type: 'application/json-patch+json',
      send: (id) => ({ path: `${path}/${id}`, body: '[{"op":"test","path":"/id","value":"x"}]' }),
    },
    ...(type === 'Consent'
      ? []
      : [
          {
            route: `DELETE ${path}/:id`,
            needs: needs(type, 'd'),
            send: (id: string) => ({ path: `${path}/${id}` }),
          },
        ]),
    {
      route: `POST ${path}/$validate`,
      needs: needs(type, 'c'),
      type: FHIR_JSON,
      send: () => ({ path: `${path}/$validate`, body }),
    },
    {
      route: `POST ${path}/:id/$validate`,
      needs: needs(type, 'u'),
      type: FHIR_JSON,
      send: (id) => ({
        path: `${path}/${id}/$validate`,
        body: '{"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"delete"}]}',
      }),
    },
  ]
}

// prettier-ignore
const rows: readonly Row[] = [
  // No scope of its own: each of its entries has one, which test/exchange/batch.test.ts asks for.
  { route: 'POST /fhir', needs: needs('', 'c'), type: FHIR_JSON, send: (id) => ({ path: '/fhir', body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: `CarePlan/${id}` } }] }) }) },
  ...[...heldTypes, 'Patient'].flatMap(held),
  ...heldTypes.flatMap(versioned),
  ...versioned('Patient'),
  ...['Practitioner', 'PractitionerRole'].flatMap(directory),
  ...provenance(),
  ...directory('Organization').filter(({ route }) => !route.includes('_history') && (route.startsWith('GET') || route.endsWith('_search'))),
  ...heldTypes.flatMap(heldWrites),
  // Neither by a condition nor deleted.
  ...heldWrites('Patient').filter(({ route }) => !route.startsWith('DELETE') && route !== 'PUT /fhir/Patient'),
  ...['Patient', 'CarePlan'].map((type): Row => ({ route: `GET /fhir/${type}/:id/$everything`, needs: needs(type, 'r'), send: (id) => ({ path: `/fhir/${type}/${id}/$everything` }) })),
  { route: 'POST /fhir/Consent/:id/$withdraw', needs: needs('Consent', 'u'), type: FHIR_JSON, send: (id) => ({ path: `/fhir/Consent/${id}/$withdraw`, body: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'whole', valueBoolean: true }] }) }) },
  { route: 'POST /fhir/Consent/$decide', needs: needs('Consent', 'r'), type: FHIR_JSON, send: () => ({ path: '/fhir/Consent/$decide', body: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'patient', valueIdentifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } }] }) }) },
  { route: 'POST /fhir/Consent/$override', needs: needs('Consent', 'c'), type: FHIR_JSON, send: () => ({ path: '/fhir/Consent/$override', body: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'patient', valueIdentifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } }] }) }) },
  { route: 'POST /fhir/Subscription', needs: needs('Subscription', 'c'), type: FHIR_JSON, send: () => ({ path: '/fhir/Subscription', body: JSON.stringify(resources['Subscription']) }) },
  { route: 'GET /fhir/Subscription', needs: needs('Subscription', 's'), send: () => ({ path: '/fhir/Subscription' }) },
  { route: 'GET /fhir/Subscription/$status', needs: needs('Subscription', 'r'), send: (id) => ({ path: `/fhir/Subscription/$status?id=${id}` }) },
  { route: 'GET /fhir/Subscription/:id/$status', needs: needs('Subscription', 'r'), send: (id) => ({ path: `/fhir/Subscription/${id}/$status` }) },
  { route: 'GET /fhir/Subscription/:id', needs: needs('Subscription', 'r'), send: (id) => ({ path: `/fhir/Subscription/${id}` }) },
  { route: 'PUT /fhir/Subscription/:id', needs: needs('Subscription', 'u'), type: FHIR_JSON, send: (id) => ({ path: `/fhir/Subscription/${id}`, body: JSON.stringify(resources['Subscription']) }) },
  { route: 'DELETE /fhir/Subscription/:id', needs: needs('Subscription', 'd'), send: (id) => ({ path: `/fhir/Subscription/${id}` }) },
  { route: 'GET /fhir/AuditEvent', needs: needs('AuditEvent', 's'), send: (id) => ({ path: `/fhir/AuditEvent?_id=${id}` }) },
  { route: 'POST /fhir/AuditEvent/_search', needs: needs('AuditEvent', 's'), type: FORM, send: (id) => ({ path: '/fhir/AuditEvent/_search', body: `_id=${id}` }) },
  { route: 'GET /fhir/AuditEvent/:id', needs: needs('AuditEvent', 'r'), send: (id) => ({ path: `/fhir/AuditEvent/${id}` }) },
  { route: 'GET /fhir/Task/:id/$reason', needs: needs('Task', 'r'), of: 'work-item', send: (id) => ({ path: `/fhir/Task/${id}/$reason` }) },
  ...sectorWays.map(({ path, type, body }): Row => ({ route: `POST ${path}`, needs: needs(path.includes('/gp/condition') ? 'Condition' : path.includes('/hospital/') ? 'Encounter' : 'CarePlan', 'c'), type, sector: path.split('/')[2] ?? '', send: () => ({ path, body }) })),
]

function needs(type: string, interaction: string): Row['needs'] {
  return { type, interaction }
}

let gateway: TestGateway
/** Of the hospital, which holds what is asked for, and of the municipality: both with every scope there is. */
let owner: string
let outsider: string
const ids = new Map<string, string>()
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  owner = await everything('owner', sandboxOrganizations.hospital.id)
  outsider = await everything('outsider', sandboxOrganizations.municipality.id)
  const entered = await sendRaw(gateway.baseUrl, `/fhir/Practitioner/${person}`, {
    method: 'PUT',
    token: owner,
    type: FHIR_JSON,
    body: JSON.stringify(resources['Practitioner']),
  })
  expect(entered.status).toBe(201)
  for (const [type, resource] of Object.entries(resources)) {
    const answer = await sendRaw(gateway.baseUrl, `/fhir/${type}`, {
      method: 'POST',
      token: owner,
      type: FHIR_JSON,
      body: JSON.stringify(resource),
    })
    expect(answer.status).toBe(201)
    const id = /\/fhir\/\w+\/([0-9a-f-]{36})/.exec(answer.headers.get('location') ?? '')?.[1] ?? ''
    ids.set(type, id)
    versions.set(id, answer.headers.get('etag')?.slice(3, -1) ?? '')
  }
  const events = await sendRaw(gateway.baseUrl, '/fhir/AuditEvent?_count=1', { token: owner })
  ids.set('Organization', sandboxOrganizations.hospital.id)
  ids.set('Provenance', ids.get('CarePlan') ?? '')
  ids.set('', ids.get('CarePlan') ?? '')
  ids.set('work-item', await workItem())
  ids.set('AuditEvent', /"id":"([0-9a-f-]{36})"/.exec(events.text)?.[1] ?? '')
})
afterAll(() => gateway.close())

/** The owner's: nothing of it is another's to see. */
async function workItem(): Promise<string> {
  const subjectId = randomUUID()
  await gateway.database.transaction((tx) =>
    openWorkItem(tx, {
      code: 'indeterminate',
      ownerOrganizationId: sandboxOrganizations.hospital.id,
      subjectId,
      reason: 'indeterminate',
      dedupeKey: 'matrix',
    }),
  )
  const query = { ownerOrganizationId: sandboxOrganizations.hospital.id, subjectId, limit: 1 }
  const [item] = await searchWorkItems(gateway.database, query)
  return item?.id ?? ''
}

async function everything(id: string, organizationId: string): Promise<string> {
  const scopes = ['system/*.cruds']
  return (
    await gateway.addClient({ id, organizationId, profile: 'smart', scopes, purposeOfUse: ['TREAT'] })
  ).token()
}

function send(row: Row, id: string, sent: Sent): Promise<Received> {
  const { path, body } = row.send(id)
  const method = row.route.split(' ')[0] ?? ''
  return sendRaw(gateway.baseUrl, path, {
    method,
    ...(row.type ? { type: row.type } : {}),
    ...(body === undefined ? {} : { body }),
    ...sent,
  })
}

const SECRETS = ['2509479989', '1502829995', 'geheim-134418', 'Skizofreni siden ungdommen', 'Hemmelighed']

describe.for(rows)('$route', (row) => {
  const { needs: needed, of = needed.type, sector = 'hospital' } = row
  const own = (): string => ids.get(of) ?? ''

  async function expectRefused(sent: Sent, status: number, body: object): Promise<Received> {
    const lines = gateway.logged.length
    const { result: answer, effects } = await effectsOf(gateway.database, () => send(row, own(), sent))
    expect([answer.status, answer.json()]).toEqual([status, body])
    expect(effects).toEqual({ added: {}, audit: [] })
    expect(piecesIn([answer.text, ...gateway.logged.slice(lines)].join('\n'), SECRETS)).toEqual([])
    return answer
  }

  test('without a token', async () => {
    const text = 'found no bearer token: send `Authorization: Bearer` and a token from the token endpoint'
    const answer = await expectRefused({}, 401, outcome('token-missing', text, 'http:Authorization'))
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="sluse", DPoP realm="sluse", algs="PS256 ES256 ES384"',
    )
  })

  test('with a damaged token', async () => {
    const at = owner.length - 10
    const damaged = owner.slice(0, at) + (owner[at] === 'A' ? 'B' : 'A') + owner.slice(at + 1)
    const text =
      'the access token is damaged or not issued for this gateway: ask the token endpoint for a new one'
    const answer = await expectRefused(
      { token: damaged },
      401,
      outcome('token-invalid', text, 'http:Authorization'),
    )
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="sluse", error="invalid_token", DPoP realm="sluse", error="invalid_token", algs="PS256 ES256 ES384"',
    )
  })

  // A Bundle needs no scope of its own: each of its requests does.
  if (needed.type === '') return
  test('without the scope, though with every other', async () => {
    const others = 'cruds'.replace(needed.interaction, '')
    const types = [...new Set(rows.map(({ needs: { type } }) => type))].filter((type) => type !== '')
    const scopes = types.map((type) => `system/${type}.${type === needed.type ? others : 'cruds'}`)
    const organization = Object.values(sandboxOrganizations).find((each) => each.sector === sector)
    const id = `narrow-${randomUUID()}`
    const client = await gateway.addClient({
      id,
      organizationId: organization?.id ?? '',
      profile: 'smart',
      scopes,
      purposeOfUse: ['TREAT'],
    })
    const text = `this needs the scope \`system/${needed.type}.${needed.interaction}\`; ask the token endpoint for it, or the operator to register it for your client`
    await expectRefused({ token: await client.token() }, 403, outcome('scope-insufficient', text))
  })
})

describe.for(rows.filter(({ sector }) => sector !== undefined))('$route', ({ sector = '', ...row }) => {
  test('by a client of another sector', async () => {
    const token = sector === 'municipality' ? owner : outsider
    const { result: answer, effects } = await effectsOf(gateway.database, () => send(row, '', { token }))
    const text = `this address takes messages of the ${sector} sector; your client belongs to another`
    expect([answer.status, answer.json()]).toEqual([403, outcome('sector-mismatch', text)])
    expect(effects).toEqual({ added: {}, audit: [] })
  })
})

const NOT_WRITABLE = outcome('not-found', 'there is no resource with this id that you may write')

describe.for(rows.filter(({ isPublic, ...row }) => isPublic && asksForOne(row)))('$route', (row) => {
  test('by another organisation: it is everybody’s to read', async () => {
    const id = ids.get(row.needs.type) ?? ''
    const found = await send(row, id, { token: outsider })
    expect([found.status, found.text.includes(`"id":"${id}"`)]).toEqual([200, true])
    expect(piecesIn(found.text, SECRETS)).toEqual([])
  })
})

describe.for(rows.filter(({ isPublic, ...row }) => !isPublic && asksForOne(row)))('$route', (row) => {
  test('by another organisation: what is there is answered as what is not', async () => {
    const id = ids.get(row.of ?? row.needs.type) ?? ''
    const none = randomUUID()
    const found = await send(row, id, { token: outsider })
    expect(piecesIn(found.text, SECRETS)).toEqual([])
    expect(found.text).not.toMatch(/"resource":|Behandlingsplan|psykose/)
    // Under an id that is nobody's a PUT makes a resource; under another's it must not.
    if (row.route.startsWith('PUT ') && row.needs.type !== 'Subscription') {
      expect([found.status, found.json()]).toEqual([404, NOT_WRITABLE])
      return
    }
    const absent = await send(row, none, { token: outsider })
    const withoutIds = (answer: Received, asked: string): unknown =>
      comparable({ ...answer, text: answer.text.replaceAll(asked, 'id') })
    expect(withoutIds(found, id)).toEqual(withoutIds(absent, none))
  })
})

/** All but creates, messages and lists. */
function asksForOne({ send: ask, sector }: Row): boolean {
  const id = 'id-134418'
  const { path, body = '' } = ask(id)
  return sector === undefined && `${path} ${body}`.includes(id)
}

test('a body is not read before the token', async () => {
  const answer = await sendRaw(gateway.baseUrl, '/fhir/CarePlan', {
    method: 'POST',
    type: FHIR_JSON,
    body: 'x'.repeat(3_000_000),
  })
  expect(answer.status).toBe(401)
})

test('every route has a row, and every row a route', () => {
  const routes = [
    ...fhirRoutes.map(({ method, path }) => `${method.toUpperCase()} /fhir${path}`),
    ...sectorRoutes.map(({ path }) => `POST ${path}`),
  ]
  expect(rows.map(({ route }) => route).sort()).toEqual(routes.sort())
  for (const { path, scope, resourceType, method } of fhirRoutes) {
    const row = rows.find(({ route }) => route === `${method.toUpperCase()} /fhir${path}`)
    expect(row?.needs).toEqual({ type: resourceType, interaction: scope })
  }
})
