import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CLOCK_TOLERANCE_S } from '#auth/assertion-policy.ts'
import { authenticateClient } from '#auth/client-assertion.ts'
import type { Client } from '#auth/client.ts'
import { OAuthRefusal } from '#auth/oauth-refusal.ts'
import { MemoryClientStore } from '#test/memory-client-store.ts'
import type { Forgery } from './forge.ts'
import { ISSUER, NOW, NOW_S, TOKEN_URL, assertion, client, keys, keysOf } from './forge.ts'
import { forgedAssertions } from './forged-assertions.ts'

async function authenticate(
  jwt: string,
  store: MemoryClientStore,
  expectedClientId?: string,
): Promise<Client> {
  const context = { issuer: ISSUER, tokenUrl: TOKEN_URL, now: NOW, clients: store, expectedClientId, keysOf }
  return (await authenticateClient(jwt, context)).client
}

async function outcome(
  jwt: string,
  store = new MemoryClientStore(client),
  clientId?: string,
): Promise<string> {
  try {
    return `accepted ${(await authenticate(jwt, store, clientId)).id}`
  } catch (error) {
    if (error instanceof OAuthRefusal) return error.reason
    throw error
  }
}

describe('a good assertion', () => {
  const accepted: readonly { title: string; forgery: Forgery }[] = [
    { title: 'signed with ES384, as SMART test kits send it: no iat, exp at the limit', forgery: {} },
    {
      title: 'signed with RS384',
      forgery: { header: { alg: 'RS384', kid: 'rsa-1' }, key: keys.rsa.privateKey },
    },
    { title: 'without typ', forgery: { header: { typ: undefined } } },
    { title: 'with iat and nbf', forgery: { claims: { iat: NOW_S, nbf: NOW_S } } },
    { title: 'with a fraction of a second', forgery: { claims: { exp: NOW_S + 59.5, iat: NOW_S - 0.5 } } },
    { title: 'with claims that we do not know', forgery: { claims: { nonce: 'x' } } },
    { title: 'with a jti of 255 characters', forgery: { claims: { jti: 'j'.repeat(255) } } },
  ]
  test.each(accepted)('$title is accepted', async ({ forgery }) => {
    expect(await outcome(await assertion(forgery))).toBe('accepted hospital-ehr')
  })

  test('gives the client as it is registered, and spends the jti until after its end', async () => {
    const store = new MemoryClientStore(client)
    expect(await authenticate(await assertion(), store)).toEqual(client)
    expect([...store.spent]).toEqual([
      ['["hospital-ehr","assertion-134418"]', new Date((NOW_S + 300 + 2 * CLOCK_TOLERANCE_S) * 1000)],
    ])
  })
})

describe('a forged assertion', () => {
  test.each(forgedAssertions)('$title: $want', async ({ forgery, want }) => {
    const store = new MemoryClientStore(client)
    expect(await outcome(typeof forgery === 'string' ? forgery : await assertion(forgery), store)).toBe(want)
    expect(store.spent.size).toBe(0)
  })

  test('one that is changed after signing proves nothing, whichever character is changed', async () => {
    const jwt = await assertion()
    const signatureAt = jwt.lastIndexOf('.') + 1
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: jwt.length - 1 }),
        fc.constantFrom('A', 'b', '7', '_'),
        async (at, letter) => {
          // The last character of the signature carries bits that no decoder looks at.
          fc.pre(jwt[at] !== letter && jwt[at] !== '.' && at !== jwt.length - 1)
          const changed = jwt.slice(0, at) + letter + jwt.slice(at + 1)
          const result = await outcome(changed)
          if (at >= signatureAt) expect(result).toBe('signature-invalid')
          else expect(result).not.toMatch(/^accepted/)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a signature under claims of another assertion proves nothing', async () => {
    const [header, , signature] = (await assertion()).split('.')
    const [, claims] = (await assertion({ claims: { jti: 'another' } })).split('.')
    expect(await outcome([header, claims, signature].join('.'))).toBe('signature-invalid')
  })
})

describe('the registration decides', () => {
  test('a disabled client is refused, its jti unspent', async () => {
    const store = new MemoryClientStore({ ...client, disabled: true })
    expect(await outcome(await assertion(), store)).toBe('client-disabled')
    expect(store.spent.size).toBe(0)
  })

  test('a store that answers with another client is not believed', async () => {
    const store = new MemoryClientStore()
    store.clients.set('HOSPITAL-EHR', client)
    const jwt = await assertion({ claims: { iss: 'HOSPITAL-EHR', sub: 'HOSPITAL-EHR' } })
    expect(await outcome(jwt, store)).toBe('client-unknown')
  })

  test('a stored key that is no key refuses, and does not fail', async () => {
    const broken = { kty: 'EC', crv: 'P-384', kid: 'ec-1', x: 'AA', y: 'AA' }
    expect(
      await outcome(await assertion(), new MemoryClientStore({ ...client, jwks: { keys: [broken] } })),
    ).toBe('signature-invalid')
  })

  test('the client_id of the form must be the same client', async () => {
    const store = new MemoryClientStore(client)
    expect(await outcome(await assertion(), store, 'gp-system')).toBe('client-id-differs')
    expect(await outcome(await assertion(), store, client.id)).toBe('accepted hospital-ehr')
  })

  test('a store that is away is an error, never an answer', async () => {
    const store = new MemoryClientStore(client)
    store.findClient = () => Promise.reject(new Error('connection refused'))
    await expect(authenticate(await assertion(), store)).rejects.toThrow('connection refused')
  })
})

describe('a jti', () => {
  test('counts once', async () => {
    const store = new MemoryClientStore(client)
    const jwt = await assertion()
    expect([await outcome(jwt, store), await outcome(jwt, store)]).toEqual([
      'accepted hospital-ehr',
      'assertion-replayed',
    ])
  })

  test('counts once per client', async () => {
    const gp: Client = { ...client, id: 'gp-system' }
    const store = new MemoryClientStore(client, gp)
    const second = await assertion({ claims: { iss: gp.id, sub: gp.id } })
    expect(await outcome(await assertion(), store)).toBe('accepted hospital-ehr')
    expect(await outcome(second, store)).toBe('accepted gp-system')
  })

  test('cannot be spent by somebody without the key', async () => {
    const store = new MemoryClientStore(client)
    expect(await outcome(await assertion({ key: keys.stranger.privateKey }), store)).toBe('signature-invalid')
    expect(await outcome(await assertion(), store)).toBe('accepted hospital-ehr')
  })
})

describe('time', () => {
  const seconds = fc.integer({ min: -700, max: 700 })

  test('exp is accepted from 5 s after the end to 305 s before it, and nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(seconds, fc.constantFrom(-6, -5, -4, 300, 304, 305, 306)), async (ahead) => {
        const result = await outcome(await assertion({ claims: { exp: NOW_S + ahead } }))
        expect(result).toBe(ahead > -5 && ahead <= 305 ? 'accepted hospital-ehr' : 'assertion-lifetime')
      }),
    )
  })

  test('iat, when sent, is at most 5 s ahead, before exp, and exp at most 300 s after it', async () => {
    const edge = fc.constantFrom(-301, -300, -299, -5, -4, 0, 4, 5, 6, 299, 300, 301, 305)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(seconds, edge),
        fc.oneof(fc.integer({ min: -4, max: 305 }), edge),
        async (iat, exp) => {
          fc.pre(exp > -5 && exp <= 305)
          const result = await outcome(await assertion({ claims: { iat: NOW_S + iat, exp: NOW_S + exp } }))
          const holds = iat <= 5 && exp > iat && exp - iat <= 300
          expect(result).toBe(holds ? 'accepted hospital-ehr' : 'assertion-lifetime')
        },
      ),
    )
  })

  test('nbf is honoured up to 5 s ahead', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(seconds, fc.constantFrom(4, 5, 6)), async (nbf) => {
        const result = await outcome(await assertion({ claims: { nbf: NOW_S + nbf } }))
        expect(result).toBe(nbf <= 5 ? 'accepted hospital-ehr' : 'assertion-lifetime')
      }),
    )
  })
})

describe('a stranger learns nothing', () => {
  const ways: readonly { title: string; store: MemoryClientStore; forgery: Forgery }[] = [
    { title: 'unknown client', store: new MemoryClientStore(), forgery: {} },
    { title: 'disabled client', store: new MemoryClientStore({ ...client, disabled: true }), forgery: {} },
    { title: 'unknown kid', store: new MemoryClientStore(client), forgery: { header: { kid: 'ec-2' } } },
    {
      title: 'bad signature',
      store: new MemoryClientStore(client),
      forgery: { key: keys.stranger.privateKey },
    },
  ]
  test.each(ways)('$title: the same sentence', async ({ store, forgery }) => {
    await expect(authenticate(await assertion(forgery), store)).rejects.toMatchObject({
      description:
        'the assertion is not from an active client of this gateway: check that the client id, the `kid`, the `alg` and the registered public key belong together, and that keys published by URL can be read',
    })
  })

  test('about the same time: an unknown client costs a verification too', async () => {
    const [known, unknown] = [new MemoryClientStore(client), new MemoryClientStore()]
    const jwt = await assertion({ key: keys.stranger.privateKey })
    const times: [number[], number[]] = [[], []]
    for (let round = 0; round < 41; round += 1) {
      for (const [index, store] of [known, unknown].entries()) {
        const start = performance.now()
        await outcome(jwt, store)
        times[index]?.push(performance.now() - start)
      }
    }
    const [ofKnown, ofUnknown] = times.map((list) => list.sort((a, b) => a - b)[20] ?? 0)
    // Without the dummy key the ratio is 20 and more.
    expect((ofKnown ?? 0) / (ofUnknown ?? 1)).toBeLessThan(4)
    expect((ofUnknown ?? 0) / (ofKnown ?? 1)).toBeLessThan(4)
  })
})
