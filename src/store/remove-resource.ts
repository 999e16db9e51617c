/**
 * Takes a resource away, in one statement: no current version, a version that says so, what was not sent yet withheld, and
 * the audit row. Earlier versions stay, for their custodian's history and for questions about what was decided.
 */
import type { AuditRow } from '#audit/audit-row.ts'
import { auditRecords } from './audit-log.ts'
import type { Transaction } from './database.ts'

export interface Removal {
  readonly subjectId: string
  readonly resourceType: string
  readonly id: string
  /** Of the deletion. */
  readonly versionId: string
}

/** Kept with each delivery that was stopped. */
export const REMOVED = 'resource-deleted'

/** The caller holds the resource's lock (`lockResource`) and knows that it is there and whose it is. */
export async function removeResource(
  tx: Transaction,
  { subjectId, resourceType, id, versionId }: Removal,
  audit: AuditRow,
): Promise<void> {
  await tx.query({
    name: 'remove-resource',
    text: REMOVE,
    values: [subjectId, resourceType, id, versionId, REMOVED, JSON.stringify(auditRecords([audit]))],
  })
}

/** A delivery that a worker is sending at this moment is that worker's to settle: if it has to try again, nothing is found to send. */
const REMOVE = `
with gone as (
  update resource set version_id = null, last_updated = greatest(now(), last_updated + interval '1 microsecond'), tokens = '{}', points_to = '{}'
  where subject_id = $1 and resource_type = $2 and id = $3 returning custodian, last_updated
), version as (
  insert into resource_version (subject_id, resource_type, id, version_id, custodian, recorded, interaction)
  select $1, $2, $3, $4, custodian, last_updated, 'delete' from gone
), unsent as (
  update delivery set state = 'withheld', reason = $5, lease_until = null, settled_at = now()
  where subject_id = $1 and id = $3 and kind = 'change' and state = 'open' and (lease_until is null or lease_until < now())
)
insert into audit_event (audit_id, subject_id, kind, effect, organization_id, custodian, recipient, entry, leaf_hash)
select audit_id, subject_id, kind, effect, organization_id, custodian, recipient, entry, decode(leaf_hash, 'hex')
from json_to_recordset($6::json) as a (
  audit_id uuid, subject_id uuid, kind text, effect text, organization_id uuid, custodian uuid, recipient uuid,
  entry text, leaf_hash text)`
