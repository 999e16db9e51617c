/** What a decision at the door leaves behind: the audit rows, what a person must do, and the review of broken glass. */
import { auditRow } from '#audit/audit-row.ts'
import type { Decision } from '#consent/decision.ts'
import { appendAudit } from '#store/audit-log.ts'
import { openWorkItems } from '#store/tasks.ts'
import type { Door } from './decide-stored.ts'
import { disclosureEntry } from './disclosure-audit.ts'
import type { RecordVersion } from './disclosure-request.ts'
import { followUps } from './follow-up.ts'
import { recordOverrideUse } from './override-use.ts'

export interface Traced {
  readonly stored: RecordVersion
  readonly decision: Decision
  /** Present when it leaves. */
  readonly disclosure?: unknown
}

/** INVARIANT: in the transaction of the release. */
export async function leaveTraces(
  { tx, options, request, grant }: Omit<Door, 'heard'>,
  judged: readonly Traced[],
): Promise<void> {
  const ruleSetVersion = options.labelRules.version
  for (const { decision } of judged) options.onDecision(decision)
  const rows = judged.map(({ stored, decision, disclosure }) =>
    auditRow(
      disclosureEntry(request, grant, {
        stored,
        decision,
        ruleSetVersion,
        released: disclosure !== undefined,
      }),
    ),
  )
  const releases = judged.filter(({ disclosure }) => disclosure !== undefined)
  await Promise.all([
    appendAudit(tx, rows),
    openWorkItems(
      tx,
      judged.flatMap(({ stored, decision }) => followUps(stored, decision)),
    ),
    grant &&
      recordOverrideUse(
        tx,
        options,
        grant,
        releases.map(({ stored, decision: { reason, followUp = [] } }) => ({
          reason,
          followUp,
          custodian: stored.custodian,
        })),
        request.now,
      ),
  ])
}
