/** Current resources and their versions, as they were stored: what may be shown of them is decided in exchange/. */
import type { Resource } from '@medplum/fhirtypes'
import type { LabelRecord } from '#label/label-record.ts'
import type { Queryable, Transaction } from './database.ts'

export interface StoredResource {
  readonly subjectId: string
  readonly resourceType: string
  readonly id: string
  readonly versionId: string
  readonly custodian: string
  readonly lastUpdated: Date
  readonly content: Resource
  readonly labels: LabelRecord
}

export interface ResourceRow {
  readonly subject_id: string
  readonly resource_type: string
  readonly id: string
  readonly version_id: string
  readonly custodian: string
  readonly recorded: Date
  readonly content: Resource
  readonly labels: LabelRecord
}

/** Of a version `v`. */
export const COLUMNS =
  'v.subject_id, v.resource_type, v.id, v.version_id, v.custodian, v.recorded, v.content, v.labels'

/** The current version of one resource. */
export async function findResource(
  db: Queryable,
  resourceType: string,
  id: string,
): Promise<StoredResource | undefined> {
  const [row] = await db.query<ResourceRow>({
    name: 'find-resource',
    text: `
select ${COLUMNS} from resource r join resource_version v using (subject_id, id, version_id)
where r.id = $2 and r.resource_type = $1`,
    values: [resourceType, id],
  })
  return row && asStored(row)
}

export interface Holder {
  readonly resourceType: string
  readonly subjectId: string
  readonly custodian: string
  /** None of a deleted one: its id stays its custodian's. */
  readonly versionId: string | undefined
}

/** Who holds the resource with this id, of any type and any citizen; locked until the transaction ends. */
export async function lockResource(tx: Transaction, id: string): Promise<Holder | undefined> {
  const [row] = await tx.query<{
    resource_type: string
    subject_id: string
    custodian: string
    version_id: string | null
  }>({
    name: 'lock-resource',
    text: 'select resource_type, subject_id, custodian, version_id from resource where id = $1 for update',
    values: [id],
  })
  return (
    row && {
      resourceType: row.resource_type,
      subjectId: row.subject_id,
      custodian: row.custodian,
      versionId: row.version_id ?? undefined,
    }
  )
}

export interface VersionKey {
  readonly subjectId: string
  readonly id: string
  readonly versionId: string
}

/** None of before a deletion, also when the resource is there again. */
export async function findVersions(db: Queryable, keys: readonly VersionKey[]): Promise<StoredResource[]> {
  const rows = await db.query<ResourceRow>({
    name: 'find-versions',
    text: `
select ${COLUMNS} from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k (subject_id, id, version_id)
join resource_version v using (subject_id, id, version_id)
join resource r on r.subject_id = v.subject_id and r.resource_type = v.resource_type and r.id = v.id
where r.version_id is not null and v.content is not null and not exists (
  select 1 from resource_version gone
  where gone.subject_id = v.subject_id and gone.id = v.id and gone.interaction = 'delete' and gone.recorded > v.recorded)`,
    values: [keys.map((key) => key.subjectId), keys.map((key) => key.id), keys.map((key) => key.versionId)],
  })
  return rows.map(asStored)
}

/** The current versions of these. */
export async function currentOf(
  db: Queryable,
  keys: readonly Pick<VersionKey, 'subjectId' | 'id'>[],
): Promise<StoredResource[]> {
  const rows = await db.query<ResourceRow>({
    name: 'current-resources',
    text: `
select ${COLUMNS}
from (select distinct subject_id, id from unnest($1::uuid[], $2::uuid[]) as k (subject_id, id)) as k
join resource r using (subject_id, id) join resource_version v using (subject_id, id, version_id)`,
    values: [keys.map((key) => key.subjectId), keys.map((key) => key.id)],
  })
  return rows.map(asStored)
}

/** A record of a citizen by its id, or by a business identifier that it has. */
export type NamedBy =
  | { readonly subjectId: string; readonly id: string }
  | { readonly subjectId: string; readonly identifier: string }

/** The current versions of what is named, each once. */
export async function currentNamed(db: Queryable, names: readonly NamedBy[]): Promise<StoredResource[]> {
  const byId = names.filter((name) => 'id' in name)
  const byIdentifier = names.filter((name) => 'identifier' in name)
  const rows = await db.query<ResourceRow>({
    name: 'current-named',
    text: `
with named as (
  select r.subject_id, r.id, r.version_id from unnest($1::uuid[], $2::uuid[]) as k (subject_id, id)
  join resource r on r.id = k.id and r.subject_id = k.subject_id
  union
  select r.subject_id, r.id, r.version_id from unnest($3::uuid[], $4::text[]) as k (subject_id, token)
  join resource r on r.subject_id = k.subject_id and k.token = any (r.tokens)
)
select ${COLUMNS} from named join resource_version v using (subject_id, id, version_id)`,
    values: [
      byId.map(({ subjectId }) => subjectId),
      byId.map(({ id }) => id),
      byIdentifier.map(({ subjectId }) => subjectId),
      byIdentifier.map(({ identifier }) => `identifier=${identifier}`),
    ],
  })
  return rows.map(asStored)
}

/** Every current record of these citizens. */
export async function recordsOf(db: Queryable, subjectIds: readonly string[]): Promise<StoredResource[]> {
  if (subjectIds.length === 0) return []
  const rows = await db.query<ResourceRow>({
    name: 'records',
    text: `
select ${COLUMNS} from resource r join resource_version v using (subject_id, id, version_id)
where r.subject_id = any ($1)`,
    values: [subjectIds],
  })
  return rows.map(asStored)
}

/** Every current Consent of these citizens, whatever its status: whether it counts is for `decide()` to say. */
export async function consentsOf(db: Queryable, subjectIds: readonly string[]): Promise<StoredResource[]> {
  const rows = await db.query<ResourceRow>({
    name: 'consents',
    text: `
select ${COLUMNS} from resource r join resource_version v using (subject_id, id, version_id)
where r.subject_id = any ($1) and r.resource_type = 'Consent'`,
    values: [[...new Set(subjectIds)]],
  })
  return rows.map(asStored)
}

export function asStored(row: ResourceRow): StoredResource {
  return {
    subjectId: row.subject_id,
    resourceType: row.resource_type,
    id: row.id,
    versionId: row.version_id,
    custodian: row.custodian,
    lastUpdated: row.recorded,
    content: row.content,
    labels: row.labels,
  }
}
