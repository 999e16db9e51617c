/** The audit entry of what somebody read or wrote in the directory: about no citizen, so it has no subject. */
import type { AuditEntry } from '#audit/audit-row.ts'
import type { Call, Exchange } from './call.ts'
import { ordinaryPurposes } from './override-use.ts'

export function directoryEntryOf(
  exchange: Exchange,
  { requester, requestId, resourceType }: Call,
  interaction: 'create' | 'read' | 'vread' | 'history-instance' | 'update' | 'delete' | 'search-type',
  entry?: { readonly id: string; readonly versionId?: string },
): AuditEntry {
  return {
    v: 1,
    id: exchange.newId(),
    kind: 'directory',
    at: exchange.now().toISOString(),
    outcome: 'success',
    client: requester.clientId,
    organization: requester.organizationId,
    purposeOfUse: ordinaryPurposes(requester.purposeOfUse),
    interaction,
    requestId,
    ...(entry && {
      resources: [
        { type: resourceType, id: entry.id, ...(entry.versionId ? { version: entry.versionId } : {}) },
      ],
    }),
  }
}
