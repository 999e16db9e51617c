import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Client } from '#auth/client.ts'
import type { RefusalReason } from '#auth/oauth-refusal.ts'
import { refusals } from '#auth/oauth-refusal.ts'
import type { TokenAnswer } from '#auth/token-endpoint.ts'
import { createTokenIssuer } from '#auth/token-endpoint.ts'
import { MemoryClientStore } from '#test/memory-client-store.ts'
import { AUDIENCE, ISSUER, NOW, NOW_S, TOKEN_URL, assertion, client, keys, keysOf } from './forge.ts'
import { forgedAssertions } from './forged-assertions.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

function issuer(store = new MemoryClientStore(client)) {
  return createTokenIssuer({
    issuer: ISSUER,
    audience: AUDIENCE,
    tokenUrl: TOKEN_URL,
    signingKey: keys.signing,
    now: () => NOW,
    newId: () => 'token-551207',
    clients: store,
    keysOf,
  })
}

/** A good form, or one that differs from it in what is given; null leaves a parameter out. */
async function form(change: Readonly<Record<string, string | null>> = {}): Promise<URLSearchParams> {
  const good = {
    grant_type: 'client_credentials',
    scope: 'system/CarePlan.rs',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await assertion(),
  }
  const sent = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...good, ...change }))
    if (value !== null) sent.set(name, value)
  return sent
}

function refusal(reason: RefusalReason, description: string, claimedClientId?: string): TokenAnswer {
  const { status, error } = refusals[reason]
  return {
    status,
    headers: NO_STORE,
    body: { error, error_description: description },
    audit: { outcome: 'refused', reason, ...(claimedClientId === undefined ? {} : { claimedClientId }) },
  }
}

function missing(name: string): string {
  return `\`${name}\` is missing: send it in the form`
}

function bodyOf(answer: TokenAnswer): Record<string, unknown> {
  return { ...answer.body }
}

describe('a good request', () => {
  test('gets a bearer token for 300 s that names the client and nothing else about it', async () => {
    const answer = await issuer().token(await form())
    const token = String(bodyOf(answer)['access_token'])
    expect(answer).toEqual({
      status: 200,
      headers: NO_STORE,
      body: { access_token: token, token_type: 'bearer', expires_in: 300, scope: 'system/CarePlan.rs' },
      audit: {
        outcome: 'issued',
        clientId: 'hospital-ehr',
        organizationId: client.organizationId,
        tokenId: 'token-551207',
        scopes: ['system/CarePlan.rs'],
      },
    })
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: issuer().jwks().keys[0]?.kid,
    })
    expect(decodeJwt(token)).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'hospital-ehr',
      client_id: 'hospital-ehr',
      jti: 'token-551207',
      iat: NOW_S,
      exp: NOW_S + 300,
      scope: 'system/CarePlan.rs',
    })
  })

  const granted: readonly [asked: string, scope: string][] = [
    ['system/CarePlan.cruds system/Encounter.rs', 'system/CarePlan.cruds system/Encounter.rs'],
    ['system/CarePlan.read', 'system/CarePlan.read'],
    ['system/CarePlan.*', 'system/CarePlan.*'],
    ['system/CarePlan.r system/CarePlan.r', 'system/CarePlan.r'],
    [' system/CarePlan.r  system/Encounter.s ', 'system/CarePlan.r system/Encounter.s'],
  ]
  test.each(granted)('scope %j is granted as %j', async (asked, scope) => {
    const answer = await issuer().token(await form({ scope: asked }))
    expect([answer.status, bodyOf(answer)['scope']]).toEqual([200, scope])
  })

  test('may name its client_id, and carry parameters that we do not know', async () => {
    const answer = await issuer().token(await form({ client_id: client.id, resource: AUDIENCE }))
    expect(answer.status).toBe(200)
  })
})

describe('a form that is not right', () => {
  const cases: readonly [title: string, change: Record<string, string | null>, answer: TokenAnswer][] = [
    ['no grant_type', { grant_type: null }, refusal('parameter-missing', missing('grant_type'))],
    ['an empty grant_type', { grant_type: '' }, refusal('parameter-missing', missing('grant_type'))],
    [
      'another grant_type',
      { grant_type: 'not_a_grant_type' },
      refusal('grant-unsupported', 'the `grant_type` is not supported: send `client_credentials`'),
    ],
    [
      'a grant_type of people',
      { grant_type: 'authorization_code' },
      refusal('grant-unsupported', 'the `grant_type` is not supported: send `client_credentials`'),
    ],
    [
      'no assertion type',
      { client_assertion_type: null },
      refusal('parameter-missing', missing('client_assertion_type')),
    ],
    [
      'another assertion type',
      { client_assertion_type: 'not_an_assertion_type' },
      refusal(
        'assertion-type-unsupported',
        `the \`client_assertion_type\` is not supported: send \`${ASSERTION_TYPE}\``,
      ),
    ],
    ['no assertion', { client_assertion: null }, refusal('parameter-missing', missing('client_assertion'))],
    [
      'a client secret beside the assertion',
      { client_secret: 's' },
      refusal(
        'two-authentications',
        'found `client_secret`: leave it out, clients authenticate with `client_assertion` alone',
      ),
    ],
    ['no scope', { scope: null }, refusal('parameter-missing', missing('scope'))],
    [
      'a scope of blanks',
      { scope: '  ' },
      refusal('scope-malformed', 'send 1 to 50 scopes, separated by spaces'),
    ],
    [
      '51 scopes',
      { scope: Array.from({ length: 51 }, () => 'system/CarePlan.r').join(' ') },
      refusal('scope-malformed', 'send 1 to 50 scopes, separated by spaces'),
    ],
    [
      'a scope of a person',
      { scope: 'system/CarePlan.rs user/CarePlan.rs' },
      refusal(
        'scope-malformed',
        'scope number 2 cannot be granted: write it like `system/CarePlan.rs`: a type or `*`, a dot, and letters of `cruds` in that order',
      ),
    ],
    [
      'another client_id',
      { client_id: 'gp-system' },
      refusal(
        'client-id-differs',
        "the form's `client_id` is not the `sub` of the assertion: send the same or leave it out",
      ),
    ],
  ]
  test.each(cases)('%s is refused, and the assertion stays unspent', async (_, change, answer) => {
    const store = new MemoryClientStore(client)
    expect(await issuer(store).token(await form(change))).toEqual(answer)
    expect(store.spent.size).toBe(0)
  })

  test('a parameter that is sent twice is refused, known or not', async () => {
    for (const name of ['scope', 'client_assertion', 'resource']) {
      const twice = await form({ resource: 'a' })
      twice.append(name, 'b')
      expect(await issuer().token(twice)).toEqual(
        refusal('parameter-repeated', 'a parameter was sent more than once: send each once'),
      )
    }
  })

  test('an empty form is refused', async () => {
    expect(await issuer().token(new URLSearchParams())).toEqual(
      refusal('parameter-missing', missing('grant_type')),
    )
  })
})

describe('scopes', () => {
  const beyond: readonly [asked: string, number: number][] = [
    ['system/Encounter.cruds', 1],
    ['system/CarePlan.rs system/Consent.r', 2],
    ['system/*.r', 1],
    ['system/Encounter.write', 1],
  ]
  test.each(beyond)('%s is beyond the registration and refused whole', async (asked, number) => {
    const description = `scope number ${number} is beyond the registration of this client: ask for less, or ask the operator to register it`
    expect(await issuer().token(await form({ scope: asked }))).toEqual(
      refusal('scope-not-granted', description, 'hospital-ehr'),
    )
  })

  test('an assertion is spent even when the scope is refused', async () => {
    const store = new MemoryClientStore(client)
    await issuer(store).token(await form({ scope: 'system/Consent.r' }))
    const again = await issuer(store).token(await form())
    expect(again.audit).toEqual({
      outcome: 'refused',
      reason: 'assertion-replayed',
      claimedClientId: 'hospital-ehr',
    })
  })
})

describe('every refusal', () => {
  test('of a forged assertion is invalid_client with 401, in characters that RFC 6749 allows, and repeats nothing', async () => {
    for (const { title, want, forgery } of forgedAssertions) {
      const jwt = typeof forgery === 'string' ? forgery : await assertion(forgery)
      if (jwt === '') continue // the form calls that a missing parameter
      const answer = await issuer().token(await form({ client_assertion: jwt }))
      expect(answer, title).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
        audit: { reason: want },
      })
      expect(answer.headers, title).toEqual(NO_STORE)
      const description = String(bodyOf(answer)['error_description'])
      expect(description, title).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
      expect(description, title).not.toMatch(/evil|nobody|hospital-ehr|etc|dev/)
    }
  })

  test('for an unknown client and for a bad signature is the same to the byte', async () => {
    const disabled: Client = { ...client, disabled: true }
    const elsewhere: Client = { ...client, addressRanges: ['192.0.2.0/24'] }
    const stranger = await assertion({ key: keys.stranger.privateKey })
    const answers = [
      await issuer(new MemoryClientStore()).token(await form()),
      await issuer(new MemoryClientStore(disabled)).token(await form()),
      await issuer(new MemoryClientStore(elsewhere)).token(await form(), undefined, '198.51.100.7'),
      await issuer(new MemoryClientStore(elsewhere)).token(await form()),
      await issuer().token(await form({ client_assertion: stranger })),
      await issuer().token(await form({ client_assertion: await assertion({ header: { kid: 'ec-2' } }) })),
    ]
    expect(
      new Set(answers.map(({ status, headers, body }) => JSON.stringify({ status, headers, body }))).size,
    ).toBe(1)
    expect(answers.map(({ audit }) => audit)).toEqual([
      { outcome: 'refused', reason: 'client-unknown' },
      { outcome: 'refused', reason: 'client-disabled', claimedClientId: 'hospital-ehr' },
      { outcome: 'refused', reason: 'address-not-allowed', claimedClientId: 'hospital-ehr' },
      { outcome: 'refused', reason: 'address-not-allowed', claimedClientId: 'hospital-ehr' },
      { outcome: 'refused', reason: 'signature-invalid', claimedClientId: 'hospital-ehr' },
      { outcome: 'refused', reason: 'key-unknown', claimedClientId: 'hospital-ehr' },
    ])
  })

  test('is not of a client that comes from where it is registered to be', async () => {
    const there: Client = { ...client, addressRanges: ['192.0.2.0/24'] }
    const answer = await issuer(new MemoryClientStore(there)).token(await form(), undefined, '192.0.2.7')
    expect(answer.status).toBe(200)
  })

  test('of the form is 400, of the client 401, by the names of RFC 6749', () => {
    const named = Object.entries(refusals).map(
      ([reason, { status, error }]) => `${status} ${error} ${reason}`,
    )
    expect(named.filter((line) => !line.startsWith('401 invalid_client ')).sort()).toEqual([
      '400 invalid_dpop_proof proof-invalid',
      '400 invalid_dpop_proof proof-missing',
      '400 invalid_dpop_proof proof-replayed',
      '400 invalid_grant b2b-invalid',
      '400 invalid_grant b2b-missing',
      '400 invalid_grant b2b-organization',
      '400 invalid_grant b2b-purpose',
      '400 invalid_grant b2b-unsupported',
      '400 invalid_request parameter-missing',
      '400 invalid_request parameter-repeated',
      '400 invalid_request proof-unsupported',
      '400 invalid_request two-authentications',
      '400 invalid_scope scope-malformed',
      '400 invalid_scope scope-not-granted',
      '400 unsupported_grant_type grant-unsupported',
    ])
  })

  test('has a case: none of the table is untested', () => {
    const here: readonly RefusalReason[] = [
      'parameter-missing',
      'parameter-repeated',
      'two-authentications',
      'grant-unsupported',
      'assertion-type-unsupported',
      'client-id-differs',
      'client-disabled',
      'address-not-allowed',
      'assertion-replayed',
      'scope-malformed',
      'scope-not-granted',
      // profiles.test.ts, b2b.test.ts, dpop.test.ts, published-keys.test.ts
      'b2b-missing',
      'b2b-invalid',
      'b2b-organization',
      'b2b-purpose',
      'b2b-unsupported',
      'keys-unavailable',
      'proof-missing',
      'proof-invalid',
      'proof-replayed',
      'proof-unsupported',
    ]
    const tested = new Set([...here, ...forgedAssertions.map(({ want }) => want)])
    expect([...tested].sort()).toEqual(Object.keys(refusals).sort())
  })
})

describe('the issuer itself', () => {
  test('throws what the store throws: an outage is no refusal', async () => {
    const store = new MemoryClientStore(client)
    store.spendAssertion = () => Promise.reject(new Error('connection refused'))
    await expect(issuer(store).token(await form())).rejects.toThrow('connection refused')
  })

  test('shows its public key and never its private one', () => {
    const { x, y } = keys.signing
    const [key] = issuer().jwks().keys
    expect(issuer().jwks()).toEqual({
      keys: [{ kty: 'EC', crv: 'P-256', x, y, alg: 'ES256', use: 'sig', kid: key?.kid }],
    })
    expect(key?.kid).toMatch(/^[\w-]{43}$/)
  })

  test.each([
    ['a public key', { ...keys.signing, d: undefined }],
    ['a key on another curve', keys.ec.privateKey],
    ['an RSA key', keys.rsa.privateKey],
    ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
  ])('refuses to start with %s', (_, { d, ...rest }: { d?: string | undefined }) => {
    const signingKey = d === undefined ? rest : { ...rest, d }
    expect(() =>
      createTokenIssuer({
        issuer: ISSUER,
        audience: AUDIENCE,
        tokenUrl: TOKEN_URL,
        signingKey,
        now: () => NOW,
        newId: () => '',
        clients: new MemoryClientStore(),
        keysOf,
      }),
    ).toThrow('the signing key is no private EC key on P-256: make one with `createSigningKey()`')
  })
})
