/** Merges, unmerges and confirmations, each with its audit rows: everybody who holds something of the citizen finds it. */
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { appendAudit } from './audit-log.ts'
import type { Transaction } from './database.ts'
import {
  confirmConsent,
  type Holding,
  type Linked,
  mergePersons,
  type SuspendedConsent,
  unmergePerson,
} from './merged-persons.ts'

export interface Operator {
  /** Who did it, at the command line. */
  readonly operator: string
  readonly now: () => Date
  readonly newId: () => string
}

export async function mergeAudited(
  tx: Transaction,
  by: Operator,
  persons: { readonly from: string; readonly into: string },
): Promise<Linked> {
  const linked = await mergePersons(tx, persons)
  await auditLinked(tx, by, 'person-merge', linked)
  return linked
}

export async function unmergeAudited(tx: Transaction, by: Operator, subjectId: string): Promise<Linked> {
  const linked = await unmergePerson(tx, subjectId)
  await auditLinked(tx, by, 'person-unmerge', linked)
  return linked
}

/** Undefined when the consent does not wait for anybody. */
export async function confirmAudited(
  tx: Transaction,
  by: Operator,
  consentId: string,
): Promise<SuspendedConsent | undefined> {
  const confirmed = await confirmConsent(tx, consentId)
  if (confirmed) await appendAudit(tx, [rowOf(by, 'consent-confirm', confirmed, [confirmed.consentId])])
  return confirmed
}

async function auditLinked(
  tx: Transaction,
  by: Operator,
  interaction: string,
  { subjectIds, suspended, holders }: Linked,
): Promise<void> {
  const held = holders.map((holding) => {
    const own = suspended.filter(
      ({ subjectId, custodian }) => subjectId === holding.subjectId && custodian === holding.custodian,
    )
    return rowOf(
      by,
      interaction,
      holding,
      own.map(({ consentId }) => consentId),
    )
  })
  // Of one whom nobody holds anything of, the log alone knows it.
  const without = subjectIds.filter((each) => !holders.some(({ subjectId }) => subjectId === each))
  await appendAudit(tx, [...held, ...without.map((subjectId) => rowOf(by, interaction, { subjectId }, []))])
}

/** Each organisation reads of the subject that it knows, and of no other: whom it was merged with may be theirs to know. */
function rowOf(
  { operator, now, newId }: Operator,
  interaction: string,
  { subjectId, custodian }: Pick<Holding, 'subjectId'> & Partial<Pick<Holding, 'custodian'>>,
  consentIds: readonly string[],
): ReturnType<typeof auditRow> {
  const entry: AuditEntry = {
    v: 1,
    id: newId(),
    kind: 'person-link',
    at: now().toISOString(),
    outcome: 'success',
    operator,
    interaction,
    subject: subjectId,
    ...(custodian === undefined ? {} : { custodian }),
    ...(consentIds.length > 0 ? { resources: consentIds.map((id) => ({ type: 'Consent', id })) } : {}),
  }
  return auditRow(entry)
}
