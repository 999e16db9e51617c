/** Which labelling rules were in force when, and how far the relabelling of what was stored before them has got. */
import type { Queryable, Transaction } from './database.ts'

/**
 * Says that a process decides by these rules from now on. When the last start was with others, what was stored meanwhile
 * has their labels only, and the relabelling begins again.
 */
export async function startRuleSet(db: Queryable, version: string): Promise<void> {
  await db.query({
    text: `
with last as (select version from rule_set_start order by started_at desc limit 1
), started as (
  insert into rule_set_start (version) select $1 where not exists (select 1 from last where version = $1)
  returning version
)
insert into relabelling as r (rule_set) select version from started
on conflict (rule_set) do update set after_subject_id = null, after_resource_type = null, after_id = null, finished_at = null`,
    values: [version],
  })
}

/** The rules in force at this instant; undefined before the first start that was written down. */
export async function ruleSetAt(db: Queryable, at: Date): Promise<string | undefined> {
  const [row] = await db.query<{ version: string }>({
    name: 'rule-set-at',
    text: 'select version from rule_set_start where started_at <= $1 order by started_at desc limit 1',
    values: [at],
  })
  return row?.version
}

/** Of the last resource looked at. */
export interface RelabelCursor {
  readonly subjectId: string
  readonly resourceType: string
  readonly id: string
}

/**
 * Takes the rule set's turn, until the transaction ends. Undefined when there is nothing left to do, or when another
 * worker is at it.
 */
export async function claimRelabelling(
  tx: Transaction,
  ruleSet: string,
): Promise<{ readonly after: RelabelCursor | undefined } | undefined> {
  const [row] = await tx.query<{
    after_subject_id: string | null
    after_resource_type: string | null
    after_id: string | null
  }>({
    name: 'claim-relabelling',
    text: `
select after_subject_id, after_resource_type, after_id from relabelling
where rule_set = $1 and finished_at is null for update skip locked`,
    values: [ruleSet],
  })
  if (!row) return undefined
  const { after_subject_id: subjectId, after_resource_type: resourceType, after_id: id } = row
  return { after: subjectId && resourceType && id ? { subjectId, resourceType, id } : undefined }
}

export async function moveRelabelling(
  tx: Transaction,
  ruleSet: string,
  { after, labelled }: { readonly after: RelabelCursor | undefined; readonly labelled: number },
): Promise<void> {
  await tx.query({
    name: 'move-relabelling',
    text: `
update relabelling set after_subject_id = coalesce($2, after_subject_id),
  after_resource_type = coalesce($3, after_resource_type), after_id = coalesce($4, after_id),
  labelled = labelled + $5, finished_at = case when $2::uuid is null then now() end
where rule_set = $1`,
    values: [ruleSet, after?.subjectId ?? null, after?.resourceType ?? null, after?.id ?? null, labelled],
  })
}

/** For the figures: whether the relabelling goes on, and how many versions it has labelled in all. */
export async function relabellingOf(
  db: Queryable,
  ruleSet: string,
): Promise<{ readonly running: boolean; readonly labelled: number }> {
  const [row] = await db.query<{ labelled: number; running: boolean }>({
    name: 'relabelling',
    text: 'select labelled, finished_at is null as running from relabelling where rule_set = $1',
    values: [ruleSet],
  })
  return { running: row?.running ?? false, labelled: row?.labelled ?? 0 }
}
