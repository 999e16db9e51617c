/** Versions of resources, as their history shows them. https://hl7.org/fhir/R4/http.html#history */
import type { Resource } from '@medplum/fhirtypes'
import type { LabelRecord } from '#label/label-record.ts'
import type { Queryable } from './database.ts'
import type { Listed, Stretch } from './place.ts'
import { asStored, COLUMNS, type ResourceRow, type StoredResource } from './resources.ts'

/** A version of a resource as its history shows it: deleted ones have no content. */
export type StoredVersion =
  | { readonly stored: StoredResource; readonly isFirst: boolean }
  | { readonly deleted: Omit<StoredResource, 'content' | 'labels'> }

type VersionRow = Omit<ResourceRow, 'content' | 'labels'> & {
  readonly interaction: 'create' | 'update' | 'delete'
  readonly content: Resource | null
  readonly labels: LabelRecord | null
}

function asVersion(row: VersionRow): StoredVersion {
  const { content, labels, interaction, ...rest } = row
  if (content && labels)
    return { stored: asStored({ ...rest, content, labels }), isFirst: interaction === 'create' }
  const { subjectId, resourceType, id, versionId, custodian, lastUpdated } = asStored(row as ResourceRow)
  return { deleted: { subjectId, resourceType, id, versionId, custodian, lastUpdated } }
}

/** What was before a deletion is its custodian's alone, also when the resource is there again: that is what it deleted. */
const BEFORE_DELETION = `exists (
    select 1 from resource_version gone
    where gone.subject_id = v.subject_id and gone.id = v.id and gone.interaction = 'delete' and gone.recorded >= v.recorded)`

/** One version of a resource, as far as this organisation may be told that it is there; to the custodian also of a deleted one. */
export async function findVersion(
  db: Queryable,
  { resourceType, id, versionId }: Pick<StoredResource, 'resourceType' | 'id' | 'versionId'>,
  organizationId: string,
): Promise<StoredVersion | undefined> {
  const [row] = await db.query<VersionRow>({
    name: 'find-version',
    text: `
select ${COLUMNS}, v.interaction from resource r
join resource_version v on v.subject_id = r.subject_id and v.id = r.id
where r.id = $2 and r.resource_type = $1 and v.version_id = $3 and (r.custodian = $4 or not ${BEFORE_DELETION})`,
    values: [resourceType, id, versionId, organizationId],
  })
  return row && asVersion(row)
}

/** Who holds a resource that may be deleted: then it has no current version. */
export async function findHolder(
  db: Queryable,
  resourceType: string,
  id: string,
): Promise<
  { readonly subjectId: string; readonly custodian: string; readonly isDeleted: boolean } | undefined
> {
  const [row] = await db.query<{ subject_id: string; custodian: string; is_deleted: boolean }>({
    name: 'find-holder',
    text: `
select subject_id, custodian, version_id is null as is_deleted from resource where id = $2 and resource_type = $1`,
    values: [resourceType, id],
  })
  return row && { subjectId: row.subject_id, custodian: row.custodian, isDeleted: row.is_deleted }
}

export interface HistoryQuery extends Stretch {
  readonly subjectId: string
  readonly id: string
  readonly since?: Date
  /** Whether the custodian asks: deletions, and what was before them, are for it alone. */
  readonly isOwn: boolean
}

/** Newest first. */
export async function historyOf(db: Queryable, query: HistoryQuery): Promise<Listed<StoredVersion>[]> {
  const rows = await db.query<VersionRow & { place: string }>({
    name: 'history',
    text: `
select ${COLUMNS}, v.interaction, v.recorded::text as place from resource_version v
where v.subject_id = $1 and v.id = $2 and ($3::timestamptz is null or v.recorded >= $3)
  and ($4::text is null or (v.recorded, v.version_id) < ($4::timestamptz, $5::uuid))
  and ($6 or not ${BEFORE_DELETION})
order by v.recorded desc, v.version_id desc limit $7`,
    values: [
      query.subjectId,
      query.id,
      query.since ?? null,
      query.after?.key ?? null,
      query.after?.id ?? null,
      query.isOwn,
      query.limit,
    ],
  })
  return rows.map((row) => ({ ...asVersion(row), place: { key: row.place, id: row.version_id } }))
}
