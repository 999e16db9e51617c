/** Where versions came from: the client that sent each, how, and in which message. For their custodian alone. */
import type { Queryable } from './database.ts'

export interface VersionOrigin {
  readonly interaction: 'create' | 'update' | 'delete'
  readonly clientId?: string
  /** Of the sender's own numbering. */
  readonly messageId?: string
}

export interface VersionAsked {
  readonly subjectId: string
  readonly id: string
  readonly versionId: string
}

/** By version id. The audit row of a version was written by the statement that stored it, a little after the statement began. */
export async function originsOf(
  db: Queryable,
  versions: readonly VersionAsked[],
): Promise<ReadonlyMap<string, VersionOrigin>> {
  if (versions.length === 0) return new Map()
  const rows = await db.query<{
    version_id: string
    interaction: VersionOrigin['interaction']
    client_id: string | null
    message_id: string | null
  }>({
    name: 'version-origins',
    text: `
select v.version_id, v.interaction, e.client_id, m.message_id
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k (subject_id, id, version_id)
join resource_version v using (subject_id, id, version_id)
left join lateral (
  select e.entry::json ->> 'client' as client_id from audit_event e
  where e.subject_id = v.subject_id and e.kind = 'accept' and e.custodian = v.custodian
    and e.recorded >= v.recorded and e.recorded < v.recorded + interval '1 minute'
    and e.entry::jsonb -> 'resources' @> jsonb_build_array(jsonb_build_object('id', v.id, 'version', v.version_id))
  limit 1) as e on true
left join lateral (
  select m.message_id from message m
  where m.client_id = e.client_id and m.received_at = v.recorded
    and m.receipt::jsonb -> 'resources' @> jsonb_build_array(jsonb_build_object('versionId', v.version_id))
  limit 1) as m on true`,
    values: [
      versions.map(({ subjectId }) => subjectId),
      versions.map(({ id }) => id),
      versions.map(({ versionId }) => versionId),
    ],
  })
  return new Map(
    rows.map(({ version_id, interaction, client_id, message_id }) => [
      version_id,
      {
        interaction,
        ...(client_id === null ? {} : { clientId: client_id }),
        ...(message_id === null ? {} : { messageId: message_id }),
      },
    ]),
  )
}

/** Of which type the resource with this id is, also when it was deleted. */
export async function typeOfResource(db: Queryable, id: string): Promise<string | undefined> {
  const [row] = await db.query<{ resource_type: string }>({
    name: 'type-of-resource',
    text: 'select resource_type from resource where id = $1',
    values: [id],
  })
  return row?.resource_type
}
