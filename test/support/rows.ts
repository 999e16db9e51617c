/** What a request left in the database: counts before and after, and the audit rows in between. */
import type { AuditEntry } from '#audit/audit-row.ts'
import type { Database } from '#store/database.ts'

const TABLES = [
  'person',
  'person_identifier',
  'resource',
  'resource_version',
  'message',
  'delivery',
  'quarantine',
  'idempotency_key',
  'subscription',
  'work_item',
  'override_grant',
  'patient',
  'patient_version',
  'directory_entry',
  'directory_version',
] as const

export type Counts = Readonly<Record<(typeof TABLES)[number], number>>

export async function countRows(database: Database): Promise<Counts> {
  const columns = TABLES.map((table) => `(select count(*) from ${table}) as ${table}`)
  const [row] = await database.query<Record<(typeof TABLES)[number], number>>({
    text: `select ${columns.join(', ')}`,
  })
  if (!row) throw new Error('nothing was counted')
  return row
}

export interface Effects {
  /** Tables whose number of rows changed, and by how many. */
  readonly added: Partial<Record<keyof Counts, number>>
  readonly audit: readonly AuditEntry[]
}

/** Runs `work` and tells what it stored. Nothing else may write meanwhile. */
export async function effectsOf<T>(
  database: Database,
  work: () => Promise<T>,
): Promise<{ result: T; effects: Effects }> {
  const before = await countRows(database)
  const known = new Set((await auditRows(database)).map(({ id }) => id))
  const result = await work()
  const after = await countRows(database)
  const added: Partial<Record<keyof Counts, number>> = {}
  for (const table of TABLES) if (after[table] !== before[table]) added[table] = after[table] - before[table]
  const audit = (await auditRows(database)).filter(({ id, kind }) => kind !== 'token' && !known.has(id))
  return { result, effects: { added, audit } }
}

export async function auditRows(database: Database): Promise<AuditEntry[]> {
  const rows = await database.query<{ entry: string }>({
    text: 'select entry from audit_event order by recorded, audit_id',
  })
  return rows.map(({ entry }) => JSON.parse(entry) as AuditEntry)
}
