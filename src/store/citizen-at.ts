/** A citizen's records and the registry as they stood at an instant: for questions about decisions, never for the way out. */
import type { Resource } from '@medplum/fhirtypes'
import type { LabelRecord } from '#label/label-record.ts'
import type { Queryable } from './database.ts'
import type { Organization } from './organizations.ts'

export interface VersionThen {
  readonly subjectId: string
  readonly resourceType: string
  readonly id: string
  readonly versionId: string
  readonly custodian: string
  readonly lastUpdated: Date
  readonly content: Resource
  /** As accepted: which labels count is for the rule set of then to say. */
  readonly labels: LabelRecord
}

interface VersionRow {
  readonly subject_id: string
  readonly resource_type: string
  readonly id: string
  readonly version_id: string
  readonly custodian: string
  readonly recorded: Date
  readonly content: Resource
  readonly labels: LabelRecord
}

/** Whether an organisation holds anything of a citizen, or ever did: nothing that is stored is removed. */
export async function holdsAny(db: Queryable, subjectId: string, organizationId: string): Promise<boolean> {
  const rows = await db.query({
    name: 'holds-any',
    text: 'select 1 from resource where subject_id = $1 and custodian = $2 limit 1',
    values: [subjectId, organizationId],
  })
  return rows.length > 0
}

/** The version of each record that was current. Without an instant, now: by no clock that could be behind the database's. */
export async function versionsAt(
  db: Queryable,
  subjectId: string,
  at: Date | undefined,
): Promise<VersionThen[]> {
  const rows = await db.query<VersionRow>({
    name: 'versions-at',
    text: `
select subject_id, resource_type, id, version_id, custodian, recorded, content, labels from (
  select distinct on (id) * from resource_version
  where subject_id = $1 and ($2::timestamptz is null or recorded <= $2) order by id, recorded desc, version_id) as v
where v.interaction <> 'delete' order by id`,
    values: [subjectId, at ?? null],
  })
  return rows.map((row) => ({
    subjectId: row.subject_id,
    resourceType: row.resource_type,
    id: row.id,
    versionId: row.version_id,
    custodian: row.custodian,
    lastUpdated: row.recorded,
    content: row.content,
    labels: row.labels,
  }))
}

interface RegistryRow {
  readonly organization: {
    readonly organization_id: string
    readonly name: string
    readonly sector: Organization['sector']
    readonly jurisdiction: Organization['jurisdiction']
    readonly time_zone: string
    readonly identifiers: Organization['identifiers']
    readonly sensitivities: readonly string[]
    readonly part_of: string | null
    readonly unit_type: string | null
  }
}

/** All organisations, by id. One that was not in the registry then is not in it. */
export async function registryAt(
  db: Queryable,
  at: Date | undefined,
): Promise<ReadonlyMap<string, Organization>> {
  const rows = await db.query<RegistryRow>({
    name: 'registry-at',
    text: `
select distinct on (organization_id) organization from organization_version
where $1::timestamptz is null or recorded <= $1 order by organization_id, recorded desc`,
    values: [at ?? null],
  })
  return new Map(rows.map(({ organization }) => [organization.organization_id, asOrganization(organization)]))
}

function asOrganization(row: RegistryRow['organization']): Organization {
  return {
    id: row.organization_id,
    name: row.name,
    sector: row.sector,
    jurisdiction: row.jurisdiction,
    timeZone: row.time_zone,
    identifiers: row.identifiers,
    sensitivities: row.sensitivities,
    // Rows of before there were unit types have no such column.
    ...(row.part_of ? { partOf: row.part_of } : {}),
    ...(row.unit_type ? { unitType: row.unit_type } : {}),
  }
}
