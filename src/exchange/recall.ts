/**
 * The notice to an earlier recipient that the basis of what it was given is gone. It names the consent and what was given
 * by ids that the recipient has, and never says what kind of information it was.
 */
import { randomUUID } from 'node:crypto'
import { auditRow } from '#audit/audit-row.ts'
import { leaveToPerson } from '#intake/withdrawn-basis.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import type { ClaimedDelivery } from '#store/deliveries.ts'
import { disclosedUnder, openRecalls } from '#store/recalls.ts'
import { findVersions } from '#store/resources.ts'
import type { DisclosureRequest } from './disclose.ts'

/** Before it is sent, in the transaction that claimed it: no audit row, no notice. */
export async function auditRecalls(
  tx: Transaction,
  request: DisclosureRequest,
  recalls: readonly ClaimedDelivery[],
): Promise<void> {
  if (recalls.length === 0) return
  const custodians = new Map(
    (await findVersions(tx, recalls)).map(({ versionId, custodian }) => [versionId, custodian]),
  )
  await appendAudit(
    tx,
    recalls.map(({ subjectId, id, versionId }) => {
      const custodian = custodians.get(versionId)
      return auditRow({
        v: 1,
        id: randomUUID(),
        kind: 'recall',
        at: request.now.toISOString(),
        outcome: 'success',
        subject: subjectId,
        client: request.clientId,
        organization: request.recipientId,
        recipient: request.recipientId,
        interaction: 'notification',
        resources: [{ type: 'Consent', id, version: versionId }],
        requestId: request.requestId,
        ...(custodian === undefined ? {} : { custodian }),
        ...(request.subscriptionId ? { subscription: request.subscriptionId } : {}),
      })
    }),
  )
}

interface Unsent {
  readonly subjectId: string
  readonly consentId: string
}

/** A recipient that no notice will reach has to be told by a person. */
export async function leaveRecalls(
  tx: Transaction,
  recipientId: string,
  unsent: readonly Unsent[],
): Promise<void> {
  for (const { subjectId, consentId } of unsent) {
    const disclosed = await disclosedUnder(tx, subjectId, consentId)
    await leaveToPerson(
      tx,
      { subjectId, consentId },
      disclosed.filter(({ recipient }) => recipient === recipientId),
    )
  }
}

/** Of a subscription that has ended. */
export async function leaveOpenRecalls(
  tx: Transaction,
  recipientId: string,
  subscriptionId: string,
): Promise<void> {
  await leaveRecalls(tx, recipientId, await openRecalls(tx, subscriptionId))
}

export function asUnsent({ subjectId, id }: Pick<ClaimedDelivery, 'subjectId' | 'id'>): Unsent {
  return { subjectId, consentId: id }
}
