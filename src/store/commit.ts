/**
 * The one write of the accept path: current pointer, version, outbox rows for every matching subscription, audit and
 * receipt in one statement, so that either all of it is on disk when it returns, or none.
 */
import type { Resource } from '@medplum/fhirtypes'
import { dateOf, heldIdIn, isHeld } from '#fhir/held-types.ts'
import type { LabelRecord } from '#label/label-record.ts'
import type { AuditRow } from '#audit/audit-row.ts'
import type { Queryable } from './database.ts'
import { isUniqueViolation } from './database.ts'
import { auditRecords } from './audit-log.ts'

export interface AcceptedResource {
  readonly subjectId: string
  readonly resourceType: string
  readonly id: string
  readonly versionId: string
  /** The organisation that holds it: only it may write the resource again. */
  readonly custodian: string
  /** Without `meta.versionId` and `meta.lastUpdated`: the columns are the truth of both. */
  readonly content: Resource
  readonly labels: LabelRecord
  readonly tokens: readonly string[]
}

export interface Receipt {
  readonly clientId: string
  readonly messageId: string
  readonly bodySha256: Buffer
  readonly receipt: unknown
}

export interface Committed {
  /** Whether each resource was new, in the order given. */
  readonly created: readonly boolean[]
  /** Of the first resource: database time of the transaction, and later than its version before. */
  readonly recorded: Date
  /** Subscriptions that now have work: wake them, outside the transaction. */
  readonly subscriptions: readonly string[]
}

/** Two messages with one id raced, or one was sent again: nothing was stored, ask `findMessage`. */
export class MessageSeen extends Error {
  override readonly name = 'MessageSeen'
}

/** The id is held by another organisation, type or citizen: nothing was stored, ask `lockResource` which. */
export class HeldElsewhere extends Error {
  override readonly name = 'HeldElsewhere'
}

export async function commit(
  db: Queryable,
  resources: readonly AcceptedResource[],
  audit: readonly AuditRow[],
  receipt?: Receipt,
): Promise<Committed> {
  try {
    const [row] = await db.query<{
      interactions: Record<string, 'create' | 'update'> | null
      recorded: Date
      subscriptions: string[] | null
    }>({
      name: 'commit',
      text: COMMIT,
      values: [
        JSON.stringify(resources.map(asInput)),
        JSON.stringify(auditRecords(audit)),
        receipt?.clientId ?? null,
        receipt?.messageId ?? null,
        receipt?.bodySha256 ?? null,
        receipt ? JSON.stringify(receipt.receipt) : null,
      ],
    })
    if (!row) throw new Error('commit returned no row')
    const interactions = row.interactions ?? {}
    return {
      created: resources.map(({ id }) => interactions[id] === 'create'),
      recorded: row.recorded,
      subscriptions: row.subscriptions ?? [],
    }
  } catch (error) {
    if (isUniqueViolation(error, 'message_pkey'))
      throw new MessageSeen('this message id was accepted before', { cause: error })
    if (isUniqueViolation(error, 'resource_id') || isRefusal(error))
      throw new HeldElsewhere('a resource of another custodian, type or citizen has this id', {
        cause: error,
      })
    throw error
  }
}

/** What `refuse()` of the schema raises: check_violation, without a constraint. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23514'
}

function asInput(resource: AcceptedResource): Record<string, unknown> {
  return {
    subject_id: resource.subjectId,
    resource_type: resource.resourceType,
    id: resource.id,
    version_id: resource.versionId,
    custodian: resource.custodian,
    content: resource.content,
    labels: resource.labels,
    tokens: resource.tokens,
    points_to: [...new Set((resource.labels.pointers ?? []).map(({ to }) => to).filter(isResource))],
    ...datesOf(resource.content),
  }
}

/** As PostgreSQL reads them; an open end is infinite. */
function datesOf(content: Resource): Record<string, string> {
  const span = isHeld(content) ? dateOf(content) : undefined
  if (!span) return {}
  const asText = (ms: number, open: string): string =>
    Number.isFinite(ms) ? new Date(ms).toISOString() : open
  return { date_from: asText(span.from, '-infinity'), date_until: asText(span.until, 'infinity') }
}

/** The other pointers are numbers of units, which the registry knows. */
function isResource(target: string): boolean {
  return heldIdIn(target) !== undefined
}

const COMMIT = `
with input as materialized (
  select * from json_to_recordset($1::json) as i (
    subject_id uuid, resource_type text, id uuid, version_id uuid, custodian uuid, content json, labels json, tokens text[], points_to text[],
    date_from timestamptz, date_until timestamptz)
), epoch as (
  -- INVARIANT: a change of a consent takes the citizen's row, which every authorisation shares (docs/adr: the consent fence).
  update person set consent_epoch = consent_epoch + 1
  where subject_id in (select subject_id from input where resource_type = 'Consent')
), deleted as (
  select r.id from resource r join input i using (subject_id, resource_type, id) where r.version_id is null
), current as (
  insert into resource as r (subject_id, resource_type, id, version_id, custodian, last_updated, tokens, points_to, date_from, date_until)
  select subject_id, resource_type, id, version_id, custodian, now(), tokens, points_to, date_from, date_until from input
  on conflict (subject_id, resource_type, id) do update
    -- Whoever began earlier may have waited for whoever began later: the order of the versions is that of the writes.
    set version_id = excluded.version_id, last_updated = greatest(excluded.last_updated, r.last_updated + interval '1 microsecond'),
      tokens = excluded.tokens,
      points_to = excluded.points_to, date_from = excluded.date_from, date_until = excluded.date_until
    where r.custodian = excluded.custodian
  returning r.id, r.last_updated, case when xmax = 0 or r.id in (select id from deleted) then 'create' else 'update' end as interaction
), version as (
  insert into resource_version (subject_id, resource_type, id, version_id, custodian, recorded, interaction, content, labels)
  select i.subject_id, i.resource_type, i.id, i.version_id, i.custodian, c.last_updated, c.interaction, i.content, i.labels
  from input i join current c using (id)
), event as (
  insert into delivery (subject_id, subscription_id, resource_type, id, version_id, interaction, occurred_at, due_at)
  select i.subject_id, s.subscription_id, i.resource_type, i.id, i.version_id, c.interaction, now(), now()
  from input i join current c using (id)
  join subscription s on s.activated_at is not null and s.status <> 'off' and i.resource_type = any (s.resource_types)
  where not exists (
    select 1 from jsonb_array_elements(s.filter) as clause
    where not exists (select 1 from jsonb_array_elements_text(clause) as token where token = any (i.tokens)))
  returning subscription_id
), receipt as (
  insert into message (client_id, message_id, body_sha256, receipt, received_at)
  select $3::text, $4::text, $5::bytea, $6::json, coalesce((select max(last_updated) from current), now()) where $3::text is not null
), audit as (
  insert into audit_event (audit_id, subject_id, kind, effect, organization_id, custodian, recipient, entry, leaf_hash)
  select audit_id, subject_id, kind, effect, organization_id, custodian, recipient, entry, decode(leaf_hash, 'hex')
  from json_to_recordset($2::json) as a (
    audit_id uuid, subject_id uuid, kind text, effect text, organization_id uuid, custodian uuid, recipient uuid,
    entry text, leaf_hash text)
)
select
  -- INVARIANT: all of it or nothing. The upsert skips a row of another custodian; then the whole statement fails.
  case when (select count(*) from current) < (select count(*) from input) then refuse('resource of another custodian') end,
  (select json_object_agg(id, interaction) from current) as interactions,
  coalesce((select last_updated from current where id = ($1::json -> 0 ->> 'id')::uuid), now()) as recorded,
  (select array_agg(distinct subscription_id) from event) as subscriptions`
