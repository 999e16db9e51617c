/** The versions of what is in the directory now. Of a deleted entry there are none. */
import type { Queryable } from './database.ts'
import type { DirectoryContent, DirectoryEntry, DirectoryType } from './directory.ts'
import type { Listed, Stretch } from './place.ts'

interface Row {
  readonly version_id: string
  readonly recorded: Date
  readonly content: DirectoryContent
}

export async function findDirectoryVersion(
  db: Queryable,
  resourceType: DirectoryType,
  id: string,
  versionId: string,
): Promise<DirectoryEntry | undefined> {
  const [row] = await db.query<Row>({
    name: 'find-directory-version',
    text: `
select v.version_id, v.recorded, v.content from directory_version v join directory_entry d using (id)
where v.id = $1 and v.version_id = $2 and d.resource_type = $3`,
    values: [id, versionId, resourceType],
  })
  return row && asEntry(resourceType, id, row)
}

export type DirectoryVersion = Listed<DirectoryEntry & { readonly isFirst: boolean }>

/** Newest first. */
export async function directoryHistory(
  db: Queryable,
  resourceType: DirectoryType,
  id: string,
  { since, after, limit }: Stretch & { readonly since?: Date | undefined },
): Promise<DirectoryVersion[]> {
  const rows = await db.query<Row & { place: string; is_first: boolean }>({
    name: 'directory-history',
    text: `
select v.version_id, v.recorded, v.content, v.place::text as place,
  not exists (select 1 from directory_version e where e.id = v.id and e.place < v.place) as is_first
from directory_version v join directory_entry d using (id)
where v.id = $1 and d.resource_type = $2 and ($3::timestamptz is null or v.recorded >= $3)
  and ($4::bigint is null or v.place < $4)
order by v.place desc limit $5`,
    values: [id, resourceType, since ?? null, after?.key ?? null, limit],
  })
  return rows.map((row) => ({
    ...asEntry(resourceType, id, row),
    isFirst: row.is_first,
    place: { key: row.place, id: row.version_id },
  }))
}

function asEntry(resourceType: DirectoryType, id: string, row: Row): DirectoryEntry {
  const { version_id: versionId, recorded: lastUpdated, content } = row
  return { resourceType, id, versionId, lastUpdated, content }
}
