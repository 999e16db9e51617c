/** The append-only audit log. There is no function here that changes or removes a row, and the database refuses both. */
import type { AuditRow } from '#audit/audit-row.ts'
import type { Queryable, Transaction } from './database.ts'

export interface AuditRecord {
  readonly audit_id: string
  readonly subject_id: string | null
  readonly kind: string
  readonly effect: string | null
  readonly organization_id: string | null
  readonly custodian: string | null
  readonly recipient: string | null
  readonly entry: string
  readonly leaf_hash: string
}

export function auditRecords(rows: readonly AuditRow[]): AuditRecord[] {
  return rows.map(({ entry, canonical, leafHash }) => ({
    audit_id: entry.id,
    subject_id: entry.subject ?? null,
    kind: entry.kind,
    effect: entry.effect ?? null,
    organization_id: entry.organization ?? null,
    custodian: entry.custodian ?? null,
    recipient: entry.recipient ?? null,
    entry: canonical,
    leaf_hash: leafHash,
  }))
}

/** Appends in the transaction of the effect: no audit row, no effect. */
export async function appendAudit(tx: Transaction, rows: readonly AuditRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.query({
    name: 'append-audit',
    text: `
insert into audit_event (audit_id, subject_id, kind, effect, organization_id, custodian, recipient, entry, leaf_hash)
select audit_id, subject_id, kind, effect, organization_id, custodian, recipient, entry, decode(leaf_hash, 'hex')
from json_to_recordset($1::json) as a (
  audit_id uuid, subject_id uuid, kind text, effect text, organization_id uuid, custodian uuid, recipient uuid,
  entry text, leaf_hash text)`,
    values: [JSON.stringify(auditRecords(rows))],
  })
}

export interface AuditQuery {
  /**
   * The privacy officer's organisation: what was done with data that it holds, and what it did or received itself. That
   * something was denied is for the custodian alone: it would tell the recipient that there is something.
   */
  readonly organizationId: string
  /** Supervision sees each change of the registry, whoever's it is. */
  readonly oversight?: true
  readonly subjectId?: string
  readonly id?: string
  readonly outcome?: 'success' | 'refused'
  /** Only those in which the glass was broken. */
  readonly overridesOnly?: true
  /** Of the last event of the page before, in microseconds since 1970: a Date would lose the last three digits. */
  readonly before?: { readonly recordedUs: number; readonly id: string }
  readonly from?: Date
  /** The first instant that is too late. */
  readonly until?: Date
  readonly limit: number
}

export interface StoredAudit {
  readonly audit_id: string
  readonly recorded: Date
  readonly recorded_us: number
  readonly entry: string
  readonly leaf_hash: Buffer
  /** False where the citizen's being known here is itself what the reader must not learn. */
  readonly tells_subject: boolean
}

/**
 * Newest first, keyset pages. A question about a citizen shows whom it was about only to an organisation that holds
 * something of that citizen, or was given something, when it asked: else its own question would tell it that others held something,
 * at the latest when it sends in something itself.
 */
export async function searchAudit(db: Queryable, query: AuditQuery): Promise<StoredAudit[]> {
  return db.query<StoredAudit>({
    name: 'search-audit',
    text: `
select audit_id, recorded, (extract(epoch from recorded) * 1000000)::bigint as recorded_us, entry, leaf_hash, tells_subject
from audit_event e
cross join lateral (
  select e.kind not in ('search', 'audit-read', 'work-item', 'override', 'decide') or exists (
    select 1 from audit_event k
    where k.subject_id = e.subject_id and (k.custodian = $1 or (k.recipient = $1 and k.effect = 'permit'))
      and k.recorded <= e.recorded
  ) as tells_subject) t
where (custodian = $1 or (effect is distinct from 'deny' and (organization_id = $1 or recipient = $1))
    or ($11 and kind = 'registry-change'))
  and ($2::uuid is null or (subject_id = any (same_citizen($2)) and tells_subject))
  and ($3::uuid is null or audit_id = $3)
  and ($4::text is null or entry::json ->> 'outcome' = $4)
  and ($5::bigint is null
    or (recorded, audit_id) < (timestamptz 'epoch' + $5::bigint * interval '1 microsecond', $6::uuid))
  and ($7::timestamptz is null or recorded >= $7)
  and ($8::timestamptz is null or recorded < $8)
  and ($10::boolean is null or entry::json -> 'override' is not null)
order by recorded desc, audit_id desc
limit $9`,
    values: [
      query.organizationId,
      query.subjectId ?? null,
      query.id ?? null,
      query.outcome ?? null,
      query.before?.recordedUs ?? null,
      query.before?.id ?? null,
      query.from ?? null,
      query.until ?? null,
      query.limit,
      query.overridesOnly ?? null,
      query.oversight ?? false,
    ],
  })
}
