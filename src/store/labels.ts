/** Labels of stored versions by rule set, and of the resources that they are linked with. Rows are only ever added. */
import type { Resource } from '@medplum/fhirtypes'
import type { LabelRecord } from '#label/label-record.ts'
import type { Queryable, Transaction } from './database.ts'
import type { RelabelCursor } from './rule-sets.ts'

interface VersionKey {
  readonly subjectId: string
  readonly id: string
  readonly versionId: string
}

/** Labels under `ruleSet` that were added after acceptance, by version id. */
export async function addedLabels(
  db: Queryable,
  ruleSet: string,
  keys: readonly VersionKey[],
): Promise<ReadonlyMap<string, LabelRecord>> {
  if (keys.length === 0) return new Map()
  const rows = await db.query<{ version_id: string; labels: LabelRecord }>({
    name: 'added-labels',
    text: `
select version_id, labels from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k (subject_id, id, version_id)
join resource_label using (subject_id, id, version_id) where rule_set = $4`,
    values: [...columnsOf(keys), ruleSet],
  })
  return new Map(rows.map((row) => [row.version_id, row.labels]))
}

/** A stored version with labels of the rule set, or with what they can be made of. */
export interface Labelled {
  readonly subjectId: string
  readonly resourceType: string
  readonly id: string
  readonly versionId: string
  readonly custodian: string
  readonly labels: LabelRecord
  /** Only when `labels` are of other rules. */
  readonly content: Resource | undefined
}

interface Row {
  readonly subject_id: string
  readonly resource_type: string
  readonly id: string
  readonly version_id: string
  readonly custodian: string
  readonly labels: LabelRecord
  readonly content: Resource | null
}

const LABELLED = `
  v.subject_id, v.resource_type, v.id, v.version_id, v.custodian, coalesce(l.labels, v.labels) as labels,
  case when l.labels is null and v.labels ->> 'ruleSetVersion' is distinct from $1 then v.content end as content`

/** What is asked for of one resource: the current versions that it points to, and those that point to it. */
export interface Linked {
  readonly subjectId: string
  /** `Type/id` of the resource itself. */
  readonly reference: string
  /** Ids that it points to. */
  readonly pointsTo: readonly string[]
}

/** Of the same citizen only. */
export async function neighboursOf(
  db: Queryable,
  ruleSet: string,
  linked: readonly Linked[],
): Promise<Labelled[]> {
  if (linked.length === 0) return []
  const pointed = linked.flatMap(({ subjectId, pointsTo }) => pointsTo.map((id) => ({ subjectId, id })))
  const rows = await db.query<Row>({
    name: 'neighbours',
    text: `
with neighbour as (
  select p.subject_id, p.id from unnest($2::uuid[], $3::uuid[]) as p (subject_id, id)
  union
  select r.subject_id, r.id from unnest($4::uuid[], $5::text[]) as a (subject_id, reference)
  join resource r on r.subject_id = a.subject_id and a.reference = any (r.points_to)
)
select ${LABELLED} from neighbour n
join resource r on r.id = n.id and r.subject_id = n.subject_id
join resource_version v on v.subject_id = r.subject_id and v.id = r.id and v.version_id = r.version_id
left join resource_label l
  on l.subject_id = v.subject_id and l.id = v.id and l.version_id = v.version_id and l.rule_set = $1`,
    values: [
      ruleSet,
      pointed.map((each) => each.subjectId),
      pointed.map((each) => each.id),
      linked.map((each) => each.subjectId),
      linked.map((each) => each.reference),
    ],
  })
  return rows.map(asLabelled)
}

/** All of a citizen as it was at an instant: for a replay, not for the way out. */
export async function citizenAt(
  db: Queryable,
  ruleSet: string,
  subjectId: string,
  at: Date,
): Promise<Labelled[]> {
  const rows = await db.query<Row>({
    name: 'citizen-at',
    text: `
select ${LABELLED} from (
  select distinct on (id) * from resource_version
  where subject_id = $2 and recorded <= $3 order by id, recorded desc, version_id) as v
left join resource_label l
  on l.subject_id = v.subject_id and l.id = v.id and l.version_id = v.version_id and l.rule_set = $1
where v.interaction <> 'delete' order by v.id`,
    values: [ruleSet, subjectId, at],
  })
  return rows.map(asLabelled)
}

/** The next of the current resources in the order of their key, whatever their labels. */
export async function resourcesAfter(
  tx: Transaction,
  ruleSet: string,
  { after, limit }: { readonly after: RelabelCursor | undefined; readonly limit: number },
): Promise<Labelled[]> {
  const rows = await tx.query<Row>({
    name: 'resources-after',
    text: `
select ${LABELLED} from (
  select subject_id, resource_type, id, version_id from resource
  where ($2::uuid is null or (subject_id, resource_type, id) > ($2, $3::text, $4::uuid)) and version_id is not null
  order by subject_id, resource_type, id limit $5) as r
join resource_version v on v.subject_id = r.subject_id and v.id = r.id and v.version_id = r.version_id
left join resource_label l
  on l.subject_id = v.subject_id and l.id = v.id and l.version_id = v.version_id and l.rule_set = $1
order by r.subject_id, r.resource_type, r.id`,
    values: [ruleSet, after?.subjectId ?? null, after?.resourceType ?? null, after?.id ?? null, limit],
  })
  return rows.map(asLabelled)
}

/** Adds labels; those that are there already stay, since the same content and rules give the same. */
export async function addLabels(
  tx: Transaction,
  labelled: readonly (VersionKey & { readonly labels: LabelRecord })[],
): Promise<void> {
  if (labelled.length === 0) return
  await tx.query({
    name: 'add-labels',
    text: `
insert into resource_label (subject_id, id, version_id, rule_set, labels)
select subject_id, id, version_id, labels ->> 'ruleSetVersion', labels
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::json[]) as l (subject_id, id, version_id, labels)
on conflict do nothing`,
    values: [...columnsOf(labelled), labelled.map(({ labels }) => JSON.stringify(labels))],
  })
}

function columnsOf(keys: readonly VersionKey[]): [string[], string[], string[]] {
  return [keys.map((key) => key.subjectId), keys.map((key) => key.id), keys.map((key) => key.versionId)]
}

function asLabelled(row: Row): Labelled {
  return {
    subjectId: row.subject_id,
    resourceType: row.resource_type,
    id: row.id,
    versionId: row.version_id,
    custodian: row.custodian,
    labels: row.labels,
    content: row.content ?? undefined,
  }
}
