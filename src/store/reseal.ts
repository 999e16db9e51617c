/**
 * Makes anew what was made with a key of before: opened with the old one, sealed with the new one, under the same place.
 * A batch a transaction. The rows themselves tell what is left, so whoever stops is followed by whoever comes.
 */
import type { Queryable, Transaction } from './database.ts'
import type { KeyKind } from './keys-in-use.ts'
import type { Seal } from './seal.ts'

interface SealedColumn {
  readonly table: string
  readonly column: string
  /** SQL for the row that the value is sealed for: the middle of its place. */
  readonly row: string
}

/** Every column that holds a sealed value. test/store/reseal.test.ts holds the list to the schema. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'person_identifier', column: 'sealed', row: 'subject_id' },
  { table: 'subscription', column: 'sealed_headers', row: 'subscription_id' },
  { table: 'override_grant', column: 'sealed_reason', row: 'override_id' },
  { table: 'quarantine', column: 'sealed', row: 'quarantine_id' },
  { table: 'idempotency_key', column: 'sealed_answer', row: "encode(key_sha256, 'hex')" },
]

/** How many values were made anew; 0 when no free row is left. Rows that another worker has are passed over. */
export async function resealBatch(tx: Transaction, seal: Seal, limit: number): Promise<number> {
  const superseded = seal.superseded()
  let left = limit
  if (superseded.lookup.length > 0) left -= await rehash(tx, seal, superseded.lookup, left)
  if (superseded.seal.length === 0) return limit - left
  for (const each of sealedColumns)
    if (left > 0) left -= await resealColumn(tx, seal, each, superseded.seal, left)
  return limit - left
}

async function resealColumn(
  tx: Transaction,
  seal: Seal,
  { table, column, row }: SealedColumn,
  keyIds: readonly number[],
  limit: number,
): Promise<number> {
  const rows = await tx.query<{ at: string; row: string; sealed: Buffer }>({
    text: `
select ctid::text as at, (${row})::text as row, ${column} as sealed from ${table}
where sealed_key(${column}) = any ($1::integer[]) limit $2 for update skip locked`,
    values: [keyIds, limit],
  })
  if (rows.length === 0) return 0
  const next = rows.map((each) => {
    const place = `${table}|${each.row}|${column}`
    return seal.seal(place, seal.open(place, each.sealed))
  })
  // The rows are locked, so each is still where it was.
  await tx.query({
    text: `
update ${table} t set ${column} = n.sealed from unnest($1::tid[], $2::bytea[]) as n (at, sealed) where t.ctid = n.at`,
    values: [rows.map(({ at }) => at), next],
  })
  return rows.length
}

/** A number is found under its old hash or its new one: a statement sees the row as it was, or as it is. */
async function rehash(
  tx: Transaction,
  seal: Seal,
  keyIds: readonly number[],
  limit: number,
): Promise<number> {
  const rows = await tx.query<{ lookup: Buffer; subject_id: string; system: string; sealed: Buffer }>({
    text: `
select lookup, subject_id, system, sealed from person_identifier
where lookup_key = any ($1::integer[]) limit $2 for update skip locked`,
    values: [keyIds, limit],
  })
  if (rows.length === 0) return 0
  const next = rows.map(({ subject_id: subjectId, system, sealed }) => {
    const value = seal.open(`person_identifier|${subjectId}|sealed`, sealed).toString()
    return seal.lookups(system, value)[0]
  })
  await tx.query({
    text: `
update person_identifier t set lookup = n.next, lookup_key = n.key_id
from unnest($1::bytea[], $2::bytea[], $3::integer[]) as n (lookup, next, key_id) where t.lookup = n.lookup`,
    values: [rows.map(({ lookup }) => lookup), next.map(({ hash }) => hash), next.map(({ keyId }) => keyId)],
  })
  return rows.length
}

/** How many values need a key. */
export async function valuesUnder(db: Queryable, kind: KeyKind, id: number): Promise<number> {
  const counts =
    kind === 'lookup'
      ? ['select count(*) as n from person_identifier where lookup_key = $1']
      : sealedColumns.map(
          ({ table, column }) => `select count(*) as n from ${table} where sealed_key(${column}) = $1`,
        )
  const [row] = await db.query<{ n: number }>({
    text: `select coalesce(sum(n), 0)::bigint as n from (${counts.join(' union all ')}) as c`,
    values: [id],
  })
  return row?.n ?? 0
}
