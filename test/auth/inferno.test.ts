/**
 * Inferno's SMART App Launch STU 2.2 tests of Backend Services, by their ids, as its test kit sends them, and what it does not
 * test. Where the kit's expectation is not met, the test says so and why.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { CapabilityStatement } from '@medplum/fhirtypes'
import { base64url, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { putClient } from '#store/clients.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { askToken, assertionFor, makeKey, sendForm, type TestKey, withAssertion } from '#test/oauth-client.ts'

const SCOPE = 'system/CarePlan.rs system/Encounter.read'
const CLIENT = 'inferno'
let gateway: TestGateway
let baseUrl: string
let es384: TestKey
let rs384: TestKey

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  baseUrl = gateway.baseUrl
  es384 = await makeKey('ES384', 'inferno-es384')
  rs384 = await makeKey('RS384', 'inferno-rs384')
  await putClient(gateway.database, {
    id: CLIENT,
    organizationId: sandboxOrganizations.hospital.id,
    profile: 'smart',
    jwks: { keys: [es384.publicKey, rs384.publicKey] },
    scopes: ['system/CarePlan.cruds', 'system/Encounter.rs'],
    purposeOfUse: ['TREAT'],
  })
})
afterAll(() => gateway.close())

/** As the kit makes it: `exp` five minutes ahead to the second, no `iat`, `jti` of 32 random bytes in hexadecimal. */
function infernoAssertion(key: TestKey, claims = {}, header = {}): Promise<string> {
  return assertionFor(baseUrl, CLIENT, key, {
    claims: { jti: randomBytes(32).toString('hex'), ...claims },
    header,
  })
}

function bodyOf(answer: Received): Record<string, unknown> {
  return answer.json() as Record<string, unknown>
}

const wellKnown = (): Promise<Received> =>
  sendRaw(baseUrl, '/.well-known/smart-configuration', { headers: { accept: 'text/html' } })

describe('discovery', () => {
  test('well_known_endpoint: 200 and JSON, whatever is accepted, at the root and under /fhir', async () => {
    const answer = await wellKnown()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ])
    const below = await sendRaw(baseUrl, '/fhir/.well-known/smart-configuration')
    expect([below.status, below.text]).toEqual([200, answer.text])
  })

  // The kit asks for authorization_endpoint, code_challenge_methods_supported and the grant authorization_code, which the
  // specification's own backend example does not have. No person logs in here, and a claim that is not so is not made.
  test('well_known_capabilities_stu2: fails there, since there is no authorization endpoint; what is listed is so', async () => {
    const body = bodyOf(await wellKnown())
    for (const name of ['authorization_endpoint', 'code_challenge_methods_supported', 'issuer', 'jwks_uri'])
      expect(body).not.toHaveProperty(name)
    expect(body['grant_types_supported']).toEqual(['client_credentials'])
    expect(body['capabilities']).toEqual(['client-confidential-asymmetric', 'permission-v2', 'permission-v1'])
    for (const name of ['token_endpoint', 'introspection_endpoint', 'revocation_endpoint'])
      expect((await sendForm(String(body[name]), '', {})).status, name).toBe(400)
  })

  test('smart_cors_well_known_endpoint and smart_cors_metadata_request: any origin may read them, and nothing else', async () => {
    const headers = { origin: 'https://inferno.example' }
    for (const path of [
      '/.well-known/smart-configuration',
      '/fhir/.well-known/smart-configuration',
      '/fhir/metadata',
    ])
      expect(
        (await sendRaw(baseUrl, path, { headers })).headers.get('access-control-allow-origin'),
        path,
      ).toBe('*')
    for (const path of ['/fhir/CarePlan?_id=a', '/health/live'])
      expect(
        (await sendRaw(baseUrl, path, { headers })).headers.get('access-control-allow-origin'),
        path,
      ).toBeNull()
  })

  test('the metadata names the same endpoints', async () => {
    const { rest } = (await sendRaw(baseUrl, '/fhir/metadata')).json() as CapabilityStatement
    const uris = rest?.[0]?.security?.extension?.[0]?.extension?.map(({ url, valueUri }) => [url, valueUri])
    expect(uris).toEqual(['token', 'introspect', 'revoke'].map((name) => [name, `${baseUrl}/oauth/${name}`]))
  })
})

describe('the token request', () => {
  const good = { grant_type: 'client_credentials', scope: SCOPE }

  test('smart_backend_services_invalid_grant_type: 400', async () => {
    const form = { ...good, grant_type: 'not_a_grant_type', ...withAssertion(await infernoAssertion(es384)) }
    const answer = await sendForm(baseUrl, '/oauth/token', form)
    expect([answer.status, bodyOf(answer)['error']]).toEqual([400, 'unsupported_grant_type'])
  })

  // smart_backend_services_invalid_jwt sends this request once more: it has no bad JWT in it. Ours are below.
  test('smart_backend_services_invalid_client_assertion, smart_backend_services_invalid_jwt: 401', async () => {
    const assertion = await infernoAssertion(es384)
    const form = { ...good, client_assertion: assertion, client_assertion_type: 'not_an_assertion_type' }
    for (const _ of [1, 2]) {
      const answer = await sendForm(baseUrl, '/oauth/token', form)
      expect([answer.status, bodyOf(answer)['error']]).toEqual([401, 'invalid_client'])
    }
  })

  test.each([
    ['ES384', () => es384],
    ['RS384', () => rs384],
  ])(
    'smart_backend_services_auth_request_success and smart_backend_services_auth_response_body: %s',
    async (_, key) => {
      const answer = await askToken(baseUrl, await infernoAssertion(key()), SCOPE)
      expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual([
        200,
        'no-store',
        'no-cache',
      ])
      const body = bodyOf(answer)
      expect(body).toEqual({
        access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        token_type: 'bearer',
        expires_in: 300,
        scope: SCOPE,
      })
    },
  )

  test('smart_client_access_bsca_interaction and smart_client_token_use_verification: the token opens FHIR', async () => {
    const token = String(
      bodyOf(await askToken(baseUrl, await infernoAssertion(es384), SCOPE))['access_token'],
    )
    const answer = await sendRaw(baseUrl, '/fhir/CarePlan?_id=a', { token })
    expect([answer.status, (answer.json() as { resourceType: string }).resourceType]).toEqual([200, 'Bundle'])
  })
})

describe('introspection', () => {
  const ask = async (token: string): Promise<Received> =>
    sendForm(baseUrl, '/oauth/introspect', { token, ...withAssertion(await infernoAssertion(es384)) })

  test('smart_token_introspection_request_group and smart_token_introspection_response_group: an active token', async () => {
    const issued = bodyOf(await askToken(baseUrl, await infernoAssertion(es384), SCOPE))
    const answer = await ask(String(issued['access_token']))
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ])
    const body = bodyOf(answer)
    expect(body).toMatchObject({ active: true, client_id: CLIENT, scope: SCOPE })
    expect(Number(body['exp'])).toBeGreaterThan(Date.now() / 1000)
  })

  test('smart_token_introspection_request_group and smart_token_introspection_response_group: an invalid token', async () => {
    const answer = await ask('invalid_token_value')
    expect([answer.status, answer.text]).toEqual([200, '{"active":false}'])
  })
})

describe('what Inferno does not test: invalid_client, for each', () => {
  const now = (): number => Math.floor(Date.now() / 1000)
  const jwt = (alg: string, header: object, claims: object): string =>
    [{ alg, typ: 'JWT', kid: es384.publicKey.kid, ...header }, claims]
      .map((part) => base64url.encode(JSON.stringify(part)))
      .join('.')
  const claims = (): object => ({
    iss: CLIENT,
    sub: CLIENT,
    aud: `${baseUrl}/oauth/token`,
    exp: now() + 300,
    jti: randomUUID(),
  })

  const forged: readonly [title: string, make: () => Promise<string>][] = [
    ['a bad signature', async () => `${(await infernoAssertion(es384)).slice(0, -8)}AAAAAAAA`],
    ['the key of another', async () => infernoAssertion(await makeKey('ES384', 'inferno-es384'))],
    ['an end in an hour', async () => infernoAssertion(es384, { exp: now() + 3_600 })],
    ['an end that is past', async () => infernoAssertion(es384, { exp: now() - 60 })],
    ['the wrong audience', async () => infernoAssertion(es384, { aud: 'https://other.example/token' })],
    ['our issuer as audience', async () => infernoAssertion(es384, { aud: baseUrl })],
    ['a list of audiences', async () => infernoAssertion(es384, { aud: [`${baseUrl}/oauth/token`] })],
    ['a foreign jku', async () => infernoAssertion(es384, {}, { jku: 'https://evil.example/jwks.json' })],
    ['no jti', async () => infernoAssertion(es384, { jti: undefined })],
    ['alg none', async () => `${jwt('none', {}, claims())}.`],
    [
      'HS256 with the public key as secret',
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(es384.publicKey))
        return new SignJWT({ ...claims() })
          .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'inferno-es384' })
          .sign(secret)
      },
    ],
    ['an algorithm that it is not registered with', async () => infernoAssertion({ ...rs384, alg: 'RS256' })],
    ['an unknown kid', async () => infernoAssertion(es384, {}, { kid: 'inferno-other' })],
    ['the kid of its other key', async () => infernoAssertion(es384, {}, { kid: 'inferno-rs384' })],
    ['iss that is not sub', async () => infernoAssertion(es384, { sub: 'somebody' })],
  ]
  test.each(forged)('%s', async (_title, make) => {
    const answer = await askToken(baseUrl, await make(), SCOPE)
    expect([answer.status, bodyOf(answer)['error']]).toEqual([401, 'invalid_client'])
  })

  test('a jti that was used', async () => {
    const assertion = await infernoAssertion(es384)
    expect((await askToken(baseUrl, assertion, SCOPE)).status).toBe(200)
    const again = await askToken(baseUrl, assertion, SCOPE)
    expect([again.status, bodyOf(again)['error']]).toEqual([401, 'invalid_client'])
  })

  // A registration cannot have it: who changes the row all the same gets no token by it.
  test('a kid that two keys have', async () => {
    const other = await makeKey('ES384', 'twice')
    const own = { ...es384, privateKey: { ...es384.privateKey, kid: 'twice' } }
    const keys = [{ ...es384.publicKey, kid: 'twice' }, other.publicKey]
    const registered = { id: 'twice', organizationId: sandboxOrganizations.gp.id, profile: 'smart' as const }
    const client = { ...registered, scopes: [SCOPE.split(' ')[0] ?? ''], purposeOfUse: ['TREAT'] }
    await expect(putClient(gateway.database, { ...client, jwks: { keys } })).rejects.toThrow('same `kid`')
    await putClient(gateway.database, { ...client, jwks: { keys: [other.publicKey] } })
    await gateway.database.query({
      text: "update client set jwks = $1 where client_id = 'twice'",
      values: [JSON.stringify({ keys })],
    })
    const answer = await askToken(baseUrl, await assertionFor(baseUrl, 'twice', own), 'system/CarePlan.rs')
    expect([answer.status, bodyOf(answer)['error']]).toEqual([401, 'invalid_client'])
  })

  test('a token of another kind: an assertion is no access token, nor is one that nobody signed', async () => {
    for (const token of [await infernoAssertion(es384), jwt('none', { typ: 'at+jwt' }, claims()) + '.'])
      expect((await sendRaw(baseUrl, '/fhir/CarePlan?_id=a', { token })).status).toBe(401)
  })
})
