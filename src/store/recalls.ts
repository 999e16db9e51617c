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
  where e.subject_id = $1 and e.kind = 'disclose' and e.effect = 'permit'
    and e.entry::jsonb -> 'basis' @> jsonb_build_array(jsonb_build_object('consent', $2::text))
), grouped as (
  select custodian, recipient, resource_type, id, version_id, min(recorded) as first, max(recorded) as last,
    array_agg(distinct subscription_id) filter (where subscription_id is not null) as subscriptions
  from released group by custodian, recipient, resource_type, id, version_id
)
select g.*, v.labels,
  exists (
    select 1 from delivery d
    where d.subject_id = $1 and d.version_id = g.version_id and d.subscription_id = any (g.subscriptions)
      and d.kind = 'change' and d.state = 'open' and d.lease_until > now()) as in_flight
from grouped g
left join resource_version v on v.subject_id = $1 and v.id = g.id and v.version_id = g.version_id
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
  readonly recipients: readonly string[]
  /** Those that what is recalled was sent to: of several subscriptions of a recipient, one of these is told. */
  readonly preferred: readonly string[]
}

export interface Recalled {
  readonly organizationId: string
  readonly subscriptionId: string
}

/** One notice for each recipient that has an active subscription; the others have to be told by a person. */
export async function queueRecalls(tx: Transaction, recall: Recall): Promise<Recalled[]> {
  if (recall.recipients.length === 0) return []
  const rows = await tx.query<{ organization_id: string; subscription_id: string }>({
    name: 'queue-recalls',
    text: `
with told as (
  select distinct on (s.organization_id) s.organization_id, s.subscription_id
  from subscription s join client c on c.client_id = s.client_id
  where s.organization_id = any ($4::uuid[]) and s.status = 'active' and c.disabled_at is null
  order by s.organization_id, (s.subscription_id = any ($5::uuid[])) desc, s.created_at, s.subscription_id
), queued as (
  insert into delivery (subject_id, subscription_id, resource_type, id, version_id, interaction, kind, occurred_at, due_at)
  select $1, subscription_id, 'Consent', $2, $3, 'update', 'recall', now(), now() from told
)
select organization_id, subscription_id from told`,
    values: [recall.subjectId, recall.consentId, recall.versionId, recall.recipients, recall.preferred],
  })
  return rows.map((row) => ({ organizationId: row.organization_id, subscriptionId: row.subscription_id }))
}
