import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, test } from 'vitest'
import { ProofFault, readProof } from '#auth/dpop.ts'
import { createTokenVerifier } from '#auth/requester.ts'
import { publicHalf, readSigningKey } from '#auth/signing-key.ts'
import { createTokenIssuer } from '#auth/token-endpoint.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { MemoryClientStore } from '#test/memory-client-store.ts'
import type { Forgery, Members } from './forge.ts'
import {
  AUDIENCE,
  ISSUER,
  NOW,
  NOW_S,
  TOKEN_URL,
  accessToken,
  assertion,
  client,
  keys,
  keysOf,
  makeKeyPair,
  signed,
  unsigned,
} from './forge.ts'

const device = await makeKeyPair('ES256', 'device')
const thief = await makeKeyPair('ES256', 'thief')
const { kid: _kid, alg: _alg, ...jwk } = device.publicKey
const jkt = await calculateJwkThumbprint(jwk)
const helseid = { ...client, profile: 'helseid' } as const
const URL_READ = `${ISSUER}/fhir/CarePlan`
const bound = await accessToken({ claims: { cnf: { jkt } } })

function ath(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A good proof for a GET of CarePlan with the bound token, or one that differs in what is given. */
async function proof({ header, claims, payload, key = device.privateKey }: Forgery = {}): Promise<string> {
  const good = { jti: 'proof-1', htm: 'GET', htu: URL_READ, iat: NOW_S, ath: ath(bound) }
  return signed(
    { alg: 'ES256', typ: 'dpop+jwt', jwk, ...header },
    payload ?? JSON.stringify({ ...good, ...claims }),
    key,
  )
}

function gateway(store = new MemoryClientStore(helseid)) {
  const signing = readSigningKey(keys.signing)
  const verifier = createTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { keys: [publicHalf(signing)] },
    now: () => NOW,
    clients: store,
  })
  return async (scheme: string, token: string, dpop?: string, path = '/fhir/CarePlan', method = 'GET') =>
    verifier.authenticate({ authorization: `${scheme} ${token}`, dpop, method, path }).then(
      ({ clientId }) => `accepted ${clientId}`,
      (error: unknown) => {
        if (!(error instanceof GatewayError)) throw error
        expect(error.status).toBe(401)
        return error.code
      },
    )
}

const rsa = await makeKeyPair('PS256', 'rsa')
const hmac = { kty: 'oct', k: Buffer.from(JSON.stringify(jwk)).toString('base64url') }
const good: Members = { jti: 'proof-1', htm: 'GET', htu: URL_READ, iat: NOW_S, ath: ath(bound) }

/** RFC 9449, section 4.3, check by check; T6 and T7 of the threat model. */
// prettier-ignore
const forged: readonly [title: string, forgery: Forgery | string][] = [
  ['typ JWT, as an assertion has',          { header: { typ: 'JWT' } }],
  ['typ at+jwt, as an access token has',    { header: { typ: 'at+jwt' } }],
  ['no typ',                                { header: { typ: undefined } }],
  ['alg none',                              unsigned({ alg: 'none', typ: 'dpop+jwt', jwk }, good)],
  ['HS256 with the public key as secret',   { header: { alg: 'HS256' }, key: hmac }],
  ['alg beyond the list: RS256',            { header: { alg: 'RS256', jwk: rsa.publicKey }, key: { ...rsa.privateKey, alg: 'RS256' } }],
  ['an alg that is not the key’s',          { header: { alg: 'ES384' }, key: keys.ec.privateKey }],
  ['no jwk',                                { header: { jwk: undefined } }],
  ['a jwk with its private part',           { header: { jwk: { ...jwk, d: device.privateKey.d } } }],
  ['a jwk that is a secret',                { header: { jwk: hmac } }],
  ['a jwk off its curve',                   { header: { jwk: { ...jwk, x: jwk.y, y: jwk.x } } }],
  ['a jwk that did not sign',               { header: { jwk: thief.publicKey } }],
  ['the key of another',                    { header: { jwk: thief.publicKey }, key: thief.privateKey }],
  ['crit',                                  { header: { crit: ['sluse-unknown'], 'sluse-unknown': 1 } }],
  ['another method',                        { claims: { htm: 'POST' } }],
  ['the method in small letters',           { claims: { htm: 'get' } }],
  ['no method',                             { claims: { htm: undefined } }],
  ['another path',                          { claims: { htu: `${ISSUER}/fhir/Encounter` } }],
  ['another host',                          { claims: { htu: 'https://evil.example/fhir/CarePlan' } }],
  ['another scheme',                        { claims: { htu: URL_READ.replace('https:', 'http:') } }],
  ['a query in htu',                        { claims: { htu: `${URL_READ}?patient=a` } }],
  ['a fragment in htu',                     { claims: { htu: `${URL_READ}#a` } }],
  ['htu with a user',                       { claims: { htu: URL_READ.replace('https://', 'https://a@') } }],
  ['no htu',                                { claims: { htu: undefined } }],
  ['iat 31 s ago',                          { claims: { iat: NOW_S - 31 } }],
  ['iat 6 s ahead',                         { claims: { iat: NOW_S + 6 } }],
  ['no iat',                                { claims: { iat: undefined } }],
  ['iat as text',                           { claims: { iat: String(NOW_S) } }],
  ['no ath',                                { claims: { ath: undefined } }],
  ['ath of another token',                  { claims: { ath: ath('another') } }],
  ['ath in hexadecimal',                    { claims: { ath: createHash('sha256').update(bound).digest('hex') } }],
  ['no jti',                                { claims: { jti: undefined } }],
  ['a jti of 256 characters',               { claims: { jti: 'j'.repeat(256) } }],
  ['a jti that PostgreSQL cannot hold',     { claims: { jti: 'a\u0000' } }],
  ['claims that are no object',             { payload: '[]' }],
  ['two proofs in one header',              'a.b.c, d.e.f'],
  ['nothing',                               ''],
  ['5,000 characters',                      { claims: { pad: 'x'.repeat(5_000) } }],
  ['the access token itself',               bound],
]

describe('a request with a bound token', () => {
  test('is accepted with a proof of its key, in any case of the scheme', async () => {
    expect(await gateway()('DPoP', bound, await proof())).toBe('accepted hospital-ehr')
    expect(await gateway()('dpop', bound, await proof())).toBe('accepted hospital-ehr')
  })

  test('htu is compared after normalisation', async () => {
    const htu = 'HTTPS://SLUSE.example:443/fhir/CarePlan'
    expect(await gateway()('DPoP', bound, await proof({ claims: { htu } }))).toBe('accepted hospital-ehr')
  })

  test.each(forged)('%s: 401', async (_, forgery) => {
    const store = new MemoryClientStore(helseid)
    const sent = typeof forgery === 'string' ? forgery : await proof(forgery)
    expect(await gateway(store)('DPoP', bound, sent)).toBe('proof-invalid')
    expect(store.spentProofs.size).toBe(0)
  })

  test('the same proof counts once', async () => {
    const ask = gateway()
    const sent = await proof()
    expect([await ask('DPoP', bound, sent), await ask('DPoP', bound, sent)]).toEqual([
      'accepted hospital-ehr',
      'proof-invalid',
    ])
  })

  test('iat is good from 30 s ago to 5 s ahead', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(-31, -30, -29, 4, 5, 6), fc.integer({ min: -100, max: 100 })),
        async (at) => {
          const want = at >= -30 && at <= 5 ? 'accepted hospital-ehr' : 'proof-invalid'
          expect(await gateway()('DPoP', bound, await proof({ claims: { iat: NOW_S + at } }))).toBe(want)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('no way around the proof', () => {
  const unbound = accessToken()
  // prettier-ignore
  const ways: readonly [title: string, scheme: string, token: () => Promise<string>, dpop: (() => Promise<string>) | undefined, profile: 'smart' | 'helseid', want: string][] = [
    ['a bound token as Bearer',                     'Bearer', async () => bound,   undefined, 'helseid', 'token-invalid'],
    ['a bound token as Bearer, with its proof',     'Bearer', async () => bound,   proof,     'helseid', 'token-invalid'],
    ['a bound token without a proof',               'DPoP',   async () => bound,   undefined, 'helseid', 'proof-invalid'],
    ['a bearer token with a proof',                 'Bearer', async () => unbound, proof,     'smart',   'proof-invalid'],
    ['a bearer token as DPoP',                      'DPoP',   async () => unbound, proof,     'smart',   'token-invalid'],
    ['a bearer token of a client that binds',       'Bearer', async () => unbound, undefined, 'helseid', 'token-invalid'],
    ['a proof as access token',                     'DPoP',   proof,               proof,     'helseid', 'token-invalid'],
    ['an assertion as access token',                'DPoP',   () => assertion(),   proof,     'helseid', 'token-invalid'],
    ['a binding that we cannot check (mTLS)',       'DPoP',   () => accessToken({ claims: { cnf: { 'x5t#S256': jkt } } }), proof, 'helseid', 'token-invalid'],
    ['two bindings',                                'DPoP',   () => accessToken({ claims: { cnf: { jkt, 'x5t#S256': jkt } } }), proof, 'helseid', 'token-invalid'],
    ['an empty binding',                            'Bearer', () => accessToken({ claims: { cnf: {} } }), undefined, 'smart', 'token-invalid'],
  ]
  test.each(ways)('%s: 401', async (_title, scheme, token, dpop, profile, want) => {
    const ask = gateway(new MemoryClientStore({ ...client, profile }))
    expect(await ask(scheme, await token(), await dpop?.())).toBe(want)
  })

  test('a proof for one request is none for another', async () => {
    expect(await gateway()('DPoP', bound, await proof(), '/fhir/Encounter')).toBe('proof-invalid')
    expect(await gateway()('DPoP', bound, await proof(), '/fhir/CarePlan', 'POST')).toBe('proof-invalid')
  })
})

describe('the token endpoint', () => {
  async function ask(store: MemoryClientStore, dpop: string | undefined) {
    const issuer = createTokenIssuer({
      issuer: ISSUER,
      audience: AUDIENCE,
      tokenUrl: TOKEN_URL,
      signingKey: keys.signing,
      now: () => NOW,
      newId: () => 'token-551207',
      clients: store,
      keysOf,
    })
    const of = [...store.clients.values()][0]?.profile
    const claims = of === 'helseid' ? { aud: ISSUER, iat: NOW_S, nbf: NOW_S, exp: NOW_S + 60 } : {}
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/CarePlan.rs',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion({ claims: { ...claims, jti: crypto.randomUUID() } }),
    })
    return issuer.token(form, dpop)
  }
  const forToken = { htm: 'POST', htu: TOKEN_URL, ath: undefined }

  test('gives a token that is bound to the key of the proof', async () => {
    const answer = await ask(new MemoryClientStore(helseid), await proof({ claims: forToken }))
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'DPoP', expires_in: 300 } })
    const token = 'access_token' in answer.body ? String(answer.body.access_token) : ''
    const sent = await proof({ claims: { ath: ath(token) } })
    expect(await gateway()('DPoP', token, sent)).toBe('accepted hospital-ehr')
  })

  test('refuses without a proof, with a bad one, with one that was used, and one that nobody asked for', async () => {
    const store = new MemoryClientStore(helseid)
    const once = await proof({ claims: forToken })
    const answers = [
      await ask(store, undefined),
      await ask(store, await proof()),
      (await ask(store, once)) && (await ask(store, once)),
      await ask(new MemoryClientStore(client), await proof({ claims: forToken })),
    ]
    expect(answers.map(({ status, body, audit }) => [status, 'error' in body && body.error, audit])).toEqual(
      [
        ['invalid_dpop_proof', 'proof-missing'],
        ['invalid_dpop_proof', 'proof-invalid'],
        ['invalid_dpop_proof', 'proof-replayed'],
        ['invalid_request', 'proof-unsupported'],
      ].map(([error, reason]) => [400, error, { outcome: 'refused', reason, claimedClientId: client.id }]),
    )
  })
})

test('a proof that is changed proves nothing, whichever character is changed', async () => {
  const jwt = await proof()
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: jwt.length - 2 }),
      fc.constantFrom('A', 'b', '7', '_'),
      async (at, letter) => {
        fc.pre(jwt[at] !== letter && jwt[at] !== '.')
        const changed = jwt.slice(0, at) + letter + jwt.slice(at + 1)
        const read = readProof(changed, { method: 'GET', url: URL_READ, accessToken: bound, now: NOW })
        await expect(read).rejects.toBeInstanceOf(ProofFault)
      },
    ),
    { numRuns: 60 },
  )
})
