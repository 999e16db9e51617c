/** The audit entry of what somebody did with work items. */
import type { AuditEntry } from '#audit/audit-row.ts'
import type { Call, Exchange } from './call.ts'
import { NOBODY } from './citizen-asked.ts'

/** Also of what was not found: that somebody asked is a fact of its own. */
export function workItemEntry(
  exchange: Exchange,
  { requester, requestId }: Call,
  interaction: 'search-type' | 'read' | 'update' | '$reason',
  item: { readonly subjectId?: string | undefined; readonly id?: string; readonly versionId?: string },
): AuditEntry {
  const { subjectId, id, versionId } = item
  return {
    v: 1,
    id: exchange.newId(),
    kind: 'work-item',
    at: exchange.now().toISOString(),
    outcome: 'success',
    client: requester.clientId,
    organization: requester.organizationId,
    purposeOfUse: requester.purposeOfUse,
    interaction,
    requestId,
    ...(subjectId && subjectId !== NOBODY ? { subject: subjectId } : {}),
    ...(id ? { resources: [{ type: 'Task', id, ...(versionId ? { version: versionId } : {}) }] } : {}),
  }
}
