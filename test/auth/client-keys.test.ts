import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { findClientKey, readClientKeys } from '#auth/client-keys.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { keys, makeKeyPair } from './forge.ts'

const ec = keys.ec.publicKey
const rsa = keys.rsa.publicKey
const { publicKey: p256 } = await makeKeyPair('ES256', 'p256')
const { publicKey: ed } = await makeKeyPair('EdDSA', 'ed')
// jose makes no short RSA key; the modulus of a long one, cut to 1,024 bits, has the shape of one.
const shortRsa = {
  ...rsa,
  n: Buffer.from(rsa.n ?? '', 'base64url')
    .subarray(0, 128)
    .toString('base64url'),
}

function without(key: JWK, ...members: readonly string[]): JWK {
  return Object.fromEntries(Object.entries(key).filter(([name]) => !members.includes(name)))
}

describe('readClientKeys', () => {
  test('keeps the public members and nothing else', () => {
    const withMore = { ...without(ec, 'alg'), jku: 'https://evil.example/', x5u: 'https://evil.example/' }
    expect(readClientKeys({ keys: [withMore, rsa] })).toEqual({
      keys: [
        { kid: 'ec-1', use: 'sig', kty: 'EC', crv: 'P-384', x: ec.x, y: ec.y, alg: 'ES384' },
        { kid: 'rsa-1', use: 'sig', kty: 'RSA', n: rsa.n, e: rsa.e, alg: 'RS384' },
      ],
    })
  })

  const refused: readonly { title: string; jwks: unknown; at: readonly string[] }[] = [
    { title: 'nothing', jwks: undefined, at: ['/keys'] },
    { title: 'a list instead of a set', jwks: [ec], at: ['/keys'] },
    { title: 'no key', jwks: { keys: [] }, at: ['/keys'] },
    { title: 'keys that are no list', jwks: { keys: ec }, at: ['/keys'] },
    {
      title: 'more than 20 keys',
      jwks: { keys: Array.from({ length: 21 }, (_, i) => ({ ...ec, kid: `k${i}` })) },
      at: ['/keys'],
    },
    { title: 'a key that is no object', jwks: { keys: ['ec-1'] }, at: ['/keys/0'] },
    { title: 'a private EC key', jwks: { keys: [rsa, keys.ec.privateKey] }, at: ['/keys/1/d'] },
    { title: 'a private RSA key', jwks: { keys: [keys.rsa.privateKey] }, at: ['/keys/0/d'] },
    {
      title: 'an RSA key that kept a prime',
      jwks: { keys: [{ ...rsa, p: keys.rsa.privateKey.p }] },
      at: ['/keys/0/p'],
    },
    {
      title: 'a symmetric key',
      jwks: { keys: [{ kty: 'oct', kid: 'oct', k: 'c2VjcmV0' }] },
      at: ['/keys/0/k'],
    },
    {
      title: 'a symmetric key that calls itself EC',
      jwks: { keys: [{ ...ec, k: 'c2VjcmV0' }] },
      at: ['/keys/0/k'],
    },
    { title: 'a curve other than P-384', jwks: { keys: [p256] }, at: ['/keys/0'] },
    { title: 'another type of key', jwks: { keys: [ed] }, at: ['/keys/0'] },
    {
      title: 'a point that is not on the curve',
      jwks: { keys: [{ ...ec, x: ec.y, y: ec.x }] },
      at: ['/keys/0'],
    },
    { title: 'an RSA key of 1,024 bits', jwks: { keys: [shortRsa] }, at: ['/keys/0'] },
    { title: 'a key without kid', jwks: { keys: [without(ec, 'kid')] }, at: ['/keys/0/kid'] },
    {
      title: 'a kid that is a path',
      jwks: { keys: [{ ...ec, kid: '../../etc/passwd' }] },
      at: ['/keys/0/kid'],
    },
    {
      title: 'a kid of 129 characters',
      jwks: { keys: [{ ...ec, kid: 'k'.repeat(129) }] },
      at: ['/keys/0/kid'],
    },
    { title: 'the same kid twice', jwks: { keys: [ec, { ...rsa, kid: 'ec-1' }] }, at: ['/keys/1/kid'] },
    {
      title: 'an algorithm of another key type',
      jwks: { keys: [{ ...ec, alg: 'RS384' }] },
      at: ['/keys/0/alg'],
    },
    {
      title: 'an algorithm that SMART has not',
      jwks: { keys: [{ ...rsa, alg: 'RS256' }] },
      at: ['/keys/0/alg'],
    },
    { title: 'a key for encryption', jwks: { keys: [{ ...ec, use: 'enc' }] }, at: ['/keys/0/use'] },
    {
      title: 'a key that may sign',
      jwks: { keys: [{ ...ec, key_ops: ['sign', 'verify'] }] },
      at: ['/keys/0/key_ops'],
    },
    {
      title: 'several faults, all of them',
      jwks: { keys: [{ ...ec, kid: '', use: 'enc' }, p256] },
      at: ['/keys/0/kid', '/keys/0/use', '/keys/1'],
    },
  ]
  test.each(refused)('refuses $title', ({ jwks, at }) => {
    const error = faultOf(() => readClientKeys(jwks))
    expect(error.faults.map(({ code, expression }) => [code, expression])).toEqual(
      at.map((expression) => ['field-invalid', expression]),
    )
  })

  test('says what to do about a private key', () => {
    const error = faultOf(() => readClientKeys({ keys: [keys.ec.privateKey] }))
    expect(error.faults).toEqual([
      {
        code: 'field-invalid',
        text: '`d` is a secret part: discard this key, make a new pair and register its public half alone',
        expression: '/keys/0/d',
      },
    ])
  })
})

describe('findClientKey', () => {
  const jwks = readClientKeys({ keys: [ec, rsa] })

  test('finds by kid and algorithm', () => {
    expect(findClientKey(jwks, 'ec-1', 'ES384')).toEqual(jwks.keys[0])
    expect(findClientKey(jwks, 'rsa-1', 'RS384')).toEqual(jwks.keys[1])
  })

  test('an algorithm of the other key type finds nothing', () => {
    expect(findClientKey(jwks, 'ec-1', 'RS384')).toBeUndefined()
    expect(findClientKey(jwks, 'rsa-1', 'ES384')).toBeUndefined()
  })

  test('an unknown kid finds nothing', () => {
    expect(findClientKey(jwks, 'ec-2', 'ES384')).toBeUndefined()
  })

  test('two keys with one kid find nothing, in either order', () => {
    const other = { ...ec, x: keys.stranger.publicKey.x ?? '', y: keys.stranger.publicKey.y ?? '' }
    expect(findClientKey({ keys: [ec, other] }, 'ec-1', 'ES384')).toBeUndefined()
    expect(findClientKey({ keys: [other, ec] }, 'ec-1', 'ES384')).toBeUndefined()
  })

  test('a stored key without alg is found by its type alone', () => {
    const stored = { keys: [without(ec, 'alg')] }
    expect(findClientKey(stored, 'ec-1', 'ES384')).toEqual(stored.keys[0])
    expect(findClientKey(stored, 'ec-1', 'RS384')).toBeUndefined()
  })

  test('a stored key with a secret part verifies nothing', () => {
    expect(findClientKey({ keys: [keys.ec.privateKey] }, 'ec-1', 'ES384')).toBeUndefined()
    expect(findClientKey({ keys: [{ ...ec, k: 'c2VjcmV0' }] }, 'ec-1', 'ES384')).toBeUndefined()
  })
})

function faultOf(act: () => unknown): GatewayError {
  try {
    act()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
