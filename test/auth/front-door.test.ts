/** The whole front door over HTTP, on two gateways that share a database: what one accepts, the other knows. */
import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '#auth/client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { putClient } from '#store/clients.ts'
import { putOrganization } from '#store/organizations.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import {
  askToken,
  assertionFor,
  helseidClaims,
  makeKey,
  proofFor,
  sendForm,
  type TestKey,
  withAssertion,
} from '#test/oauth-client.ts'
import { auditRows } from '#test/rows.ts'
import { startReceiver } from '#test/receiver.ts'

const SCOPE = 'system/CarePlan.rs'
const { hospital, gp } = sandboxOrganizations
let gateway: TestGateway
let beside: Awaited<ReturnType<TestGateway['startBeside']>>
let baseUrl: string
let key: TestKey

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  // Each listens on its own port; what clients call it by is the same, as behind a load balancer.
  beside = await gateway.startBeside({ role: 'gateway' })
  baseUrl = gateway.baseUrl
  key = await makeKey('ES384', 'key-1')
})
afterAll(async () => {
  await beside.close()
  await gateway.close()
})

let id: string
beforeEach(() => {
  id = `client-${randomUUID()}`
})

async function register(change: Partial<Client> = {}): Promise<void> {
  await putClient(gateway.database, {
    id,
    organizationId: hospital.id,
    profile: 'smart',
    jwks: { keys: [key.publicKey] },
    scopes: [SCOPE],
    purposeOfUse: ['TREAT', 'HOPERAT'],
    ...change,
  })
}

async function tokenOf(answer: Received): Promise<string> {
  expect(answer.status, answer.text).toBe(200)
  return String((answer.json() as { access_token: unknown }).access_token)
}

function errorIn({ status, text }: Received): string {
  return `${status} ${String((JSON.parse(text) as { error?: unknown }).error)}`
}

async function auditOf(kind: string) {
  return (await auditRows(gateway.database)).filter((entry) => entry.client === id && entry.kind === kind)
}

test('of 100 tries with one assertion, over two gateways at once, one wins', async () => {
  await register()
  const assertion = await assertionFor(baseUrl, id, key)
  const tries = Array.from({ length: 100 }, (_, at) =>
    askToken(at % 2 === 0 ? baseUrl : beside.address, assertion, SCOPE),
  )
  const answers = (await Promise.all(tries)).map(errorIn).sort()
  expect(answers.filter((each) => each === '200 undefined')).toHaveLength(1)
  expect(answers.filter((each) => each === '401 invalid_client')).toHaveLength(99)
  const audited = await auditOf('token')
  expect(audited.map(({ reason }) => reason ?? 'issued').sort()).toEqual([
    ...Array.from({ length: 99 }, () => 'assertion-replayed'),
    'issued',
  ])
})

describe('udap', () => {
  const b2b = (purpose: string) => ({
    iat: Math.floor(Date.now() / 1000),
    extensions: {
      'hl7-b2b': {
        version: '1',
        organization_id: 'urn:oid:1.2.208.176.1.1.999001000016001',
        purpose_of_use: [`urn:oid:2.16.840.1.113883.5.8#${purpose}`],
        consent_reference: ['https://ehr.example/Consent/4b8a7c9e-1d2f-4a3b-8c5d-6e7f8a9b0c1d'],
      },
    },
  })

  test('the purpose of the token alone reaches the decision and the log', async () => {
    await register({ profile: 'udap' })
    const assertion = await assertionFor(baseUrl, id, key, { claims: b2b('HOPERAT') })
    const answer = await askToken(baseUrl, assertion, SCOPE)
    expect(answer.json()).toMatchObject({ token_type: 'Bearer', scope: SCOPE })
    const token = await tokenOf(answer)
    const asked = await sendRaw(baseUrl, `/fhir/CarePlan?patient=${randomUUID()}`, { token })
    expect(asked.status).toBe(200)
    const consentReference = ['https://ehr.example/Consent/4b8a7c9e-1d2f-4a3b-8c5d-6e7f8a9b0c1d']
    const said = { purposeOfUse: ['HOPERAT'], consentReference }
    expect((await auditOf('token')).at(-1)).toMatchObject({ outcome: 'success', ...said })
    expect((await auditOf('search')).at(-1)).toMatchObject({ outcome: 'success', purposeOfUse: ['HOPERAT'] })
  })

  test('a purpose beyond the registration, and none at all, get no token', async () => {
    await register({ profile: 'udap' })
    const beyond = await assertionFor(baseUrl, id, key, { claims: b2b('HMARKT') })
    const { iat } = b2b('TREAT')
    const none = await assertionFor(baseUrl, id, key, { claims: { iat } })
    expect(errorIn(await askToken(baseUrl, beyond, SCOPE))).toBe('400 invalid_grant')
    expect(errorIn(await askToken(baseUrl, none, SCOPE))).toBe('400 invalid_grant')
    expect((await auditOf('token')).map(({ reason }) => reason)).toEqual(['b2b-purpose', 'b2b-missing'])
  })
})

describe('helseid', () => {
  const path = '/fhir/CarePlan?_id=a'
  const url = (): string => `${baseUrl}/fhir/CarePlan`

  async function boundToken(): Promise<{ token: string; device: TestKey }> {
    await register({ profile: 'helseid' })
    const device = await makeKey('ES256', 'device')
    const assertion = await assertionFor(baseUrl, id, key, { claims: helseidClaims(baseUrl) })
    const dpop = await proofFor('POST', `${baseUrl}/oauth/token`, device)
    const answer = await askToken(baseUrl, assertion, SCOPE, { dpop })
    expect(answer.json()).toMatchObject({ token_type: 'DPoP', expires_in: 300 })
    return { token: await tokenOf(answer), device }
  }

  test('each request needs a proof of the key, and each proof is good for one, at any gateway', async () => {
    const { token, device } = await boundToken()
    const dpop = await proofFor('GET', url(), device, token)
    const headers = { authorization: `DPoP ${token}`, dpop }
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, at) => sendRaw(at % 2 ? baseUrl : beside.address, path, { headers })),
    )
    expect(tries.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(tries.filter(({ status }) => status === 401)).toHaveLength(19)
    const refused = tries.find(({ status }) => status === 401)
    expect(refused?.headers.get('www-authenticate')).toBe(
      'DPoP realm="sluse", error="invalid_dpop_proof", algs="PS256 ES256 ES384"',
    )
  })

  test('a token without its proof, or as Bearer, is good for nothing', async () => {
    const { token, device } = await boundToken()
    const dpop = await proofFor('GET', url(), device, token)
    const thief = await makeKey('ES256', 'thief')
    const answers = [
      await sendRaw(baseUrl, path, { token }),
      await sendRaw(baseUrl, path, { token, headers: { dpop } }),
      await sendRaw(baseUrl, path, { headers: { authorization: `DPoP ${token}` } }),
      await sendRaw(baseUrl, path, {
        headers: { authorization: `DPoP ${token}`, dpop: await proofFor('GET', url(), thief, token) },
      }),
      await sendRaw(baseUrl, '/fhir/Encounter?_id=a', { headers: { authorization: `DPoP ${token}`, dpop } }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
    expect((await sendRaw(baseUrl, path, { headers: { authorization: `DPoP ${token}`, dpop } })).status).toBe(
      200,
    )
  })
})

describe('keys by URL', () => {
  async function publish(answer: RequestListener) {
    const receiver = await startReceiver(answer)
    return { receiver, url: `http://127.0.0.1:${receiver.port}/jwks.json` }
  }

  test('a new key that appears at the URL is accepted without a restart, and the old one goes', async () => {
    const next = await makeKey('ES384', 'key-2')
    let published = [key.publicKey]
    const { receiver, url } = await publish((_, response) =>
      response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify({ keys: published })),
    )
    await register({ jwks: { keys: [] }, jwksUrl: url })
    const ask = async (at: string, by: TestKey, header = {}) =>
      errorIn(await askToken(at, await assertionFor(baseUrl, id, by, { header }), SCOPE))
    expect(await ask(baseUrl, key)).toBe('200 undefined')
    expect(await ask(baseUrl, key, { jku: url })).toBe('200 undefined')
    expect(await ask(baseUrl, key, { jku: 'https://evil.example/jwks.json' })).toBe('401 invalid_client')
    published = [next.publicKey]
    // Another gateway has fetched nothing yet; this one knows the old set for less than the cool-down.
    expect(await ask(beside.address, next)).toBe('200 undefined')
    expect(await ask(beside.address, key)).toBe('401 invalid_client')
    expect(receiver.requests).toHaveLength(2)
    expect(receiver.requests[0]).toMatchObject({ method: 'GET', url: '/jwks.json', body: '' })
  })

  const broken: readonly [title: string, answer: RequestListener][] = [
    ['an error', (_, response) => response.writeHead(500).end()],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/other' }).end()],
    ['a page', (_, response) => response.setHeader('content-type', 'text/html').end('{"keys":[]}')],
    ['no JSON', (_, response) => response.setHeader('content-type', 'application/json').end('{')],
    ['no keys', (_, response) => response.setHeader('content-type', 'application/json').end('{}')],
  ]
  test.each(broken)('%s there is refused as an unknown client is', async (_title, answer) => {
    const { url } = await publish(answer)
    await register({ jwks: { keys: [] }, jwksUrl: url })
    const refused = await askToken(baseUrl, await assertionFor(baseUrl, id, key), SCOPE)
    const unknown = await askToken(baseUrl, await assertionFor(baseUrl, `${id}-nobody`, key), SCOPE)
    expect([refused.status, refused.text]).toEqual([unknown.status, unknown.text])
    expect((await auditOf('token')).map(({ reason }) => reason)).toEqual(['keys-unavailable'])
  })
})

describe('introspection and revocation', () => {
  async function ask(path: string, token: string, by: string = id, at = baseUrl): Promise<Received> {
    const assertion = await assertionFor(baseUrl, by, key)
    return sendForm(at, path, { token, ...withAssertion(assertion) })
  }
  const INACTIVE = '{"active":false}'

  async function ownToken(): Promise<string> {
    await register()
    return tokenOf(await askToken(baseUrl, await assertionFor(baseUrl, id, key), SCOPE))
  }

  test('the owner learns what its token is good for', async () => {
    const answer = await ask('/oauth/introspect', await ownToken())
    const now = Date.now() / 1000
    const body = answer.json() as { iat: number; exp: number; jti: string }
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      active: true,
      scope: SCOPE,
      client_id: id,
      token_type: 'bearer',
      iss: baseUrl,
      sub: id,
      aud: baseUrl,
      jti: body.jti,
      iat: body.iat,
      exp: body.iat + 300,
    })
    expect(Math.abs(body.iat - now)).toBeLessThan(10)
    expect((await auditOf('token'))[0]?.token).toBe(body.jti)
    expect((await auditOf('token')).map(({ interaction, outcome }) => [interaction, outcome])).toEqual([
      ['token', 'success'],
      ['introspect', 'success'],
    ])
  })

  test('what is damaged, unknown, another’s, revoked or of a disabled client is one answer', async () => {
    const token = await ownToken()
    const owner = id
    id = `client-${randomUUID()}`
    await register({ organizationId: gp.id })
    const damaged = `${token.slice(0, -4)}AAAA`
    const answers = [
      await ask('/oauth/introspect', token),
      await ask('/oauth/introspect', damaged, owner),
      await ask('/oauth/introspect', 'no token at all', owner),
      (await ask('/oauth/revoke', token, owner)) && (await ask('/oauth/introspect', token, owner)),
    ]
    expect(answers.map(({ status, text }) => [status, text])).toEqual(answers.map(() => [200, INACTIVE]))
  })

  test('a resource server of the oversight learns of others’ tokens; of another sector it does not', async () => {
    const token = await ownToken()
    const owner = id
    const oversight = randomUUID()
    await putOrganization(gateway.database, {
      id: oversight,
      name: 'Tilsynet',
      sector: 'oversight',
      jurisdiction: 'DK',
      timeZone: 'Europe/Copenhagen',
      identifiers: [],
      sensitivities: [],
    })
    const seen: unknown[] = []
    for (const [organizationId, resourceServer] of [
      [oversight, true],
      [oversight, false],
      [gp.id, true],
    ] as const) {
      id = `client-${randomUUID()}`
      await register({ organizationId, resourceServer })
      seen.push((await ask('/oauth/introspect', token)).json())
    }
    expect(seen).toEqual([
      expect.objectContaining({ active: true, client_id: owner }),
      { active: false },
      { active: false },
    ])
  })

  test('a revoked token is good for nothing: at once here, and elsewhere once the registration is read again', async () => {
    const token = await ownToken()
    const read = (at: string) => sendRaw(at, '/fhir/CarePlan?_id=a', { token })
    expect([(await read(baseUrl)).status, (await read(baseUrl)).status]).toEqual([200, 200])
    const revoked = await ask('/oauth/revoke', token)
    expect([revoked.status, revoked.text]).toEqual([200, ''])
    const answer = await read(baseUrl)
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('revoked by its client')])
    expect((await read(beside.address)).status).toBe(401)
    expect((await ask('/oauth/revoke', token)).status).toBe(200)
  })

  test('another’s token cannot be revoked, and nobody is told', async () => {
    const token = await ownToken()
    id = `client-${randomUUID()}`
    await register()
    const answer = await ask('/oauth/revoke', token)
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect((await sendRaw(baseUrl, '/fhir/CarePlan?_id=a', { token })).status).toBe(200)
  })

  test.each(['/oauth/introspect', '/oauth/revoke'])(
    '%s is for clients that prove who they are',
    async (path) => {
      const token = await ownToken()
      const stranger = await makeKey('ES384', 'key-1')
      const forged = withAssertion(await assertionFor(baseUrl, id, stranger))
      const once = withAssertion(await assertionFor(baseUrl, id, key))
      const answers = [
        await sendForm(baseUrl, path, { token }),
        await sendForm(baseUrl, path, { token, ...forged }),
        (await sendForm(baseUrl, path, { token, ...once })) &&
          (await sendForm(baseUrl, path, { token, ...once })),
        await sendForm(baseUrl, path, withAssertion(await assertionFor(baseUrl, id, key))),
      ]
      expect(answers.map(errorIn)).toEqual([
        '400 invalid_request',
        '401 invalid_client',
        '401 invalid_client',
        '400 invalid_request',
      ])
    },
  )
})
