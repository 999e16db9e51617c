/** Tokens of another issuer: a real OpenID provider, and forged ones of an issuer that signs whatever a test wants. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExternalReader } from '#auth/external-token.ts'
import { readTrustedIssuers } from '#auth/trusted-issuers.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { putClient } from '#store/clients.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, type Received, sendRaw } from '#test/http.ts'
import { assertionFor, askToken, makeKey, proofFor, type TestKey } from '#test/oauth-client.ts'
import { listen } from '#test/receiver.ts'

const AUDIENCE = 'https://sluse.example'
const SCOPE = 'system/CarePlan.rs'

describe('a token of a real provider', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluse-issuer-'))
  let server: Server
  let issuer: string
  let gateway: TestGateway
  let key: TestKey

  beforeAll(async () => {
    key = await makeKey('ES256', 'client-key')
    server = createServer()
    issuer = `http://127.0.0.1:${await listen(server)}`
    const signing = await makeKey('ES256', 'provider-key')
    const provider = providerAt(issuer, signing, key).callback()
    server.on('request', (request, response) => void provider(request, response))
    const file = join(folder, 'issuers.json')
    const trusted = {
      issuer,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      maxLifetimeSeconds: 300,
      dpop: false,
    }
    writeFileSync(file, JSON.stringify([trusted]))
    gateway = await startGateway({ role: 'gateway', trustedIssuersFile: file })
    for (const id of ['registered', 'bound', 'disabled']) await register(id, { tokenIssuer: issuer })
    await register('of-ours', { jwks: { keys: [(await makeKey('ES384', 'other')).publicKey] } })
    await gateway.database.query({
      text: "update client set disabled_at = now() where client_id = 'disabled'",
    })
  }, 60_000)
  afterAll(async () => {
    await gateway.close()
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true, force: true })
  })

  async function register(id: string, change: object): Promise<void> {
    const organizationId = sandboxOrganizations.hospital.id
    const purposeOfUse = ['TREAT']
    const client = {
      id,
      organizationId,
      profile: 'smart' as const,
      jwks: { keys: [] },
      scopes: [SCOPE],
      purposeOfUse,
    }
    await putClient(gateway.database, { ...client, ...change })
  }

  async function tokenFor(clientId: string, change: Readonly<Record<string, string>> = {}, dpop?: string) {
    const now = Math.floor(Date.now() / 1000)
    const assertion = await assertionFor(issuer, clientId, key, {
      claims: { aud: issuer, iat: now, exp: now + 60 },
    })
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: dpop === undefined ? {} : { dpop },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: SCOPE,
        resource: AUDIENCE,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        ...change,
      }),
    })
    const body = (await response.json()) as { access_token?: string }
    expect(response.status, JSON.stringify(body)).toBe(200)
    return body.access_token ?? ''
  }

  const read = (token: string): Promise<Received> =>
    sendRaw(gateway.baseUrl, '/fhir/CarePlan?_id=a', { token })

  test('opens what its client is registered for, and no more', async () => {
    const token = await tokenFor('registered')
    expect((await read(token)).status).toBe(200)
    const beyond = await sendRaw(gateway.baseUrl, '/fhir/Encounter?_id=a', { token })
    expect([beyond.status, faultsIn(beyond.json())]).toEqual([403, [{ code: 'scope-insufficient' }]])
  })

  test('is good for nothing where the provider granted no scope of ours', async () => {
    const answer = await read(await tokenFor('registered', { scope: 'profile' }))
    expect([answer.status, faultsIn(answer.json())]).toEqual([403, [{ code: 'scope-insufficient' }]])
  })

  test.each(['unknown', 'disabled', 'of-ours'])('of the client “%s” opens nothing', async (clientId) => {
    const answer = await read(await tokenFor(clientId))
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      401,
      [{ code: 'token-invalid', expression: 'http:Authorization' }],
    ])
  })

  test('for another audience opens nothing', async () => {
    expect((await read(await tokenFor('registered', { resource: 'https://other.example' }))).status).toBe(401)
  })

  test('that is bound to a key needs a proof of it, as ours do', async () => {
    const device = await makeKey('ES256', 'device')
    const token = await tokenFor('bound', {}, await proofFor('POST', `${issuer}/token`, device))
    const dpop = await proofFor('GET', `${gateway.baseUrl}/fhir/CarePlan`, device, token)
    expect((await read(token)).status).toBe(401)
    const headers = { authorization: `DPoP ${token}`, dpop }
    expect((await sendRaw(gateway.baseUrl, '/fhir/CarePlan?_id=a', { headers })).status).toBe(200)
  })

  test('is none of ours: the client gets no token here, and nobody learns of it by introspection', async () => {
    const assertion = await assertionFor(gateway.baseUrl, 'registered', await makeKey('ES384', 'any'))
    expect((await askToken(gateway.baseUrl, assertion, SCOPE)).status).toBe(401)
  })
})

/** client_credentials with private_key_jwt; JWT access tokens for a resource, as HelseID and Keycloak give them. */
function providerAt(issuer: string, signing: TestKey, key: TestKey): Provider {
  return new Provider(issuer, {
    jwks: { keys: [{ ...signing.privateKey, alg: 'ES256', use: 'sig' }] },
    scopes: [SCOPE, 'profile'],
    clients: ['registered', 'bound', 'disabled', 'unknown', 'of-ours'].map((client_id) => ({
      client_id,
      token_endpoint_auth_method: 'private_key_jwt' as const,
      token_endpoint_auth_signing_alg: 'ES256' as const,
      id_token_signed_response_alg: 'ES256' as const,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      jwks: { keys: [key.publicKey] },
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, audience) => ({
          scope: `${SCOPE} profile`,
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  })
}

describe('a forged token', () => {
  const ISSUER = 'https://sts.example'
  const now = 1_800_000_000
  const jkt = 'a'.repeat(43)
  type Parts = Readonly<Record<string, unknown>>

  async function world(change: object = {}) {
    const key = await makeKey('ES256', 'sts-1')
    const rsa = await makeKey('RS256', 'sts-2')
    const fetched: string[] = []
    const documents: Record<string, unknown> = {
      [`${ISSUER}/.well-known/openid-configuration`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` },
      [`${ISSUER}/jwks`]: { keys: [key.publicKey, rsa.publicKey] },
    }
    const trusted = readTrustedIssuers(
      [{ issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256'], dpop: false, ...change }],
      AUDIENCE,
    )
    const reader = createExternalReader(trusted, {
      now: () => new Date(now * 1000),
      fetchJson: async (url) => {
        fetched.push(url)
        return documents[url]
      },
    })
    const sign = async (claims: Parts = {}, header: Parts = {}, by = key) =>
      new SignJWT({
        iss: ISSUER,
        aud: AUDIENCE,
        sub: 'a',
        client_id: 'a',
        jti: 't',
        scope: SCOPE,
        iat: now,
        exp: now + 600,
        ...claims,
      })
        .setProtectedHeader({ alg: by.alg, typ: 'at+jwt', kid: String(by.privateKey.kid), ...header })
        .sign(await importJWK(by.privateKey, by.alg))
    return { reader, sign, key, rsa, fetched, documents }
  }

  test('its like, but good, is read in the words of ours', async () => {
    const { reader, sign, fetched } = await world()
    const want = { clientId: 'a', tokenId: 't', scope: SCOPE, iat: now, exp: now + 600, issuer: ISSUER }
    expect(await reader(await sign())).toEqual(want)
    expect(await reader(await sign({ aud: [AUDIENCE] }))).toEqual(want)
    expect(await reader(await sign({ scope: ['system/CarePlan.rs'] }))).toEqual(want)
    expect(await reader(await sign({ nbf: now + 7 }))).toEqual({ ...want, iat: now + 7 })
    expect(await reader(await sign({ cnf: { jkt } }))).toEqual({ ...want, jkt })
    expect(fetched).toEqual([`${ISSUER}/.well-known/openid-configuration`, `${ISSUER}/jwks`])
  })

  test('its scopes are put in ours, and what is not there is none', async () => {
    const { reader, sign } = await world({ scopes: { 'nhn:sluse/read': [SCOPE, 'system/Encounter.rs'] } })
    const scopeOf = async (scope: unknown) => (await reader(await sign({ scope })))?.scope
    expect(await scopeOf('nhn:sluse/read system/*.cruds')).toBe(`${SCOPE} system/Encounter.rs`)
    expect(await scopeOf(['system/*.cruds'])).toBe('')
  })

  // prettier-ignore
  const forged: readonly [title: string, claims: Parts, header?: Parts][] = [
    ['another issuer',                    { iss: 'https://evil.example' }],
    ['the issuer with a slash',           { iss: `${ISSUER}/` }],
    ['no issuer',                         { iss: undefined }],
    ['another audience',                  { aud: 'https://other.example' }],
    ['our audience beside another',       { aud: [AUDIENCE, 'https://other.example'] }],
    ['no audience',                       { aud: undefined }],
    ['an empty list of audiences',        { aud: [] }],
    ['no exp',                            { exp: undefined }],
    ['no iat',                            { iat: undefined }],
    ['a lifetime beyond the limit',       { exp: now + 601 }],
    ['an end before its start',           { exp: now - 1 }],
    ['nbf as text',                       { nbf: 'now' }],
    ['no client',                         { client_id: undefined }],
    ['a client that is no text',          { client_id: ['a'] }],
    ['a client that SQL cannot hold',     { client_id: 'a\u0000' }],
    ['no jti',                            { jti: undefined }],
    ['no scope',                          { scope: undefined }],
    ['a scope that holds a number',       { scope: [SCOPE, 1] }],
    ['a binding by certificate',          { cnf: { 'x5t#S256': jkt } }],
    ['typ JWT, as an id token has',       {}, { typ: 'JWT' }],
    ['no typ',                            {}, { typ: undefined }],
    ['typ dpop+jwt',                      {}, { typ: 'dpop+jwt' }],
    ['an unknown kid',                    {}, { kid: 'sts-9' }],
    ['no kid',                            {}, { kid: undefined }],
  ]
  test.each(forged)('%s', async (_title, claims, header) => {
    const { reader, sign } = await world()
    expect(await reader(await sign(claims, header))).toBeUndefined()
  })

  test('signed with a key of another, or an algorithm that is not in the list', async () => {
    const { reader, sign, rsa } = await world()
    expect(await reader(await sign({}, {}, await makeKey('ES256', 'sts-1')))).toBeUndefined()
    expect(await reader(await sign({}, {}, rsa))).toBeUndefined()
    const [head, claims] = (await sign()).split('.')
    expect(await reader(`${head}.${claims}.`)).toBeUndefined()
    const none = Buffer.from('{"alg":"none","typ":"at+jwt","kid":"sts-1"}').toString('base64url')
    expect(await reader(`${none}.${claims}.`)).toBeUndefined()
  })

  test('without DPoP, where the issuer is trusted with DPoP alone, which is the default', async () => {
    const { reader, sign } = await world({ dpop: undefined })
    expect(await reader(await sign())).toBeUndefined()
    expect(await reader(await sign({ cnf: { jkt } }))).toMatchObject({ jkt })
  })

  test('of an issuer whose discovery document is another’s, or whose keys are away', async () => {
    const { reader, sign, documents } = await world()
    documents[`${ISSUER}/.well-known/openid-configuration`] = {
      issuer: 'https://evil.example',
      jwks_uri: `${ISSUER}/jwks`,
    }
    expect(await reader(await sign())).toBeUndefined()
  })
})

test.each([
  ['no list', {}],
  ['no issuer', [{ audience: AUDIENCE, algorithms: ['ES256'] }]],
  ['no audience', [{ issuer: 'https://sts.example', algorithms: ['ES256'] }]],
  ['no algorithm', [{ issuer: 'https://sts.example', audience: AUDIENCE, algorithms: [] }]],
  ['HS256', [{ issuer: 'https://sts.example', audience: AUDIENCE, algorithms: ['HS256'] }]],
  ['none', [{ issuer: 'https://sts.example', audience: AUDIENCE, algorithms: ['none'] }]],
  [
    'an hour and a second',
    [{ issuer: 'https://sts.example', audience: AUDIENCE, algorithms: ['ES256'], maxLifetimeSeconds: 3_601 }],
  ],
  [
    'a misspelt member',
    [{ issuer: 'https://sts.example', audience: AUDIENCE, algorithms: ['ES256'], dPoP: false }],
  ],
  ['our own issuer', [{ issuer: AUDIENCE, audience: AUDIENCE, algorithms: ['ES256'] }]],
])('a configuration with %s is refused at the start', (_, value) => {
  expect(() => readTrustedIssuers(value, AUDIENCE)).toThrow()
})

test('a file that is not there ends the start with one line', async () => {
  const file = join(tmpdir(), `${randomUUID()}.json`)
  await expect(startGateway({ role: 'gateway', trustedIssuersFile: file })).rejects.toThrow(
    /^the file at SLUSE_TRUSTED_ISSUERS is not usable/,
  )
})
