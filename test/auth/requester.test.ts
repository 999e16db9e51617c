import * as fc from 'fast-check'
import { SignJWT, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { CLIENT_STALENESS_MS } from '#auth/client-reader.ts'
import { createTokenVerifier, tokenChallenge } from '#auth/requester.ts'
import { publicHalf, readSigningKey } from '#auth/signing-key.ts'
import { type ErrorCode, GatewayError } from '#fhir/gateway-error.ts'
import { MemoryClientStore } from '#test/memory-client-store.ts'
import type { Forgery } from './forge.ts'
import {
  AUDIENCE,
  ISSUER,
  NOW,
  NOW_S,
  accessToken,
  assertion,
  client,
  encode,
  keys,
  makeKeyPair,
  unsigned,
} from './forge.ts'

const signing = readSigningKey(keys.signing)
const clientAssertion = await assertion()
const { privateKey: foreign } = await makeKeyPair('ES256', signing.kid)

const READ = { method: 'GET', path: '/fhir/CarePlan' } as const
const bearer = (token: string) => ({ ...READ, authorization: `Bearer ${token}` })

/** A gateway whose clock is `at.ms` after NOW. */
function gateway(store = new MemoryClientStore(client), at = { ms: 0 }) {
  const verifier = createTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { keys: [publicHalf(signing)] },
    now: () => new Date(NOW.getTime() + at.ms),
    clients: store,
  })
  return {
    store,
    at,
    authenticate: async (token: string) => verifier.authenticate(bearer(token)),
    verifier,
  }
}

async function refusalOf(request: Promise<unknown>): Promise<{ code: string; text: string }> {
  try {
    await request
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, text: error.faults[0].text }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a good token', () => {
  test('is good only from the addresses of its client; from elsewhere it is answered as of a client that is disabled', async () => {
    const told: unknown[] = []
    const verifier = (change: object) =>
      createTokenVerifier({
        issuer: ISSUER,
        audience: AUDIENCE,
        keys: { keys: [publicHalf(signing)] },
        now: () => NOW,
        clients: new MemoryClientStore({ ...client, ...change }),
        onForeignAddress: async ({ id }, { address, requestId }) => void told.push([id, address, requestId]),
      })
    const bound = verifier({ addressRanges: ['192.0.2.0/24'] })
    const shown = { ...bearer(await accessToken()), requestId: 'r-134418' }
    const there = await bound.authenticate({ ...shown, address: '192.0.2.9' })
    expect([there.clientId, told]).toEqual(['hospital-ehr', []])
    const disabled = await refusalOf(verifier({ disabled: true }).authenticate(shown))
    expect(await refusalOf(bound.authenticate({ ...shown, address: '198.51.100.9' }))).toEqual(disabled)
    expect(await refusalOf(bound.authenticate(shown))).toEqual(disabled)
    expect(told).toEqual([
      ['hospital-ehr', '198.51.100.9', 'r-134418'],
      ['hospital-ehr', undefined, 'r-134418'],
    ])
  })

  test('makes the requester that is registered, with the scopes of the token', async () => {
    const { authenticate } = gateway()
    const { clientId, organizationId, sector, purposeOfUse, scopes, tokenId } = await authenticate(
      await accessToken(),
    )
    expect({ clientId, organizationId, sector, purposeOfUse, scopes, tokenId }).toEqual({
      clientId: 'hospital-ehr',
      organizationId: client.organizationId,
      sector: 'hospital',
      purposeOfUse: ['TREAT'],
      scopes: [{ resourceType: 'CarePlan', interactions: ['r', 's'] }],
      tokenId: 'token-551207',
    })
  })

  test('is accepted again, and reads the registration once', async () => {
    const { authenticate, store } = gateway()
    const token = await accessToken()
    for (let i = 0; i < 5; i += 1) expect((await authenticate(token)).tokenId).toBe('token-551207')
    expect(store.reads).toBe(1)
  })

  test('is verified once: again it costs less than half', async () => {
    const { authenticate } = gateway()
    const times: [first: number[], again: number[]] = [[], []]
    for (let round = 0; round < 41; round += 1) {
      const token = await accessToken({ claims: { jti: `token-${round}` } })
      for (const list of times) {
        const start = performance.now()
        await authenticate(token)
        list.push(performance.now() - start)
      }
    }
    const [first, again] = times.map((list) => list.sort((a, b) => a - b)[20] ?? 0)
    expect(again).toBeLessThan((first ?? 0) / 2)
  })

  test('is accepted in any case of the scheme', async () => {
    const { verifier } = gateway()
    expect(
      (await verifier.authenticate({ ...READ, authorization: `bearer ${await accessToken()}` })).clientId,
    ).toBe('hospital-ehr')
  })

  test('of the old key is accepted while both keys are published', async () => {
    const { privateKey, publicKey } = await makeKeyPair('ES256', 'old')
    const verifier = createTokenVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: { keys: [publicHalf(signing), publicKey] },
      now: () => NOW,
      clients: new MemoryClientStore(client),
    })
    const token = await accessToken({ header: { kid: 'old' }, key: privateKey })
    expect((await verifier.authenticate(bearer(token))).clientId).toBe('hospital-ehr')
  })
})

describe('a forged token', () => {
  const good = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: client.id,
    client_id: client.id,
    jti: 't',
    scope: 's',
    iat: NOW_S,
    exp: NOW_S + 60,
  }
  const hmac = {
    header: { alg: 'HS256' },
    key: { kty: 'oct', k: encode(JSON.stringify(publicHalf(signing))) },
  }
  const forged: readonly { title: string; spec: string; forgery: Forgery | string }[] = [
    { title: 'alg none', spec: 'RFC 9068 4', forgery: unsigned({ alg: 'none', typ: 'at+jwt' }, good) },
    { title: 'HS256 with the public key as secret', spec: 'RFC 8725 2.1', forgery: hmac },
    {
      title: 'a foreign key under our kid',
      spec: 'RFC 9068 4',
      forgery: { header: { kid: signing.kid }, key: foreign },
    },
    {
      title: 'a foreign key in the header',
      spec: 'RFC 8725 3.10',
      forgery: { header: { jwk: publicHalf(readSigningKey(foreign)) }, key: foreign },
    },
    { title: 'an unknown kid', spec: 'RFC 7515 4.1.4', forgery: { header: { kid: 'another' } } },
    {
      title: 'crit',
      spec: 'RFC 7515 4.1.11',
      forgery: { header: { crit: ['sluse-unknown'], 'sluse-unknown': 1 } },
    },
    { title: 'no typ', spec: 'RFC 9068 4', forgery: { header: { typ: undefined } } },
    { title: 'typ JWT, as an id token has', spec: 'RFC 9068 4', forgery: { header: { typ: 'JWT' } } },
    { title: 'typ dpop+jwt', spec: 'RFC 8725 3.11', forgery: { header: { typ: 'dpop+jwt' } } },
    { title: 'an assertion of a client', spec: 'RFC 8725 3.11', forgery: clientAssertion },
    { title: 'another issuer', spec: 'RFC 9068 4', forgery: { claims: { iss: 'https://evil.example' } } },
    { title: 'no issuer', spec: 'RFC 9068 4', forgery: { claims: { iss: undefined } } },
    {
      title: 'another audience',
      spec: 'RFC 9068 4',
      forgery: { claims: { aud: 'https://other.example/fhir' } },
    },
    { title: 'no audience', spec: 'RFC 9068 4', forgery: { claims: { aud: undefined } } },
    {
      title: 'our audience in a list',
      spec: 'one string, as in assertions',
      forgery: { claims: { aud: [AUDIENCE, 'https://other.example'] } },
    },
    { title: 'sub is not client_id', spec: 'RFC 9068 2.2', forgery: { claims: { sub: 'gp-system' } } },
    {
      title: 'no client',
      spec: 'RFC 9068 2.2',
      forgery: { claims: { sub: undefined, client_id: undefined } },
    },
    { title: 'no jti', spec: 'RFC 9068 2.2', forgery: { claims: { jti: undefined } } },
    { title: 'no scope', spec: 'RFC 9068 2.2.3', forgery: { claims: { scope: undefined } } },
    {
      title: 'a scope that is a list',
      spec: 'RFC 9068 2.2.3',
      forgery: { claims: { scope: ['system/CarePlan.rs'] } },
    },
    { title: 'no exp', spec: 'RFC 9068 2.2', forgery: { claims: { exp: undefined } } },
    { title: 'no iat', spec: 'RFC 9068 2.2', forgery: { claims: { iat: undefined } } },
    { title: 'exp as text', spec: 'RFC 7519 4.1.4', forgery: { claims: { exp: String(NOW_S + 60) } } },
    {
      title: 'a lifetime over 300 s',
      spec: 'SMART backend-services',
      forgery: { claims: { exp: NOW_S + 301 } },
    },
    { title: 'claims that are a list', spec: 'RFC 7519 7.2', forgery: { payload: '[]' } },
    { title: 'claims that are not JSON', spec: 'RFC 7519 7.2', forgery: { payload: 'x' } },
    { title: 'two parts', spec: 'RFC 7515 3.1', forgery: 'e30.e30' },
    { title: 'five parts', spec: 'RFC 7516 3.1', forgery: 'a.b.c.d.e' },
  ]
  test.each(forged)('$title is refused', async ({ forgery }) => {
    const { authenticate } = gateway()
    const token = typeof forgery === 'string' ? forgery : await accessToken(forgery)
    expect(await refusalOf(authenticate(token))).toEqual({
      code: 'token-invalid',
      text: 'the access token is damaged or not issued for this gateway: ask the token endpoint for a new one',
    })
  })

  test('one that is changed is refused, also after the good one was accepted', async () => {
    const { authenticate } = gateway()
    const token = await accessToken()
    await authenticate(token)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: token.length - 2 }),
        fc.constantFrom('A', 'b', '7', '_'),
        async (at, letter) => {
          fc.pre(token[at] !== letter && token[at] !== '.')
          const changed = token.slice(0, at) + letter + token.slice(at + 1)
          expect((await refusalOf(authenticate(changed))).code).toBe('token-invalid')
        },
      ),
      { numRuns: 60 },
    )
  })

  test('one that jose made is read as ours is: the forge is no dialect', async () => {
    const token = await new SignJWT(good)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
      .sign(await importJWK(keys.signing, 'ES256'))
    expect((await gateway().authenticate(token)).tokenId).toBe('t')
  })
})

describe('the Authorization header', () => {
  const missing = 'found no bearer token: send `Authorization: Bearer` and a token from the token endpoint'
  const malformed = 'the access token is malformed: send it as the token endpoint gave it'
  const cases: readonly [header: string | undefined, code: string, text: string][] = [
    [undefined, 'token-missing', missing],
    ['', 'token-missing', missing],
    ['Basic dXNlcjpwYXNz', 'token-missing', missing],
    ['DPoP', 'token-invalid', malformed],
    ['Bearerabc', 'token-missing', missing],
    ['Bearer', 'token-invalid', malformed],
    ['Bearer ', 'token-invalid', malformed],
    ['Bearer a b', 'token-invalid', malformed],
    ['Bearer a,Bearer b', 'token-invalid', malformed],
    ['Bearer æ', 'token-invalid', malformed],
    [`Bearer ${'a'.repeat(8193)}`, 'token-invalid', malformed],
  ]
  test.each(cases)('%j: %s', async (header, code, text) => {
    const error = await gateway()
      .verifier.authenticate({ ...READ, authorization: header })
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({ status: 401, faults: [{ code, text, expression: 'http:Authorization' }] })
  })

  test('of the answer names the fault only when a token was sent', () => {
    const algorithms = 'algs="PS256 ES256 ES384"'
    const challenge = (code: ErrorCode): string => tokenChallenge(new GatewayError({ code, text: '' }))
    expect(challenge('token-missing')).toBe(`Bearer realm="sluse", DPoP realm="sluse", ${algorithms}`)
    expect(challenge('token-invalid')).toBe(
      `Bearer realm="sluse", error="invalid_token", DPoP realm="sluse", error="invalid_token", ${algorithms}`,
    )
    expect(challenge('proof-invalid')).toBe(`DPoP realm="sluse", error="invalid_dpop_proof", ${algorithms}`)
  })
})

describe('time', () => {
  test('a token is good from 5 s before iat until exp, to the millisecond', async () => {
    const token = await accessToken()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.integer({ min: -20_000, max: 320_000 }),
          fc.constantFrom(-5001, -5000, -4999, 299_999, 300_000, 300_001),
        ),
        async (ms) => {
          const { authenticate } = gateway(new MemoryClientStore(client), { ms })
          const code = await authenticate(token).then(
            () => 'accepted',
            (error: GatewayError) => error.code,
          )
          expect(code).toBe(ms >= -5000 && ms < 300_000 ? 'accepted' : 'token-invalid')
        },
      ),
    )
  })

  test('a token that was accepted before ends all the same', async () => {
    const { authenticate, at } = gateway()
    const token = await accessToken()
    at.ms = 299_999
    await authenticate(token)
    at.ms = 300_000
    expect(await refusalOf(authenticate(token))).toEqual({
      code: 'token-invalid',
      text: 'the access token is not valid at this time: ask the token endpoint for a new one',
    })
  })
})

describe('the registration', () => {
  const inactive = {
    code: 'token-invalid',
    text: 'the client of the access token is not active: ask the operator of this gateway',
  }

  test.each([CLIENT_STALENESS_MS, CLIENT_STALENESS_MS + 1, -1])(
    'a client that is disabled is refused %i ms after its last read',
    async (ms) => {
      const { authenticate, store, at } = gateway()
      const token = await accessToken()
      await authenticate(token)
      store.clients.set(client.id, { ...client, disabled: true })
      at.ms = ms
      expect(await refusalOf(authenticate(token))).toEqual(inactive)
    },
  )

  test('is believed for less than five seconds', async () => {
    const { authenticate, store, at } = gateway()
    const token = await accessToken()
    await authenticate(token)
    at.ms = CLIENT_STALENESS_MS - 1
    await authenticate(token)
    expect(store.reads).toBe(1)
    at.ms = CLIENT_STALENESS_MS
    await authenticate(token)
    expect(store.reads).toBe(2)
  })

  test('that is gone refuses', async () => {
    const { authenticate } = gateway(new MemoryClientStore())
    expect(await refusalOf(authenticate(await accessToken()))).toEqual(inactive)
  })

  test('that lost a scope takes it from the tokens that have it', async () => {
    const store = new MemoryClientStore({ ...client, scopes: ['system/CarePlan.r'] })
    const { scopes } = await gateway(store).authenticate(
      await accessToken({ claims: { scope: 'system/CarePlan.rs system/Encounter.r' } }),
    )
    expect(scopes).toEqual([{ resourceType: 'CarePlan', interactions: ['r'] }])
  })

  test('that gained a scope adds nothing to the tokens that lack it', async () => {
    const store = new MemoryClientStore({ ...client, scopes: ['system/*.cruds'] })
    const { scopes } = await gateway(store).authenticate(await accessToken())
    expect(scopes).toEqual([{ resourceType: 'CarePlan', interactions: ['r', 's'] }])
  })

  test('is read once for requests that arrive together', async () => {
    const { authenticate, store } = gateway()
    const token = await accessToken()
    await Promise.all(Array.from({ length: 20 }, () => authenticate(token)))
    expect(store.reads).toBe(1)
  })

  test('that cannot be read is an error, not a refusal, and is read again at once', async () => {
    const { authenticate, store } = gateway()
    const token = await accessToken()
    store.findClient = () => Promise.reject(new Error('connection refused'))
    await expect(authenticate(token)).rejects.toThrow('connection refused')
    store.findClient = (id) => Promise.resolve(store.clients.get(id))
    expect((await authenticate(token)).clientId).toBe('hospital-ehr')
  })
})
