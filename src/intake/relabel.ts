/**
 * Labels what is stored under the rules in force, in the background: a resource a step, a batch a transaction, and from
 * where the last worker stopped. Decisions do not wait for it (exchange/labels-in-force.ts); it spares them the work.
 */
import type { LabelRuleSet } from '#label/rule-set.ts'
import type { Database, Transaction } from '#store/database.ts'
import { wakeHeld } from '#store/deliveries.ts'
import { addLabels, resourcesAfter } from '#store/labels.ts'
import { claimRelabelling, moveRelabelling } from '#store/rule-sets.ts'
import { contentLabels } from './content-labels.ts'

/** Some 10 ms of a processor: what waits in the same process hardly notices. */
const BATCH = 100

export interface RelabelOptions {
  readonly database: Database
  readonly labelRules: LabelRuleSet
  readonly isStopping: () => boolean
  /** After each batch: how many versions got labels, and how many could not be labelled and stay withheld. */
  readonly onBatch: (batch: RelabelledBatch) => void
  /** Subscriptions whose deliveries were held for want of labels. */
  readonly wake: (subscriptionIds: readonly string[]) => Promise<void>
  /** Between two batches, so that it takes no more than a part of the database's time. */
  readonly pause: () => Promise<void>
}

export interface RelabelledBatch {
  readonly labelled: number
  readonly failed: number
  readonly last: boolean
}

/** Returns when all is labelled, when another worker is at it, or when told to stop. */
export async function relabel(options: RelabelOptions): Promise<void> {
  while (!options.isStopping()) {
    const batch = await options.database.transaction((tx) => relabelBatch(tx, options.labelRules))
    if (!batch) return
    options.onBatch(batch)
    if (batch.last) return options.wake(await wakeHeld(options.database))
    await options.pause()
  }
}

async function relabelBatch(tx: Transaction, rules: LabelRuleSet): Promise<RelabelledBatch | undefined> {
  const claimed = await claimRelabelling(tx, rules.version)
  if (!claimed) return undefined
  const found = await resourcesAfter(tx, rules.version, { after: claimed.after, limit: BATCH })
  const older = found.filter(({ labels }) => labels.ruleSetVersion !== rules.version)
  const labelled = older.flatMap((one) => {
    const labels = contentLabels(one, rules)
    return labels ? [{ subjectId: one.subjectId, id: one.id, versionId: one.versionId, labels }] : []
  })
  await addLabels(tx, labelled)
  const last = found.length < BATCH
  await moveRelabelling(tx, rules.version, {
    after: last ? undefined : found.at(-1),
    labelled: labelled.length,
  })
  return { labelled: labelled.length, failed: older.length - labelled.length, last }
}
