/** An organisation's own current records of one citizen, by what they can be searched by. */
import type { Transaction } from './database.ts'

export interface OwnQuery {
  readonly subjectId: string
  readonly resourceType: string
  readonly custodian: string
  /** Clauses joined by AND, each a list of tokens joined by OR. */
  readonly clauses: readonly (readonly string[])[]
}

export interface OwnRecord {
  readonly id: string
  readonly versionId: string
  readonly lastUpdated: Date
}

/** One at a time of an organisation, a citizen and a type, until the transaction ends. */
export async function lockMatching(
  tx: Transaction,
  { subjectId, resourceType, custodian }: OwnQuery,
): Promise<void> {
  await tx.query({
    name: 'lock-matching',
    text: 'select pg_advisory_xact_lock(hashtextextended($1, 9))',
    values: [`${custodian} ${subjectId} ${resourceType}`],
  })
}

/** At most two: more do not matter. */
export async function matchingOwn(tx: Transaction, query: OwnQuery): Promise<OwnRecord[]> {
  const rows = await tx.query<{ id: string; version_id: string; last_updated: Date }>({
    name: 'matching-own',
    text: `
select id, version_id, last_updated from resource r
where subject_id = $1 and resource_type = $2 and custodian = $3 and version_id is not null
  and not exists (
    select 1 from jsonb_array_elements($4::jsonb) as clause
    where not exists (select 1 from jsonb_array_elements_text(clause) as token where token = any (r.tokens)))
order by id limit 2`,
    values: [query.subjectId, query.resourceType, query.custodian, JSON.stringify(query.clauses)],
  })
  return rows.map((row) => ({ id: row.id, versionId: row.version_id, lastUpdated: row.last_updated }))
}
