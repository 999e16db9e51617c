import type { JWK } from 'jose'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AssertionAlgorithm, assertionAlgorithms } from '#auth/algorithms.ts'
import { authenticateClient } from '#auth/client-assertion.ts'
import { readClientKeys } from '#auth/client-keys.ts'
import type { Client } from '#auth/client.ts'
import { OAuthRefusal } from '#auth/oauth-refusal.ts'
import { type ProfileName, profileNames, profiles } from '#auth/profiles.ts'
import { MemoryClientStore } from '#test/memory-client-store.ts'
import type { Forgery, Members } from './forge.ts'
import {
  AUDIENCE,
  ISSUER,
  NOW,
  NOW_S,
  TOKEN_URL,
  assertion,
  client,
  keys,
  keysOf,
  makeKeyPair,
} from './forge.ts'

const p256 = await makeKeyPair('ES256', 'p256-1')
const { alg: _alg, ...rsaAny } = keys.rsa.publicKey

/** A client of each profile, with every kind of key. */
function clientOf(profile: ProfileName, assertionAlgorithms_: readonly AssertionAlgorithm[] = []): Client {
  const jwks = readClientKeys({ keys: [keys.ec.publicKey, p256.publicKey, rsaAny] }, assertionAlgorithms)
  return { ...client, profile, jwks, assertionAlgorithms: assertionAlgorithms_ }
}

const signers: Readonly<Record<AssertionAlgorithm, { kid: string; key: JWK }>> = {
  ES384: { kid: 'ec-1', key: keys.ec.privateKey },
  ES256: { kid: 'p256-1', key: p256.privateKey },
  RS384: { kid: 'rsa-1', key: keys.rsa.privateKey },
  RS256: { kid: 'rsa-1', key: { ...keys.rsa.privateKey, alg: 'RS256' } },
  PS256: { kid: 'rsa-1', key: { ...keys.rsa.privateKey, alg: 'PS256' } },
}

/** What a client of the profile sends when it does everything right. */
const good: Readonly<Record<ProfileName, Members>> = {
  smart: { aud: TOKEN_URL, exp: NOW_S + 300 },
  udap: { aud: TOKEN_URL, exp: NOW_S + 300, iat: NOW_S },
  helseid: { aud: ISSUER, exp: NOW_S + 60, iat: NOW_S, nbf: NOW_S },
}

async function outcome(
  of: Client,
  forgery: Forgery = {},
  alg: AssertionAlgorithm = 'ES384',
): Promise<string> {
  const { kid, key } = signers[alg]
  const store = new MemoryClientStore(of)
  try {
    const jwt = await assertion({
      key,
      ...forgery,
      header: { alg, kid, ...forgery.header },
      claims: { ...good[of.profile], ...forgery.claims },
    })
    const context = {
      issuer: ISSUER,
      tokenUrl: TOKEN_URL,
      now: NOW,
      clients: store,
      expectedClientId: undefined,
      keysOf,
    }
    await authenticateClient(jwt, context)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error
    // INVARIANT: whatever the profile refuses, the assertion is not spent.
    expect(store.spent.size).toBe(0)
    return error.reason
  }
}

describe('algorithms', () => {
  // prettier-ignore
  const table: readonly [ProfileName, allowed: AssertionAlgorithm[], registrable: AssertionAlgorithm[]][] = [
    ['smart',   ['ES384', 'RS384'],                   ['ES256', 'RS256', 'PS256']],
    ['udap',    ['RS256', 'ES384', 'RS384', 'ES256'], ['PS256']],
    ['helseid', ['PS256', 'ES256', 'ES384'],          ['RS256', 'RS384']],
  ]
  test.each(table)('%s: %j, and %j where it is registered', async (profile, allowed, registrable) => {
    for (const alg of assertionAlgorithms) {
      const want = allowed.includes(alg) ? 'accepted' : 'algorithm-not-registered'
      expect(await outcome(clientOf(profile), {}, alg), alg).toBe(want)
      const may = [...allowed, ...registrable].includes(alg)
      expect(await outcome(clientOf(profile, [alg]), {}, alg), `${alg}, registered`).toBe(
        may ? 'accepted' : want,
      )
    }
  })

  test('a key that is registered for one algorithm verifies no other of its type', async () => {
    const jwks = readClientKeys({ keys: [{ ...keys.rsa.publicKey, alg: 'PS256' }] }, assertionAlgorithms)
    expect(await outcome({ ...clientOf('udap'), jwks }, {}, 'RS256')).toBe('key-unknown')
  })

  test('an algorithm that is not the client’s is told to nobody: the answer is that of an unknown client', async () => {
    const context = { issuer: ISSUER, tokenUrl: TOKEN_URL, now: NOW, expectedClientId: undefined, keysOf }
    const { kid, key } = signers.RS256
    const jwt = await assertion({ header: { alg: 'RS256', kid }, key })
    const texts = [new MemoryClientStore(clientOf('smart')), new MemoryClientStore()].map((clients) =>
      authenticateClient(jwt, { ...context, clients }).catch((error: OAuthRefusal) => error.description),
    )
    const [known, unknown] = await Promise.all(texts)
    expect(known).toBe(unknown)
  })
})

describe.for(profileNames)('%s', (profile) => {
  const other = profiles[profile].audience === 'issuer' ? TOKEN_URL : ISSUER
  const audiences: readonly [title: string, aud: unknown][] = [
    ['the other profile’s', other],
    ['our FHIR base', AUDIENCE],
    ['another server', 'https://other.example/oauth/token'],
    ['a list of the right one', [good[profile]['aud']]],
    ['a list with another', [good[profile]['aud'], 'https://other.example']],
    ['both of ours', [TOKEN_URL, ISSUER]],
    ['a slash more', `${String(good[profile]['aud'])}/`],
    ['none', undefined],
  ]
  test.each(audiences)('aud is %s: refused', async (_, aud) => {
    expect(await outcome(clientOf(profile), { claims: { aud } })).toBe('assertion-audience')
  })

  test('iat and nbf are asked for where the profile says so', async () => {
    for (const name of ['iat', 'nbf'] as const) {
      const want = profiles[profile].required.includes(name) ? 'assertion-lifetime' : 'accepted'
      expect(await outcome(clientOf(profile), { claims: { [name]: undefined } }), name).toBe(want)
    }
  })

  test('typ', async () => {
    const accepted = profiles[profile].types
    for (const typ of ['JWT', 'client-authentication+jwt', undefined] as const) {
      const want = accepted.includes(typ) ? 'accepted' : 'assertion-header'
      expect(await outcome(clientOf(profile), { header: { typ } }), String(typ)).toBe(want)
    }
    for (const typ of ['at+jwt', 'dpop+jwt', 'jwt', '', 1])
      expect(await outcome(clientOf(profile), { header: { typ } }), String(typ)).toBe('assertion-header')
  })

  // T2: counted from now, and from iat where there is one; the tolerance once.
  test('a lifetime is accepted up to its limit, and nowhere beyond', async () => {
    const { lifetimeS } = profiles[profile]
    const edges = [
      -6,
      -5,
      -4,
      0,
      lifetimeS - 1,
      lifetimeS,
      lifetimeS + 4,
      lifetimeS + 5,
      lifetimeS + 6,
      300,
      306,
      3600,
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...edges), fc.integer({ min: -400, max: 700 })),
        fc.constantFrom(-lifetimeS - 1, -lifetimeS, -1, 0, 5, 6),
        async (exp, iat) => {
          const claims = { exp: NOW_S + exp, iat: NOW_S + iat, nbf: NOW_S }
          const holds = exp > -5 && exp <= lifetimeS + 5 && iat <= 5 && exp > iat && exp - iat <= lifetimeS
          expect(await outcome(clientOf(profile), { claims })).toBe(holds ? 'accepted' : 'assertion-lifetime')
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('jku', () => {
  const url = 'https://ehr.example/jwks.json'
  const cases: readonly [title: string, registered: string | undefined, jku: unknown, want: string][] = [
    ['the registered URL', url, url, 'accepted'],
    ['another URL', url, 'https://evil.example/jwks.json', 'assertion-header'],
    ['the registered URL in other letters', url, url.toUpperCase(), 'assertion-header'],
    ['a list', url, [url], 'assertion-header'],
    ['null', url, null, 'assertion-header'],
    ['any, where keys are registered by value', undefined, url, 'assertion-header'],
  ]
  test.each(cases)('%s', async (_, jwksUrl, jku, want) => {
    const of = { ...clientOf('smart'), ...(jwksUrl === undefined ? {} : { jwksUrl }) }
    expect(await outcome(of, { header: { jku } })).toBe(want)
  })
})
