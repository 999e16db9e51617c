/** Practitioners and their roles, as their employer entered them. About staff: no citizen is in here, so no subject is. */
import type { Practitioner, PractitionerRole } from '@medplum/fhirtypes'
import type { Queryable, Transaction } from './database.ts'

export type DirectoryType = 'Practitioner' | 'PractitionerRole'
export type DirectoryContent = Practitioner | PractitionerRole

export interface DirectoryEntry {
  readonly resourceType: DirectoryType
  readonly id: string
  readonly versionId: string
  readonly lastUpdated: Date
  readonly content: DirectoryContent
}

/** What can be found of it: codes and references as they stand, names in small letters without accents. */
export interface DirectoryTerms {
  readonly tokens: readonly string[]
  readonly names: readonly string[]
}

interface Row {
  readonly resource_type: DirectoryType
  readonly id: string
  readonly version_id: string
  readonly last_updated: Date
  readonly content: DirectoryContent
}

const COLUMNS = 'd.resource_type, d.id, d.version_id, d.last_updated, d.content'

export async function findDirectoryEntry(
  db: Queryable,
  resourceType: DirectoryType,
  id: string,
): Promise<DirectoryEntry | undefined> {
  const [row] = await db.query<Row>({
    name: 'find-directory-entry',
    text: `select ${COLUMNS} from directory_entry d where d.id = $1 and d.resource_type = $2 and d.content is not null`,
    values: [id, resourceType],
  })
  return row && asEntry(row)
}

export interface DirectoryHolder {
  readonly resourceType: DirectoryType
  readonly organizationId: string
  readonly versionId: string
  readonly deleted: boolean
}

/** Who holds the id, of either type, also of an entry that was deleted; locked until the transaction ends. */
export async function lockDirectoryEntry(tx: Transaction, id: string): Promise<DirectoryHolder | undefined> {
  const [row] = await tx.query<{
    resource_type: DirectoryType
    organization_id: string
    version_id: string
    deleted: boolean
  }>({
    name: 'lock-directory-entry',
    text: `
select resource_type, organization_id, version_id, content is null as deleted from directory_entry where id = $1 for update`,
    values: [id],
  })
  return (
    row && {
      resourceType: row.resource_type,
      organizationId: row.organization_id,
      versionId: row.version_id,
      deleted: row.deleted,
    }
  )
}

/** Stores an entry, new or in the place of its holder's. @returns when, or nothing where another one holds the id. */
export async function putDirectoryEntry(
  tx: Transaction,
  { resourceType, id, versionId, content }: Omit<DirectoryEntry, 'lastUpdated'>,
  organizationId: string,
  { tokens, names }: DirectoryTerms,
): Promise<Date | undefined> {
  const [row] = await tx.query<{ last_updated: Date }>({
    name: 'put-directory-entry',
    text: `
with current as (
  insert into directory_entry as d (id, resource_type, organization_id, version_id, last_updated, content, names, tokens)
  values ($1, $2, $3, $4, now(), $5::json, $6, $7)
  on conflict (id) do update set version_id = excluded.version_id, last_updated = excluded.last_updated,
    content = excluded.content, names = excluded.names, tokens = excluded.tokens
  where d.organization_id = excluded.organization_id and d.resource_type = excluded.resource_type
  returning last_updated
), version as (
  insert into directory_version (id, version_id, recorded, content)
  select $1, $4, last_updated, $5::json from current
)
select last_updated from current`,
    values: [id, resourceType, organizationId, versionId, JSON.stringify(content), names, tokens],
  })
  return row?.last_updated
}

/** With its earlier versions; the id stays its holder's. */
export async function emptyDirectoryEntry(tx: Transaction, id: string, versionId: string): Promise<void> {
  await tx.query({
    name: 'empty-directory-entry',
    text: `
with versions as (delete from directory_version where id = $1)
update directory_entry set content = null, names = '{}', tokens = '{}', version_id = $2, last_updated = now() where id = $1`,
    values: [id, versionId],
  })
}

export interface DirectoryQuery {
  readonly ids?: readonly string[]
  /** Clauses joined by AND, each a list of tokens joined by OR. */
  readonly clauses: readonly (readonly string[])[]
  /** The same, of beginnings of names. */
  readonly names: readonly (readonly string[])[]
  /** The last id of the page before. */
  readonly after?: string
  readonly limit: number
}

/** By id, which tells nothing: a page goes on where the one before ended, whatever was added meanwhile. */
export async function searchDirectory(
  db: Queryable,
  resourceType: DirectoryType,
  { ids, clauses, names, after, limit }: DirectoryQuery,
): Promise<DirectoryEntry[]> {
  const [first] = clauses
  const rows = await db.query<Row>({
    text: `
select ${COLUMNS} from directory_entry d
where d.resource_type = $1 and d.content is not null
  and ($2::uuid[] is null or d.id = any ($2))
  ${first ? 'and d.tokens && $7::text[]' : 'and $7::text[] is null'}
  and not exists (
    select 1 from jsonb_array_elements($3::jsonb) as clause
    where not exists (select 1 from jsonb_array_elements_text(clause) as token where token = any (d.tokens)))
  and not exists (
    select 1 from jsonb_array_elements($4::jsonb) as clause
    where not exists (
      select 1 from jsonb_array_elements_text(clause) as beginning, unnest(d.names) as name
      where starts_with(name, beginning)))
  and ($5::uuid is null or d.id > $5)
order by d.id limit $6`,
    values: [
      resourceType,
      ids ?? null,
      JSON.stringify(clauses),
      JSON.stringify(names),
      after ?? null,
      limit,
      first ?? null,
    ],
  })
  return rows.map(asEntry)
}

function asEntry(row: Row): DirectoryEntry {
  return {
    resourceType: row.resource_type,
    id: row.id,
    versionId: row.version_id,
    lastUpdated: row.last_updated,
    content: row.content,
  }
}
