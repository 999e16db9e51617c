/** The audit row of a decision at the door: permit and deny alike, with what was withheld by path and never by content. */
import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '#audit/audit-row.ts'
import type { Decision } from '#consent/decision.ts'
import type { OverrideGrant } from '#store/overrides.ts'
import type { DisclosureRequest, RecordVersion } from './disclosure-request.ts'
import { overrideMark } from './override-use.ts'

export interface Decided {
  readonly stored: RecordVersion
  readonly decision: Decision
  /** The rules that labelled it for this decision. */
  readonly ruleSetVersion: string
  /** Whether it left. */
  readonly released: boolean
}

export function disclosureEntry(
  request: DisclosureRequest,
  grant: OverrideGrant | undefined,
  { stored, decision, ruleSetVersion, released }: Decided,
): AuditEntry {
  return {
    ...entryOf(request, stored),
    ruleSet: ruleSetVersion,
    outcome: released ? 'success' : 'refused',
    effect: decision.effect,
    reason: decision.reason,
    basis: decision.basis,
    withheld: decision.withheld.map((each) => each.path),
    ...(decision.law !== undefined && { law: decision.law }),
    ...overrideMark(grant, stored.subjectId, decision),
  }
}

/** A refusal that no consent was asked about, since the client itself may not have it. */
export function refusalEntry(
  request: DisclosureRequest,
  stored: RecordVersion & { readonly labels: { readonly ruleSetVersion: string } },
  reason: string,
): AuditEntry {
  const ruleSet = stored.labels.ruleSetVersion
  return { ...entryOf(request, stored), ruleSet, outcome: 'refused', effect: 'deny', reason }
}

function entryOf(request: DisclosureRequest, stored: RecordVersion): Omit<AuditEntry, 'outcome'> {
  return {
    v: 1,
    id: randomUUID(),
    kind: 'disclose',
    at: request.now.toISOString(),
    subject: stored.subjectId,
    client: request.clientId,
    organization: request.recipientId,
    custodian: stored.custodian,
    recipient: request.recipientId,
    purposeOfUse: request.purposeOfUse,
    interaction: request.interaction,
    resources: [{ type: stored.resourceType, id: stored.id, version: stored.versionId }],
    requestId: request.requestId,
    ...(request.legalBasis && { legalBasis: request.legalBasis }),
    ...(request.consentReferences && { consentReference: request.consentReferences }),
    ...(request.subscriptionId ? { subscription: request.subscriptionId } : {}),
  }
}
