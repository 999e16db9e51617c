/**
 * Which keys something is made with, over all processes: a key is announced before the first value is made with it, and
 * retired when no value needs it.
 */
import { createHmac } from 'node:crypto'
import type { Database, Queryable, Transaction } from './database.ts'
import type { KeyRing, SealKey, SealKeys } from './seal.ts'

export type KeyKind = 'lookup' | 'seal'

export interface KeyInUse {
  readonly kind: KeyKind
  readonly id: number
  readonly since: Date
  readonly checkValue: Buffer
}

/** Those that are not retired, oldest first. */
export async function keysInUse(db: Queryable): Promise<KeyInUse[]> {
  const rows = await db.query<{ kind: KeyKind; key_id: number; since: Date; check_value: Buffer }>({
    text: 'select kind, key_id, since, check_value from key_in_use where retired_at is null order by kind, key_id',
  })
  return rows.map((row) => ({
    kind: row.kind,
    id: row.key_id,
    since: row.since,
    checkValue: row.check_value,
  }))
}

/** What is wrong with a set of keys, as lines for an operator; none when it has all that is in use. */
export function faultsOf(keys: SealKeys, inUse: readonly KeyInUse[]): readonly string[] {
  return inUse.flatMap(({ kind, id, checkValue }) => {
    const own = keys[kind].keys.find((each) => each.id === id)
    if (!own)
      return [
        `the keys file lacks ${kind} key ${id}, which is in use; copy the file from where keys were rotated`,
      ]
    return checkOf(kind, own).equals(checkValue)
      ? []
      : [
          `${kind} key ${id} of the keys file is not the one in use; restore the file that belongs to this database`,
        ]
  })
}

/** @throws when the key of this id that others use is another one. */
export async function announceKeys(database: Database, keys: SealKeys): Promise<void> {
  const known = new Set((await keysInUse(database)).map(({ kind, id }) => `${kind} ${id}`))
  for (const kind of ['lookup', 'seal'] as const) {
    if (known.has(`${kind} ${keys[kind].writing}`)) continue
    await database.transaction((tx) => announce(tx, kind, writing(keys[kind])))
  }
  const [fault] = faultsOf(keys, await keysInUse(database))
  if (fault !== undefined) throw new Error(fault)
}

function writing({ keys, writing: id }: KeyRing): SealKey {
  const found = keys.find((each) => each.id === id)
  if (!found) throw new Error(`there is no key ${id}`)
  return found
}

async function announce(tx: Transaction, kind: KeyKind, key: SealKey): Promise<void> {
  // INVARIANT: whoever adds a citizen after this sees the row, and has the key or is refused; whoever was at it has ended.
  if (kind === 'lookup') await tx.query({ text: 'lock table person_identifier in share row exclusive mode' })
  await tx.query({
    text: 'insert into key_in_use (kind, key_id, check_value) values ($1, $2, $3) on conflict do nothing',
    values: [kind, key.id, checkOf(kind, key)],
  })
}

function checkOf(kind: KeyKind, { id, key }: SealKey): Buffer {
  return createHmac('sha256', key).update(`check\0${kind}\0${id}`).digest()
}

export async function retireKeyInUse(tx: Transaction, kind: KeyKind, id: number): Promise<void> {
  await tx.query({
    text: 'update key_in_use set retired_at = clock_timestamp() where kind = $1 and key_id = $2',
    values: [kind, id],
  })
}
