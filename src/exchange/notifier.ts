import type { Egress } from '#egress/post.ts'
import type { Database } from '#store/database.ts'
import type { Settlement } from '#store/deliveries.ts'
import type { DiscloseOptions } from './disclose.ts'

/** What sending works with. */
export interface Notifier extends DiscloseOptions {
  readonly database: Database
  readonly egress: Egress
  readonly fhirBase: string
  readonly now: () => Date
  readonly newId: () => string
  /** From 0 to 1. */
  readonly random: () => number
  /** True once the process has been told to stop: what is not claimed by then is the next worker's. */
  readonly isStopping: () => boolean
  readonly onSettled: (settlement: Pick<Settlement, 'state' | 'reason'>, occurredAt: Date | undefined) => void
}
