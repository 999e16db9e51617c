/**
 * When a consent is taken back: what was sent under it, who is told by a notification, and whom somebody has to tell.
 * GDPR 7(3): what was sent while it held was sent lawfully; whoever has it should know that the basis is gone.
 */
import type { Transaction } from '#store/database.ts'
import { type DisclosedUnder, disclosedUnder, queueRecalls } from '#store/recalls.ts'
import { openWorkItems } from '#store/tasks.ts'

export interface WithdrawnBasis {
  readonly subjectId: string
  readonly consentId: string
  /** The version that took the basis away. */
  readonly versionId: string
  /** Of a withdrawal in part: what has lost its basis. */
  readonly affected?: (all: readonly DisclosedUnder[]) => Promise<readonly DisclosedUnder[]>
}

export interface Consequences {
  /** Of every custodian: an answer shows each only its own. */
  readonly disclosed: readonly DisclosedUnder[]
  /** Organisations that a notification goes to. */
  readonly told: ReadonlySet<string>
  /** Subscriptions that now have work: wake them, after the commit. */
  readonly subscriptions: readonly string[]
}

/** In the transaction that takes the basis away, behind its lock. */
export async function recallBasis(
  tx: Transaction,
  { subjectId, consentId, versionId, affected }: WithdrawnBasis,
): Promise<Consequences> {
  const all = await disclosedUnder(tx, subjectId, consentId)
  const disclosed = affected ? await affected(all) : all
  const recalled = await queueRecalls(tx, { subjectId, consentId, versionId, disclosed })
  const told = new Set(recalled.map(({ organizationId }) => organizationId))
  await leaveToPerson(
    tx,
    { subjectId, consentId },
    disclosed.filter(({ recipient }) => !told.has(recipient)),
  )
  return { disclosed, told, subscriptions: recalled.map(({ subscriptionId }) => subscriptionId) }
}

/** A work item for each recipient that no notification reaches. */
export async function leaveToPerson(
  tx: Transaction,
  { subjectId, consentId }: Pick<WithdrawnBasis, 'subjectId' | 'consentId'>,
  untold: readonly DisclosedUnder[],
): Promise<void> {
  // Each custodian hears of the recipients of its own data, and of no other's.
  const pairs = new Map(untold.map((each) => [`${each.custodian} ${each.recipient}`, each]))
  await openWorkItems(
    tx,
    [...pairs.values()].map(({ custodian, recipient }) => ({
      code: 'basis-withdrawn-tell' as const,
      ownerOrganizationId: custodian,
      subjectId,
      focus: `Organization/${recipient}`,
      reason: 'consent-not-active',
      dedupeKey: `${consentId} ${recipient}`,
    })),
  )
}
