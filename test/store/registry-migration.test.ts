/** Migration 0007 over a registry that SQL filled before: its numbers are kept, and two owners of one number stop it. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { migrate } from '#store/migrate.ts'
import { cloneDatabase, type TestDatabase } from '#test/database.ts'

const FOLDER = fileURLToPath(new URL('../../src/store/migrations/', import.meta.url))

let cloned: TestDatabase | undefined
afterEach(() => cloned?.drop())

/** As the schema was before, with these organisations: name and identifiers. */
async function before(organizations: readonly (readonly [string, readonly object[]])[]): Promise<pg.Client> {
  cloned = await cloneDatabase({ empty: true })
  const client = new pg.Client(cloned.connection)
  await client.connect()
  const earlier = readdirSync(FOLDER)
    .filter((name) => name < '0007')
    .toSorted()
  await client.query(
    'create table migration (name text primary key, sha256 bytea not null, applied_at timestamptz not null default now())',
  )
  for (const name of earlier) {
    const sql = readFileSync(`${FOLDER}${name}`, 'utf8')
    await client.query(sql)
    await client.query('insert into migration (name, sha256) values ($1, sha256($2))', [
      name,
      Buffer.from(sql),
    ])
  }
  for (const [name, identifiers] of organizations)
    await client.query(
      `insert into organization (organization_id, name, sector, jurisdiction, time_zone, identifiers)
       values (gen_random_uuid(), $1, 'gp', 'DK', 'Europe/Copenhagen', $2)`,
      [name, JSON.stringify(identifiers)],
    )
  await client.query(
    `insert into client (client_id, organization_id, profile, jwks, scopes, purpose_of_use)
     select 'old-client', organization_id, 'smart', '{"keys": []}', '{}', '{TREAT}' from organization limit 1`,
  )
  return client
}

const gln = (system: string, value: string): object => ({ system, value })

test('the numbers of before name their organisations, under one name of their system, and clients have a first version', async () => {
  const client = await before([
    ['A', [gln('http://www.gs1.org/gln', '9520000000011'), gln('urn:oid:1.3.88', '9520000000011')]],
    ['B', [gln('urn:oid.1.2.208.176.1.4', '012345')]],
  ])
  await migrate(cloned?.connection ?? { connectionString: '' }, () => Promise.resolve())
  const { rows } = await client.query(
    'select system, value, name from organization_identifier join organization using (organization_id) order by name',
  )
  expect(rows).toEqual([
    { system: 'https://www.gs1.org/gln', value: '9520000000011', name: 'A' },
    { system: 'urn:oid:1.2.208.176.1.4', value: '012345', name: 'B' },
  ])
  const versions = await client.query('select client_id from client_version')
  expect(versions.rows).toEqual([{ client_id: 'old-client' }])
  await client.end()
})

test('two organisations with one number stop the upgrade, and nothing of it stays', async () => {
  const client = await before([
    ['A', [gln('https://www.gs1.org/gln', '9520000000011')]],
    ['B', [gln('urn:oid:1.3.88', '9520000000011')]],
  ])
  await expect(
    migrate(cloned?.connection ?? { connectionString: '' }, () => Promise.resolve()),
  ).rejects.toMatchObject({
    constraint: 'organization_identifier_pkey',
    detail: expect.stringContaining('9520000000011'),
  })
  const { rows } = await client.query(`select to_regclass('organization_identifier') as left_over`)
  expect(rows).toEqual([{ left_over: null }])
  await client.end()
})
