/**
 * Demographics of citizens, by citizen and organisation, with their versions. Every statement asks for the organisation: there is
 * none here that could find what another one holds.
 */
import type { Patient } from '@medplum/fhirtypes'
import type { Queryable, Transaction } from './database.ts'
import type { Listed, Stretch } from './place.ts'

export interface PatientKey {
  readonly subjectId: string
  readonly organizationId: string
}

export interface Demographics extends PatientKey {
  readonly versionId: string
  readonly lastUpdated: Date
  /** Without national ids: those are sealed elsewhere. */
  readonly content: Patient
}

interface Row {
  readonly subject_id: string
  readonly organization_id: string
  readonly version_id: string
  readonly recorded: Date
  readonly content: Patient
}

const COLUMNS = 'v.subject_id, v.organization_id, v.version_id, v.recorded, v.content'

export async function findDemographics(
  db: Queryable,
  { subjectId, organizationId }: PatientKey,
): Promise<Demographics | undefined> {
  const [row] = await db.query<Row>({
    name: 'find-demographics',
    text: `
select ${COLUMNS} from patient p join patient_version v using (subject_id, organization_id, version_id)
where p.subject_id = $1 and p.organization_id = $2`,
    values: [subjectId, organizationId],
  })
  return row && asDemographics(row)
}

export async function findDemographicsVersion(
  db: Queryable,
  { subjectId, organizationId }: PatientKey,
  versionId: string,
): Promise<Demographics | undefined> {
  const [row] = await db.query<Row>({
    name: 'find-demographics-version',
    text: `
select ${COLUMNS} from patient_version v
where v.subject_id = $1 and v.organization_id = $2 and v.version_id = $3`,
    values: [subjectId, organizationId, versionId],
  })
  return row && asDemographics(row)
}

/** Newest first, with the instant of each as PostgreSQL writes it. */
export async function demographicsHistory(
  db: Queryable,
  { subjectId, organizationId }: PatientKey,
  { since, after, limit }: Stretch & { readonly since?: Date },
): Promise<Listed<Demographics & { readonly isFirst: boolean }>[]> {
  const rows = await db.query<Row & { interaction: string; place: string }>({
    name: 'demographics-history',
    text: `
select ${COLUMNS}, v.interaction, v.recorded::text as place from patient_version v
where v.subject_id = $1 and v.organization_id = $2 and ($3::timestamptz is null or v.recorded >= $3)
  and ($4::text is null or (v.recorded, v.version_id) < ($4::timestamptz, $5::uuid))
order by v.recorded desc, v.version_id desc limit $6`,
    values: [subjectId, organizationId, since ?? null, after?.key ?? null, after?.id ?? null, limit],
  })
  return rows.map((row) => ({
    ...asDemographics(row),
    isFirst: row.interaction === 'create',
    place: { key: row.place, id: row.version_id },
  }))
}

/** The current version, locked until the transaction ends. */
export async function lockDemographics(
  tx: Transaction,
  { subjectId, organizationId }: PatientKey,
): Promise<string | undefined> {
  const [row] = await tx.query<{ version_id: string }>({
    name: 'lock-demographics',
    text: 'select version_id from patient where subject_id = $1 and organization_id = $2 for update',
    values: [subjectId, organizationId],
  })
  return row?.version_id
}

export interface StoredDemographics {
  readonly created: boolean
  readonly recorded: Date
}

/** Stores a version and makes it the current one. With `onlyNew`, nothing is stored where there is one already. */
export async function putDemographics(
  tx: Transaction,
  { subjectId, organizationId, versionId, content }: Omit<Demographics, 'lastUpdated'>,
  { onlyNew }: { readonly onlyNew: boolean },
): Promise<StoredDemographics | undefined> {
  const [row] = await tx.query<{ interaction: 'create' | 'update'; recorded: Date }>({
    name: 'put-demographics',
    text: `
with current as (
  insert into patient as p (subject_id, organization_id, version_id, last_updated) values ($1, $2, $3, now())
  on conflict (subject_id, organization_id) do update
    set version_id = excluded.version_id, last_updated = greatest(excluded.last_updated, p.last_updated + interval '1 microsecond')
    where not $5::boolean
  returning case when xmax = 0 then 'create' else 'update' end as interaction, last_updated as recorded
), version as (
  insert into patient_version (subject_id, organization_id, version_id, recorded, interaction, content)
  select $1, $2, $3, recorded, interaction, $4::json from current
)
select interaction, recorded from current`,
    values: [subjectId, organizationId, versionId, JSON.stringify(content), onlyNew],
  })
  return row && { created: row.interaction === 'create', recorded: row.recorded }
}

function asDemographics(row: Row): Demographics {
  return {
    subjectId: row.subject_id,
    organizationId: row.organization_id,
    versionId: row.version_id,
    lastUpdated: row.recorded,
    content: row.content,
  }
}
