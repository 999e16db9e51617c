/**
 * Work items: what a person must do, because the gateway may not decide it alone or must not forget it.
 * https://hl7.org/fhir/R4/task.html. Random ids and codes only: no personal data and no clinical text gets in here.
 */
import { randomUUID } from 'node:crypto'
import type { Queryable, Transaction } from './database.ts'

/** Codes of `https://sluse.example/fhir/CodeSystem/work-item`. */
export const workItemCodes = [
  'review-override', // a person broke the glass: was it right?
  'consent-not-computable', // a consent was stored whose scope is text: what does it say?
  'indeterminate', // a decision could not be made, and was withheld: what is missing?
  'inform-patient', // the law wants the citizen told
  'basis-withdrawn-tell', // a recipient must hear that the basis of what it was sent is gone
  'verification-alarm', // something that should have been confirmed by now was not
] as const

export type WorkItemCode = (typeof workItemCodes)[number]
export type WorkItemStatus = 'requested' | 'in-progress' | 'completed'

export interface NewWorkItem {
  readonly code: WorkItemCode
  /** The only organisation that sees it. It must know the citizen already: an item about one tells that there is something. */
  readonly ownerOrganizationId: string
  readonly subjectId: string
  /** `Type/id`, or `Type/id/_history/version`. */
  readonly focus?: string
  /** A code of `docs/reasons.md`. */
  readonly reason: string
  readonly dueAt?: Date
  /** Of the review of an override: the grant. */
  readonly overrideId?: string
  /** While an item of this owner and code with this key is open, the same again adds none. Ids only, never a national id. */
  readonly dedupeKey: string
}

export interface WorkItem extends Omit<NewWorkItem, 'dedupeKey'> {
  readonly id: string
  readonly versionId: string
  readonly status: WorkItemStatus
  readonly createdAt: Date
  /** Microseconds since 1970, for pages: a Date would lose the last three digits. */
  readonly createdUs: number
  readonly lastUpdated: Date
  /** Who broke the glass, by authorisation number. */
  readonly person?: { readonly system: string; readonly value: string }
}

/** True when it is new, false when it was open already. In the transaction of what it is about: no item, no effect. */
export async function openWorkItem(tx: Transaction, item: NewWorkItem): Promise<boolean> {
  return (await openWorkItems(tx, [item])) > 0
}

/** How many were new. In one order, so that two transactions that open the same ones cannot wait for each other. */
export async function openWorkItems(tx: Transaction, items: readonly NewWorkItem[]): Promise<number> {
  if (items.length === 0) return 0
  const rows = await tx.query({
    name: 'open-work-items',
    text: `
insert into work_item (work_item_id, code, owner, subject_id, focus, override_id, reason, due_at, dedupe_key)
select work_item_id, code, owner, subject_id, focus, override_id, reason, due_at, dedupe_key
from json_to_recordset($1::json) as i (work_item_id uuid, code text, owner uuid, subject_id uuid, focus text,
  override_id uuid, reason text, due_at timestamptz, dedupe_key text)
order by owner, code, dedupe_key
on conflict (owner, code, dedupe_key) where status <> 'completed' do nothing returning 1`,
    values: [JSON.stringify(items.map(asInput))],
  })
  return rows.length
}

function asInput(item: NewWorkItem): Record<string, unknown> {
  return {
    work_item_id: randomUUID(),
    code: item.code,
    owner: item.ownerOrganizationId,
    subject_id: item.subjectId,
    focus: item.focus,
    override_id: item.overrideId,
    reason: item.reason,
    due_at: item.dueAt,
    dedupe_key: item.dedupeKey,
  }
}

export interface WorkItemQuery {
  /** Nobody sees another organisation's. */
  readonly ownerOrganizationId: string
  readonly id?: string
  readonly subjectId?: string
  readonly statuses?: readonly string[]
  readonly codes?: readonly string[]
  /** The last item of the page before. */
  readonly before?: { readonly createdUs: number; readonly id: string }
  readonly limit: number
}

const COLUMNS = `
w.work_item_id, w.version_id, w.code, w.owner, w.subject_id, w.focus, w.override_id, w.reason, w.status, w.due_at,
w.created_at, (extract(epoch from w.created_at) * 1000000)::bigint as created_us, w.last_updated,
(select g.person from override_grant g where g.override_id = w.override_id) as person`

/** Newest first, keyset pages. */
export async function searchWorkItems(db: Queryable, query: WorkItemQuery): Promise<WorkItem[]> {
  const rows = await db.query<Row>({
    name: 'search-work-items',
    text: `
select ${COLUMNS} from work_item w
where owner = $1
  and ($2::uuid is null or work_item_id = $2)
  and ($3::uuid is null or subject_id = $3)
  and ($4::text[] is null or status = any ($4))
  and ($5::text[] is null or code = any ($5))
  and ($6::bigint is null
    or (created_at, work_item_id) < (timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7::uuid))
order by created_at desc, work_item_id desc
limit $8`,
    values: [
      query.ownerOrganizationId,
      query.id ?? null,
      query.subjectId ?? null,
      query.statuses ?? null,
      query.codes ?? null,
      query.before?.createdUs ?? null,
      query.before?.id ?? null,
      query.limit,
    ],
  })
  return rows.map(asWorkItem)
}

/** Whosever it is: no record may take its id. */
export async function isWorkItem(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query({
    name: 'is-work-item',
    text: 'select 1 from work_item where work_item_id = $1',
    values: [id],
  })
  return rows.length > 0
}

/** The owner's item, locked against a change until this transaction ends. */
export async function lockWorkItem(
  tx: Transaction,
  ownerOrganizationId: string,
  id: string,
): Promise<WorkItem | undefined> {
  const [row] = await tx.query<Row>({
    name: 'lock-work-item',
    text: `select ${COLUMNS} from work_item w where owner = $1 and work_item_id = $2 for no key update`,
    values: [ownerOrganizationId, id],
  })
  return row && asWorkItem(row)
}

/** Gives a locked item its next status and a new version. */
export async function moveWorkItem(tx: Transaction, id: string, status: WorkItemStatus): Promise<void> {
  await tx.query({
    name: 'move-work-item',
    text: `
update work_item set status = $2, version_id = gen_random_uuid(), last_updated = clock_timestamp() where work_item_id = $1`,
    values: [id, status],
  })
}

interface Row {
  readonly work_item_id: string
  readonly version_id: string
  readonly code: WorkItemCode
  readonly owner: string
  readonly subject_id: string
  readonly focus: string | null
  readonly override_id: string | null
  readonly reason: string
  readonly status: WorkItemStatus
  readonly due_at: Date | null
  readonly created_at: Date
  readonly created_us: number
  readonly last_updated: Date
  readonly person: { readonly system: string; readonly value: string } | null
}

function asWorkItem(row: Row): WorkItem {
  return {
    id: row.work_item_id,
    versionId: row.version_id,
    code: row.code,
    ownerOrganizationId: row.owner,
    subjectId: row.subject_id,
    reason: row.reason,
    status: row.status,
    createdAt: row.created_at,
    createdUs: row.created_us,
    lastUpdated: row.last_updated,
    ...(row.focus ? { focus: row.focus } : {}),
    ...(row.override_id ? { overrideId: row.override_id } : {}),
    ...(row.due_at ? { dueAt: row.due_at } : {}),
    ...(row.person ? { person: row.person } : {}),
  }
}
