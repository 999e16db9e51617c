/**
 * The gateway's own keys: one file, mode 0600. Losing it means losing the way from citizens to their ids. Keys that seal
 * and that find have versions: a new one is added, and the old one stays until nothing needs it.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from './config.ts'

export interface VersionedKey {
  readonly id: number
  readonly key: Buffer
  readonly createdAt: Date
  /** From when on new values are made with it: by then every process must have the file that holds it. */
  readonly useFrom: Date
}

export interface GatewayKeys {
  /** Find a national id (HMAC-SHA-256). In the order of their ids. */
  readonly lookup: readonly VersionedKey[]
  /** Seal national ids, subscribers' headers and quarantined originals (AES-256-GCM). */
  readonly seal: readonly VersionedKey[]
  /** Derives the ids of what a sector sends. Never rotated. */
  readonly derive: Buffer
  /** Signs access tokens: an ES256 private JWK. */
  readonly signing: Readonly<Record<string, unknown>>
}

export type KeyKind = 'lookup' | 'seal'

const LONG_AGO = new Date(0)

export function makeKeys(file: string, now: Date = new Date()): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const first = (): VersionedKey => ({ id: 1, key: randomBytes(32), createdAt: now, useFrom: now })
  const keys: GatewayKeys = {
    lookup: [first()],
    seal: [first()],
    derive: randomBytes(32),
    signing: privateKey.export({ format: 'jwk' }),
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // wx: two starters must not end up with two sets.
  writeFileSync(file, asText(keys), { mode: 0o600, flag: 'wx' })
}

/** Adds a key to seal with and one to find with, and replaces the file in one step. Returns their ids. */
export function rotateKeys(file: string, useFrom: Date, now: Date): Readonly<Record<KeyKind, number>> {
  const keys = readKeys(file, { makeIfMissing: false })
  const added = (ring: readonly VersionedKey[]): VersionedKey => ({
    id: (ring.at(-1)?.id ?? 0) + 1,
    key: randomBytes(32),
    createdAt: now,
    useFrom,
  })
  const [lookup, seal] = [added(keys.lookup), added(keys.seal)]
  replaceFile(file, { ...keys, lookup: [...keys.lookup, lookup], seal: [...keys.seal, seal] })
  return { lookup: lookup.id, seal: seal.id }
}

/** Takes a key out of the file. That nothing needs it is for the caller to know. */
export function removeKey(file: string, kind: KeyKind, id: number): void {
  const keys = readKeys(file, { makeIfMissing: false })
  replaceFile(file, { ...keys, [kind]: keys[kind].filter((each) => each.id !== id) })
}

/** The newest whose time has come. Of keys that are all to come, the oldest: something must be written with. */
export function writingKey(ring: readonly VersionedKey[], now: Date): VersionedKey {
  const found = ring.findLast(({ useFrom }) => useFrom <= now) ?? ring[0]
  if (!found) throw new Error('a ring has no key')
  return found
}

/** Every key that there is, and which of them new values are made with at this instant. */
export function ringsAt({ lookup, seal, derive }: GatewayKeys, now: Date) {
  const ring = (keys: readonly VersionedKey[]) => ({ keys, writing: writingKey(keys, now).id })
  return { lookup: ring(lookup), seal: ring(seal), derive }
}

/** @throws ConfigError: one line that says what to do, and nothing of what the file holds. */
export function readKeys(file: string, { makeIfMissing }: { readonly makeIfMissing: boolean }): GatewayKeys {
  if (!existsSync(file)) {
    if (!makeIfMissing)
      throw fault(
        `there is no file at SLUSE_KEYS_FILE; make one with \`npm run -s sluse -- keys <file>\`, or give the path of the one there is`,
      )
    makeKeys(file)
  }
  const parsed = parse(readFileSync(file, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null)
    throw fault('the file at SLUSE_KEYS_FILE holds no keys; restore it from its backup')
  const { lookup, seal, derive, signing } = parsed as Record<string, unknown>
  const rings = { lookup: readRing(lookup), seal: readRing(seal) }
  // Before there were versions, the one lookup key derived ids as well.
  const deriving = derive === undefined ? rings.lookup?.[0]?.key : readKey(derive)
  if (!rings.lookup || !rings.seal || !deriving || typeof signing !== 'object' || signing === null) {
    throw fault(
      'the file at SLUSE_KEYS_FILE needs `lookup`, `seal` and `signing`; restore it from its backup',
    )
  }
  return {
    lookup: rings.lookup,
    seal: rings.seal,
    derive: deriving,
    signing: signing as Record<string, unknown>,
  }
}

/** The form of before, one key in base64, is its first version. */
function readRing(value: unknown): readonly VersionedKey[] | undefined {
  const alone = readKey(value)
  if (alone) return [{ id: 1, key: alone, createdAt: LONG_AGO, useFrom: LONG_AGO }]
  if (!Array.isArray(value) || value.length === 0) return undefined
  const keys = value.map(readVersion)
  if (!keys.every((each) => each !== undefined)) return undefined
  const ids = new Set(keys.map(({ id }) => id))
  return ids.size === keys.length ? keys.sort((one, other) => one.id - other.id) : undefined
}

function readVersion(value: unknown): VersionedKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, key: text, createdAt, useFrom = createdAt } = value as Record<string, unknown>
  const key = readKey(text)
  const [created, from] = [readInstant(createdAt), readInstant(useFrom)]
  return typeof id === 'number' && key && created && from
    ? { id, key, createdAt: created, useFrom: from }
    : undefined
}

function readKey(value: unknown): Buffer | undefined {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : undefined
}

function readInstant(value: unknown): Date | undefined {
  const read = typeof value === 'string' ? new Date(value) : undefined
  return read && !Number.isNaN(read.getTime()) ? read : undefined
}

function asText({ lookup, seal, derive, signing }: GatewayKeys): string {
  const ring = (keys: readonly VersionedKey[]) =>
    keys.map(({ id, key, createdAt, useFrom }) => ({
      id,
      key: key.toString('base64'),
      createdAt: createdAt.toISOString(),
      useFrom: useFrom.toISOString(),
    }))
  const file = { lookup: ring(lookup), seal: ring(seal), derive: derive.toString('base64'), signing }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** A process that reads it meanwhile gets the file of before or of after, whole. */
function replaceFile(file: string, keys: GatewayKeys): void {
  const beside = `${file}.${process.pid}.new`
  try {
    writeFileSync(beside, asText(keys), { mode: 0o600, flag: 'wx', flush: true })
    renameSync(beside, file)
  } finally {
    rmSync(beside, { force: true })
  }
}

/** The parser's own message would repeat a part of a key. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fault(line: string): ConfigError {
  return new ConfigError([line])
}
