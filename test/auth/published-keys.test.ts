import type { JWK } from 'jose'
import { expect, test } from 'vitest'
import {
  createClientKeySource,
  createPublishedKeys,
  KEYS_AGE_MS,
  REFETCH_AFTER_MS,
} from '#auth/published-keys.ts'
import { client, keys, makeKeyPair } from './forge.ts'

const URL_OF_KEYS = 'https://ehr.example/jwks.json'
const { publicKey: next } = await makeKeyPair('ES384', 'ec-2')

/** A site whose keys, health and clock a test sets. */
function site(first: readonly JWK[] = [keys.ec.publicKey]) {
  const state = { keys: first, down: false, ms: 0, fetches: 0, document: undefined as unknown }
  const published = createPublishedKeys({
    now: () => new Date(state.ms),
    fetchJson: async () => {
      state.fetches += 1
      if (state.down) throw new Error('connection refused')
      return state.document ?? { keys: state.keys }
    },
  })
  const kids = async (kid: string) => (await published.at(URL_OF_KEYS, kid))?.map((key) => key.kid)
  return { state, published, kids }
}

test('a known kid is answered from memory until its keys are too old', async () => {
  const { state, kids } = site()
  for (const ms of [0, 1, KEYS_AGE_MS - 1]) {
    state.ms = ms
    expect(await kids('ec-1')).toEqual(['ec-1'])
  }
  expect(state.fetches).toBe(1)
  state.ms = KEYS_AGE_MS
  expect(await kids('ec-1')).toEqual(['ec-1'])
  expect(state.fetches).toBe(2)
})

test('an unknown kid has them fetched again, once in the cool-down, however many ask', async () => {
  const { state, kids } = site()
  await kids('ec-1')
  state.keys = [next]
  state.ms = REFETCH_AFTER_MS - 1
  expect(await kids('ec-2')).toEqual(['ec-1'])
  expect(state.fetches).toBe(1)
  state.ms = REFETCH_AFTER_MS
  expect(await Promise.all(Array.from({ length: 50 }, () => kids('ec-2')))).toEqual(
    Array.from({ length: 50 }, () => ['ec-2']),
  )
  expect(state.fetches).toBe(2)
  await Promise.all(Array.from({ length: 100 }, (_, at) => kids(`guess-${at}`)))
  expect(state.fetches).toBe(2)
})

test('a key that is gone from its URL is good for no longer than the bound', async () => {
  const { state, kids } = site()
  await kids('ec-1')
  state.keys = [next]
  state.ms = KEYS_AGE_MS
  expect(await kids('ec-1')).toEqual(['ec-2'])
})

test('while the URL is away the known keys hold up to the bound, and then there are none', async () => {
  const { state, kids } = site()
  await kids('ec-1')
  state.down = true
  for (const ms of [REFETCH_AFTER_MS, 2 * REFETCH_AFTER_MS, KEYS_AGE_MS - 1]) {
    state.ms = ms
    expect(await kids('ec-9'), String(ms)).toEqual(['ec-1'])
  }
  state.ms = KEYS_AGE_MS
  expect(await kids('ec-1')).toBeUndefined()
  state.down = false
  state.ms = KEYS_AGE_MS + REFETCH_AFTER_MS - 2
  expect(await kids('ec-1')).toBeUndefined()
  state.ms = KEYS_AGE_MS + REFETCH_AFTER_MS
  expect(await kids('ec-1')).toEqual(['ec-1'])
})

test('a clock that is set back makes nothing younger', async () => {
  const { state, kids } = site()
  state.ms = 1_000_000
  await kids('ec-1')
  state.ms = 0
  state.down = true
  expect(await kids('ec-1')).toBeUndefined()
})

test.each([
  ['no object', [keys.ec.publicKey]],
  ['no list', { keys: keys.ec.publicKey }],
  ['21 keys', { keys: Array.from({ length: 21 }, (_, at) => ({ ...keys.ec.publicKey, kid: `k${at}` })) }],
])('%s is a failed fetch', async (_, document) => {
  const { state, kids } = site()
  state.document = document
  expect(await kids('ec-1')).toBeUndefined()
})

test('of a set the keys count that a registration would accept: no private, no secret, none for encryption or without kid', async () => {
  const { kid: _kid, ...nameless } = next
  const set = [
    keys.ec.publicKey,
    { ...next, use: 'enc' },
    keys.rsa.privateKey,
    nameless,
    { kty: 'oct', kid: 's', k: 'AA' },
  ]
  const keysOf = createClientKeySource(site(set).published)
  const of = { ...client, jwksUrl: URL_OF_KEYS }
  expect((await keysOf(of, 'ec-1'))?.keys.map(({ kid }) => kid)).toEqual(['ec-1'])
})
