/** A database of its own for a test file, cloned from the migrated template. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

export interface TestDatabase {
  readonly name: string
  readonly url: string
  readonly connection: { readonly connectionString: string }
  drop(): Promise<void>
}

export async function cloneDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const { host, user, template } = inject('postgres')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await asAdmin((admin) =>
    admin.query(`create database ${name} ${options.empty ? '' : `template ${template}`}`),
  )
  const url = `postgresql://${user}@/${name}?host=${encodeURIComponent(host)}`
  return {
    name,
    url,
    connection: { connectionString: url },
    drop: () => asAdmin((admin) => admin.query(`drop database if exists ${name} with (force)`)),
  }
}

async function asAdmin(work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const { host, user } = inject('postgres')
  const admin = new pg.Client({ host, user, database: 'postgres' })
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}
