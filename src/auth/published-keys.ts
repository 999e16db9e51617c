/**
 * Keys that are published by URL, a client's or an issuer's, through a short memory. An unknown `kid` has them fetched
 * again, but not so often that assertions could be used to send requests to somebody.
 */
import type { JSONWebKeySet, JWK } from 'jose'
import { LRUCache } from 'lru-cache'
import type { AssertionAlgorithm } from './algorithms.ts'
import type { ClientKeySource } from './client-assertion.ts'
import { MAX_KEYS } from './client-keys.ts'
import { algorithmsOf } from './profiles.ts'
import { isRecord, readPublicKey } from './public-key.ts'

/** A key that was taken away from its URL is good for no longer. */
export const KEYS_AGE_MS = 5 * 60_000
/** Between two requests to one URL, whatever made them and whatever came of the first. */
export const REFETCH_AFTER_MS = 10_000
/** Far more than there are clients; each holds at most 20 keys. */
const MAX_URLS = 1_000

export interface PublishedKeysOptions {
  /** Through the egress guard. Whatever it throws, there are no keys. */
  readonly fetchJson: (url: string) => Promise<unknown>
  readonly now: () => Date
}

export interface PublishedKeys {
  /** The keys at a URL; undefined when they cannot be had. `kid` is the one that is looked for. */
  at(url: string, kid: string): Promise<readonly JWK[] | undefined>
}

interface Entry {
  readonly triedAt: number
  /** Undefined when the fetch failed: then those of before count, until they are too old. */
  readonly fetched: Promise<readonly JWK[] | undefined>
  readonly before: { readonly fetchedAt: number; readonly keys: readonly JWK[] } | undefined
}

export function createPublishedKeys({ fetchJson, now }: PublishedKeysOptions): PublishedKeys {
  const entries = new LRUCache<string, Entry>({ max: MAX_URLS })

  function start(url: string, triedAt: number, before: Entry['before']): Entry {
    const fetched = fetchJson(url).then(readKeySet, () => undefined)
    const entry = { triedAt, fetched, before }
    entries.set(url, entry)
    return entry
  }

  /** INVARIANT: what is older than KEYS_AGE_MS is not handed out, also when nothing newer can be had. */
  async function current({ triedAt, fetched, before }: Entry): Promise<Entry['before']> {
    const keys = await fetched
    const found = keys === undefined ? before : { fetchedAt: triedAt, keys }
    const age = found === undefined ? undefined : now().getTime() - found.fetchedAt
    return age !== undefined && age >= 0 && age < KEYS_AGE_MS ? found : undefined
  }

  return {
    async at(url, kid) {
      const known = entries.get(url)
      const held = known && (await current(known))
      if (held?.keys.some((key) => key.kid === kid) === true) return held.keys
      // While this waited, another request may have begun the fetch: it is shared, and its outcome is the answer.
      const latest = entries.get(url)
      const at = now().getTime()
      const since = latest === undefined ? Number.POSITIVE_INFINITY : at - latest.triedAt
      const fresh = since >= 0 && since < REFETCH_AFTER_MS ? latest : start(url, at, held)
      return fresh && (await current(fresh))?.keys
    },
  }
}

/** A document that is no key set, or too many keys, is a failed fetch. What is wrong with one key, its reader finds. */
function readKeySet(document: unknown): readonly JWK[] | undefined {
  const keys: unknown = isRecord(document) ? document['keys'] : undefined
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined
  return keys.filter(isRecord)
}

/**
 * Where a client's keys are: in its registration, or at its URL. Of those at a URL the ones count that a registration by
 * value would accept; a set may also hold keys for encryption, or of a kind that only others read.
 */
export function createClientKeySource(published: PublishedKeys): ClientKeySource {
  return async (client, kid) => {
    if (client.jwksUrl === undefined) return client.jwks
    const keys = await published.at(client.jwksUrl, kid)
    return keys && usableKeys(keys, algorithmsOf(client))
  }
}

export function usableKeys(keys: readonly JWK[], algorithms: readonly AssertionAlgorithm[]): JSONWebKeySet {
  return {
    keys: keys.flatMap((key) => {
      const read = readPublicKey(key, '', algorithms)
      return 'key' in read ? [read.key] : []
    }),
  }
}
