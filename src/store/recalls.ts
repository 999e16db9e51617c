/** What was disclosed on the basis of one consent, from the audit log; and the notices that the basis is gone. */
import type { LabelRecord } from '#label/label-record.ts'
import type { Transaction } from './database.ts'

/** One version of a resource that was released to one recipient on this basis, however often. */
export interface DisclosedUnder {
  readonly custodian: string
  readonly recipient: string
  readonly resourceType: string
  readonly id: string
  readonly versionId: string
  readonly first: Date
  readonly last: Date
  /** Authorised, and no outcome known yet: a worker holds its lease. */
  readonly inFlight: boolean
  /** Subscriptions that it was sent to; none when it was fetched. */
  readonly subscriptions: readonly string[]
  /** Of that version as it was accepted. */
  readonly labels: Pick<LabelRecord, 'sensitivities' | 'confidentiality'> | undefined
}

/** Newest first. Behind the consent fence: what is authorised later is authorised without this basis. */
export async function disclosedUnder(
  tx: Transaction,
  subjectId: string,
  consentId: string,
): Promise<DisclosedUnder[]> {
  const rows = await tx.query<{
    custodian: string
    recipient: string
    resource_type: string
    id: string
    version_id: string
    first: Date
    last: Date
    in_flight: boolean
    subscriptions: string[] | null
    labels: LabelRecord | null
  }>({
    name: 'disclosed-under',
    text: `
with released as (
  select e.custodian, e.recipient, e.recorded, (e.entry::json ->> 'subscription')::uuid as subscription_id,
    r ->> 'type' as resource_type, (r ->> 'id')::uuid as id, (r ->> 'version')::uuid as version_id
  from audit_event e cross join lateral json_array_elements(e.entry::json -> 'resources') as r
  -- The consent of one who was merged speaks for what is held under the other subject too.
  where e.subject_id = any (merged_with($1)) and e.kind = 'disclose' and e.effect = 'permit'
    and e.entry::jsonb -> 'basis' @> jsonb_build_array(jsonb_build_object('consent', $2::text))
), grouped as (
  select custodian, recipient, resource_type, id, version_id, min(recorded) as first, max(recorded) as last,
    array_agg(distinct subscription_id) filter (where subscription_id is not null) as subscriptions
  from released group by custodian, recipient, resource_type, id, version_id
)
select g.*, v.labels,
  exists (
    select 1 from delivery d
    where d.subject_id = any (merged_with($1)) and d.version_id = g.version_id and d.subscription_id = any (g.subscriptions)
      and d.kind = 'change' and d.state = 'open' and d.lease_until > now()) as in_flight
from grouped g
left join resource_version v on v.subject_id = any (merged_with($1)) and v.id = g.id and v.version_id = g.version_id
order by g.last desc, g.id, g.version_id, g.recipient`,
    values: [subjectId, consentId],
  })
  return rows.map((row) => ({
    custodian: row.custodian,
    recipient: row.recipient,
    resourceType: row.resource_type,
    id: row.id,
    versionId: row.version_id,
    first: row.first,
    last: row.last,
    inFlight: row.in_flight,
    subscriptions: row.subscriptions ?? [],
    labels: row.labels ?? undefined,
  }))
}

export interface Recall {
  readonly subjectId: string
  readonly consentId: string
  /** The version that took the basis away. */
  readonly versionId: string
  readonly disclosed: readonly DisclosedUnder[]
}

export interface Recalled {
  readonly organizationId: string
  readonly subscriptionId: string
}

/**
 * One notice for each recipient that has an active subscription, where there is a choice to one that the data went to. The
 * others have to be told by a person.
 */
export async function queueRecalls(tx: Transaction, recall: Recall): Promise<Recalled[]> {
  const received = Map.groupBy(recall.disclosed, ({ recipient }) => recipient)
  if (received.size === 0) return []
  const recipients = [...received].map(([recipient, each]) => ({
    recipient,
    subscriptions: [...new Set(each.flatMap(({ subscriptions }) => subscriptions))],
    recalled: [...new Set(each.map(({ resourceType, id }) => `${resourceType}/${id}`))].sort(),
  }))
  const rows = await tx.query<{ organization_id: string; subscription_id: string }>({
    name: 'queue-recalls',
    text: `
with recipient as (
  select * from json_to_recordset($4::json) as r (recipient uuid, subscriptions uuid[], recalled text[])
), told as (
  select distinct on (s.organization_id) s.organization_id, s.subscription_id, r.recalled
  from recipient r join subscription s on s.organization_id = r.recipient join client c on c.client_id = s.client_id
  where s.status = 'active' and c.disabled_at is null
  order by s.organization_id, (s.subscription_id = any (r.subscriptions)) desc, s.created_at, s.subscription_id
), queued as (
  insert into delivery (subject_id, subscription_id, resource_type, id, version_id, interaction, kind, recalled, occurred_at, due_at)
  select $1, subscription_id, 'Consent', $2, $3, 'update', 'recall', recalled, now(), now() from told
), hurried as (
  -- What waits for a retry stands before the recall in its lane, and is decided again now.
  update delivery d set due_at = now() from told
  where d.subject_id = $1 and d.subscription_id = told.subscription_id and d.state = 'open' and d.due_at > now()
    and (d.lease_until is null or d.lease_until < now())
)
select organization_id, subscription_id from told`,
    values: [recall.subjectId, recall.consentId, recall.versionId, JSON.stringify(recipients)],
  })
  return rows.map((row) => ({ organizationId: row.organization_id, subscriptionId: row.subscription_id }))
}

/** Organisations that a notice about this consent has gone to, or is on its way to. */
export async function recalledTo(
  tx: Transaction,
  subjectId: string,
  consentId: string,
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ organization_id: string }>({
    name: 'recalled-to',
    text: `
select distinct s.organization_id from delivery d join subscription s using (subscription_id)
where d.subject_id = $1 and d.id = $2 and d.kind = 'recall' and d.state in ('open', 'delivered')`,
    values: [subjectId, consentId],
  })
  return new Set(rows.map((row) => row.organization_id))
}

/** Recalls that will not be sent, since their subscription has ended. */
export async function openRecalls(
  tx: Transaction,
  subscriptionId: string,
): Promise<{ readonly subjectId: string; readonly consentId: string }[]> {
  const rows = await tx.query<{ subject_id: string; id: string }>({
    name: 'open-recalls',
    text: `select subject_id, id from delivery where subscription_id = $1 and kind = 'recall' and state = 'open'`,
    values: [subscriptionId],
  })
  return rows.map((row) => ({ subjectId: row.subject_id, consentId: row.id }))
}
