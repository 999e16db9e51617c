/**
 * National ids and other secrets at rest: AES-256-GCM with the place they belong to as additional data, and an HMAC to
 * find them by. Two keys, so that the one that finds cannot read. Each has versions: all of them read, one writes
 * (docs/operations/keys.md).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

/** 32 bytes, by the number that the values made with it carry. */
export interface SealKey {
  readonly id: number
  readonly key: Buffer
}

export interface KeyRing {
  readonly keys: readonly SealKey[]
  /** The id of the one that new values are made with. */
  readonly writing: number
}

export interface SealKeys {
  /** HMAC-SHA-256 over system and value. */
  readonly lookup: KeyRing
  /** AES-256-GCM. */
  readonly seal: KeyRing
  /** Derives ids. Never rotated: the same source key gives the same id for ever. */
  readonly derive: Buffer
}

export interface Lookup {
  readonly keyId: number
  readonly hash: Buffer
}

export interface Seal {
  /** What a number may be stored under: the one to write first, then those of the other keys. */
  lookups(system: string, value: string): readonly [Lookup, ...Lookup[]]
  /** For `pg_advisory_xact_lock`: the same number is added by one at a time, whatever key each of them writes with. */
  turn(system: string, value: string): string
  /**
   * Layout: 1 byte version (2), 2 bytes key id, 12 bytes nonce, 16 bytes tag, ciphertext. Version 1, which is still read,
   * has no key id: it was made with key 1. `place` is `table|row|column`.
   */
  seal(place: string, clear: Uint8Array): Buffer
  open(place: string, sealed: Buffer): Buffer
  /** A resource id that only this gateway can derive: the same source key gives the same id, a stranger cannot guess it. */
  deriveId(...parts: readonly string[]): string
  /** Ids of the keys that new values are no longer made with. */
  superseded(): { readonly lookup: readonly number[]; readonly seal: readonly number[] }
}

export interface ReplaceableSeal extends Seal {
  /** From the next call on. What was made with a key that is no longer there is neither found nor opened. */
  replace(keys: SealKeys): void
}

const FIRST_KEY = 1
const WITHOUT_KEY_ID = 1
const WITH_KEY_ID = 2
/** What two bytes hold. */
const LAST_KEY = 0xffff

/** One key, which writes: where there is no rotation. */
export function ringOf(key: Buffer): KeyRing {
  return { keys: [{ id: FIRST_KEY, key }], writing: FIRST_KEY }
}

export function createSeal(keys: SealKeys): ReplaceableSeal {
  let held = hold(keys)
  const hmac = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  return {
    replace: (next) => {
      held = hold(next)
    },
    superseded: () => ({ lookup: held.lookup.superseded, seal: held.seal.superseded }),
    lookups: (system, value) => {
      const { writing, others } = held.lookup
      const lookup = ({ id, key }: Held): Lookup => ({ keyId: id, hash: hmac(key, `${system}\0${value}`) })
      return [lookup(writing), ...others.map(lookup)]
    },
    turn: (system, value) => hmac(held.derive, `turn\0${system}\0${value}`).readBigInt64BE().toString(),
    seal: (place, clear) => {
      const { id, key } = held.seal.writing
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      const text = Buffer.concat([cipher.update(clear), cipher.final()])
      return Buffer.concat([Buffer.of(WITH_KEY_ID, id >> 8, id & 0xff), nonce, cipher.getAuthTag(), text])
    },
    open: (place, sealed) => {
      const { keyId, body } = taken(sealed)
      const { writing, others } = held.seal
      const found = writing.id === keyId ? writing : others.find(({ id }) => id === keyId)
      if (!found) throw new Error(`a value is sealed with key ${keyId}, which the keys file does not have`)
      // A tag that was cut short would be accepted, and could be guessed.
      const decipher = createDecipheriv('aes-256-gcm', found.key, body.subarray(0, 12), {
        authTagLength: 16,
      }).setAAD(Buffer.from(place))
      decipher.setAuthTag(body.subarray(12, 28))
      return Buffer.concat([decipher.update(body.subarray(28)), decipher.final()])
    },
    deriveId: (...parts) => asUuid(hmac(held.derive, `id\0${parts.join('\0')}`)),
  }
}

interface Held {
  readonly id: number
  readonly key: KeyObject
}

interface HeldRing {
  readonly writing: Held
  readonly others: readonly Held[]
  readonly superseded: readonly number[]
}

interface HeldKeys {
  readonly lookup: HeldRing
  readonly seal: HeldRing
  readonly derive: KeyObject
}

function hold({ lookup, seal, derive }: SealKeys): HeldKeys {
  return {
    lookup: holdRing('lookup', lookup),
    seal: holdRing('seal', seal),
    derive: secret('derive', derive),
  }
}

function holdRing(name: string, { keys, writing }: KeyRing): HeldRing {
  const held = keys.map(({ id, key }): Held => ({ id: checkedId(name, id), key: secret(name, key) }))
  const first = held.find(({ id }) => id === writing)
  if (!first || new Set(held.map(({ id }) => id)).size < held.length)
    throw new Error(`the ${name} keys must have ids of their own, and ${writing} among them`)
  return {
    writing: first,
    others: held.filter((each) => each !== first),
    // A key that is newer than ours is another process's, which is ahead of us.
    superseded: held.filter(({ id }) => id < writing).map(({ id }) => id),
  }
}

function checkedId(name: string, id: number): number {
  if (!Number.isInteger(id) || id < FIRST_KEY || id > LAST_KEY)
    throw new Error(`a ${name} key has ${id} as its id; it must be a whole number up to ${LAST_KEY}`)
  return id
}

/** Made once: with a Buffer, Node makes a key object for every call, at four times the cost of the call itself. */
function secret(name: string, key: Buffer): KeyObject {
  if (key.length !== 32) throw new Error(`the ${name} key has ${key.length} bytes; it must have 32`)
  return createSecretKey(key)
}

/** The key id, and what follows it: nonce, tag, ciphertext. */
function taken(sealed: Buffer): { readonly keyId: number; readonly body: Buffer } {
  const version = sealed[0]
  if (version === WITHOUT_KEY_ID) return { keyId: FIRST_KEY, body: sealed.subarray(1) }
  if (version === WITH_KEY_ID) return { keyId: sealed.readUInt16BE(1), body: sealed.subarray(3) }
  throw new Error(`sealed value of unknown version ${version}`)
}

/** RFC 9562, version 8: 122 bits of our own making. */
function asUuid(bytes: Buffer): string {
  const b = Buffer.from(bytes.subarray(0, 16))
  b.writeUInt8((b.readUInt8(6) & 0x0f) | 0x80, 6)
  b.writeUInt8((b.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = b.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
