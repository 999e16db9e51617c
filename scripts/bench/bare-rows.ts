/** The rows of one create, inserted again and again by one bare statement and commit each: what PostgreSQL alone would do. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { percentile } from './figure.ts'

/** Tables that a create of a known citizen writes to, with what the rows of one resource have in common. */
const TABLES = [
  { table: 'resource', where: 'id = $1' },
  { table: 'resource_version', where: 'id = $1' },
  { table: 'audit_event', where: "entry like '%' || $1::text || '%'" },
] as const

export interface BareRows {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
}

/** Copies of the tables, with their indexes, take the rows of the resource with this id under new ids. */
export async function bareInserts(
  connectionString: string,
  id: string,
  options: { readonly connections: number; readonly seconds: number },
): Promise<BareRows> {
  const pool = new pg.Pool({ connectionString, max: Math.min(options.connections, 12) })
  try {
    const rows = await rowsOf(pool, id)
    const old = uuidsThatName(rows)
    const statement = `with ${rows.map(({ table }, i) => `w${i} as (insert into bench_${table} select * from json_populate_record(null::bench_${table}, $${i + 1}))`).join(', ')} select 1`
    const latenciesMs: number[] = []
    const begun = performance.now()
    const until = begun + options.seconds * 1_000
    await Promise.all(
      Array.from({ length: options.connections }, async () => {
        while (performance.now() < until) {
          const fresh = old.map((uuid) => [uuid, randomUUID()] as const)
          const values = rows.map(({ row }) =>
            fresh.reduce((text, [from, to]) => text.replaceAll(from, to), row),
          )
          const sent = performance.now()
          await pool.query({ name: 'bare-rows', text: statement, values })
          latenciesMs.push(performance.now() - sent)
        }
      }),
    )
    return {
      perSecond: latenciesMs.length / ((performance.now() - begun) / 1_000),
      p50Ms: percentile(latenciesMs, 0.5),
      p95Ms: percentile(latenciesMs, 0.95),
    }
  } finally {
    for (const { table } of TABLES) await pool.query(`drop table if exists bench_${table}`)
    await pool.end()
  }
}

interface Row {
  readonly table: string
  /** As JSON text. */
  readonly row: string
}

async function rowsOf(pool: pg.Pool, id: string): Promise<Row[]> {
  const found: Row[] = []
  for (const { table, where } of TABLES) {
    await pool.query(
      `create table if not exists bench_${table} (like ${table} including defaults including indexes)`,
    )
    const { rows } = await pool.query<{ row: string }>({
      text: `select row_to_json(t)::text as row from ${table} t where ${where} limit 1`,
      values: [id],
    })
    const row = rows[0]?.row
    if (row === undefined) throw new Error(`a create writes no row to ${table}`)
    found.push({ table, row })
  }
  return found
}

/** Of the resource, its version and its audit row: all but the citizen and the organisations. */
function uuidsThatName(rows: readonly Row[]): string[] {
  const names = ['id', 'version_id', 'audit_id']
  return [
    ...new Set(
      rows.flatMap(({ row }) =>
        Object.entries(JSON.parse(row) as Record<string, unknown>).flatMap(([name, value]) =>
          names.includes(name) && typeof value === 'string' ? [value] : [],
        ),
      ),
    ),
  ]
}
