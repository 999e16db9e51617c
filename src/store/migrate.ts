/** Numbered plain SQL, forward only, never edited. One starter migrates, the others wait: docs/operations. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import type { DatabaseOptions } from './database.ts'

const FOLDER = new URL('./migrations/', import.meta.url)

/** Any number, as long as every starter takes the same one. */
const ADVISORY_LOCK = 5_105_101

/**
 * Brings the schema up to date. `alsoMigrate` runs under the same lock: the queue's own schema.
 * @throws when a migration that was applied has since been edited, or the database is older than PostgreSQL 15.
 */
export async function migrate(
  connection: DatabaseOptions['connection'],
  alsoMigrate: (client: pg.Client) => Promise<void>,
): Promise<readonly string[]> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
    await refuseUnsafeServer(client)
    const applied = await applyAll(client)
    await alsoMigrate(client)
    return applied
  } finally {
    await client.end()
  }
}

async function applyAll(client: pg.Client): Promise<string[]> {
  await client.query(
    'create table if not exists migration (name text primary key, sha256 bytea not null, applied_at timestamptz not null default now())',
  )
  const { rows } = await client.query<{ name: string; sha256: Buffer }>('select name, sha256 from migration')
  const known = new Map(rows.map((row) => [row.name, row.sha256]))
  const applied: string[] = []
  for (const name of readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()) {
    const sql = readFileSync(new URL(name, FOLDER), 'utf8')
    const sha256 = createHash('sha256').update(sql).digest()
    const before = known.get(name)
    if (before) {
      if (!before.equals(sha256))
        throw new Error(`migration ${name} was edited after it was applied; restore it and add a new one`)
      continue
    }
    await client.query('begin')
    try {
      await client.query(sql)
      await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256])
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    }
    applied.push(name)
  }
  return applied
}

/** F21 of the threat list: a server that may lose what it acknowledged makes promise 2 a lie. */
async function refuseUnsafeServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name in ('server_version_num', 'fsync', 'synchronous_commit', 'full_page_writes')",
  )
  const settings = new Map(rows.map((row) => [row.name, row.setting]))
  if (Number(settings.get('server_version_num')) < 150_000)
    throw new Error('PostgreSQL 15 or newer is needed')
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const setting = settings.get(name)
    if (
      setting === 'off' ||
      setting === undefined ||
      (name === 'synchronous_commit' && setting === 'local')
    ) {
      throw new Error(
        `PostgreSQL has ${name} = ${setting ?? 'unknown'}; Sluse promises that nothing accepted is lost and will not start: set it to on`,
      )
    }
  }
}
