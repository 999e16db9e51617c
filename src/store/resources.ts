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

interface Row {
  readonly subject_id: string
  readonly resource_type: string
  readonly id: string
  readonly version_id: string
  readonly custodian: string
  readonly recorded: Date
  readonly content: Resource
  readonly labels: LabelRecord
}

const COLUMNS =
  'v.subject_id, v.resource_type, v.id, v.version_id, v.custodian, v.recorded, v.content, v.labels'

/** The current version of one resource. */
export async function findResource(
  db: Queryable,
  resourceType: string,
  id: string,
): Promise<StoredResource | undefined> {
  const [row] = await db.query<Row>({
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

/** A version of a resource as its history shows it: deleted ones have no content. */
export type StoredVersion =
  | { readonly stored: StoredResource; readonly isFirst: boolean }
  | { readonly deleted: Omit<StoredResource, 'content' | 'labels'> }

type VersionRow = Omit<Row, 'content' | 'labels'> & {
  readonly interaction: 'create' | 'update' | 'delete'
  readonly content: Resource | null
  readonly labels: LabelRecord | null
}

function asVersion(row: VersionRow): StoredVersion {
  const { content, labels, interaction, ...rest } = row
  if (content && labels)
    return { stored: asStored({ ...rest, content, labels }), isFirst: interaction === 'create' }
  const { subjectId, resourceType, id, versionId, custodian, lastUpdated } = asStored(row as Row)
  return { deleted: { subjectId, resourceType, id, versionId, custodian, lastUpdated } }
}

/** One version of a resource, also of a deleted one. */
export async function findVersion(
  db: Queryable,
  { resourceType, id, versionId }: Pick<StoredResource, 'resourceType' | 'id' | 'versionId'>,
): Promise<StoredVersion | undefined> {
  const [row] = await db.query<VersionRow>({
    name: 'find-version',
    text: `
select ${COLUMNS}, v.interaction from resource r
join resource_version v on v.subject_id = r.subject_id and v.id = r.id
where r.id = $2 and r.resource_type = $1 and v.version_id = $3`,
    values: [resourceType, id, versionId],
  })
  return row && asVersion(row)
}

/** Who holds a resource that may be deleted: then it has no current version. */
export async function findHolder(
  db: Queryable,
  resourceType: string,
  id: string,
): Promise<{ readonly subjectId: string; readonly custodian: string; readonly isDeleted: boolean } | undefined> {
  const [row] = await db.query<{ subject_id: string; custodian: string; is_deleted: boolean }>({
    name: 'find-holder',
    text: `
select subject_id, custodian, version_id is null as is_deleted from resource where id = $2 and resource_type = $1`,
    values: [resourceType, id],
  })
  return row && { subjectId: row.subject_id, custodian: row.custodian, isDeleted: row.is_deleted }
}

/** A row of a list, with its place in the order of that list. */
export type Listed<T> = T & {
  /** As PostgreSQL writes it: a Date would lose the last three digits of its microseconds. */
  readonly place: string
}

/** After which row of a list to go on, and how many to give. */
export interface Stretch {
  readonly after?: { readonly place: string; readonly id: string }
  readonly limit: number
}

export interface HistoryQuery extends Stretch {
  readonly subjectId: string
  readonly id: string
  readonly since?: Date
}

/** Newest first. */
export async function historyOf(db: Queryable, query: HistoryQuery): Promise<Listed<StoredVersion>[]> {
  const rows = await db.query<VersionRow & { place: string }>({
    name: 'history',
    text: `
select ${COLUMNS}, v.interaction, v.recorded::text as place from resource_version v
where v.subject_id = $1 and v.id = $2 and ($3::timestamptz is null or v.recorded >= $3)
  and ($4::text is null or (v.recorded, v.version_id) < ($4::timestamptz, $5::uuid))
order by v.recorded desc, v.version_id desc limit $6`,
    values: [
      query.subjectId,
      query.id,
      query.since ?? null,
      query.after?.place ?? null,
      query.after?.id ?? null,
      query.limit,
    ],
  })
  return rows.map((row) => ({ ...asVersion(row), place: row.place }))
}

export interface ResourceQuery {
  readonly resourceType: string
  readonly subjectId: string
  readonly ids?: readonly string[]
  /** Clauses joined by AND, each a list of tokens joined by OR. */
  readonly clauses: readonly (readonly string[])[]
  readonly from?: Date
  readonly until?: Date
}

/** All that match, newest first. One citizen's resources of one type are few. */
export async function searchResources(db: Queryable, query: ResourceQuery): Promise<StoredResource[]> {
  const rows = await db.query<Row>({
    name: 'search-resources',
    text: `
select ${COLUMNS} from resource r join resource_version v using (subject_id, id, version_id)
where r.subject_id = $1 and r.resource_type = $2
  and ($3::uuid[] is null or r.id = any ($3))
  and ($4::timestamptz is null or r.last_updated >= $4)
  and ($5::timestamptz is null or r.last_updated < $5)
  and not exists (
    select 1 from jsonb_array_elements($6::jsonb) as clause
    where not exists (select 1 from jsonb_array_elements_text(clause) as token where token = any (r.tokens)))
order by r.last_updated desc, r.id`,
    values: [
      query.subjectId,
      query.resourceType,
      query.ids ?? null,
      query.from ?? null,
      query.until ?? null,
      JSON.stringify(query.clauses),
    ],
  })
  return rows.map(asStored)
}

export interface VersionKey {
  readonly subjectId: string
  readonly id: string
  readonly versionId: string
}

/** None of a resource that was deleted meanwhile. */
export async function findVersions(db: Queryable, keys: readonly VersionKey[]): Promise<StoredResource[]> {
  const rows = await db.query<Row>({
    name: 'find-versions',
    text: `
select ${COLUMNS} from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k (subject_id, id, version_id)
join resource_version v using (subject_id, id, version_id)
join resource r on r.subject_id = v.subject_id and r.resource_type = v.resource_type and r.id = v.id
where r.version_id is not null and v.content is not null`,
    values: [keys.map((key) => key.subjectId), keys.map((key) => key.id), keys.map((key) => key.versionId)],
  })
  return rows.map(asStored)
}

/** The current versions of these. */
export async function currentOf(
  db: Queryable,
  keys: readonly Pick<VersionKey, 'subjectId' | 'id'>[],
): Promise<StoredResource[]> {
  const rows = await db.query<Row>({
    name: 'current-resources',
    text: `
select ${COLUMNS}
from (select distinct subject_id, id from unnest($1::uuid[], $2::uuid[]) as k (subject_id, id)) as k
join resource r using (subject_id, id) join resource_version v using (subject_id, id, version_id)`,
    values: [keys.map((key) => key.subjectId), keys.map((key) => key.id)],
  })
  return rows.map(asStored)
}

/** Every current record of these citizens. */
export async function recordsOf(db: Queryable, subjectIds: readonly string[]): Promise<StoredResource[]> {
  if (subjectIds.length === 0) return []
  const rows = await db.query<Row>({
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
  const rows = await db.query<Row>({
    name: 'consents',
    text: `
select ${COLUMNS} from resource r join resource_version v using (subject_id, id, version_id)
where r.subject_id = any ($1) and r.resource_type = 'Consent'`,
    values: [[...new Set(subjectIds)]],
  })
  return rows.map(asStored)
}

function asStored(row: Row): StoredResource {
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
