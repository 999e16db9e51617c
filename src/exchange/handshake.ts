/** The handshake of a requested subscription. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html */
import { claimHandshake, findSubscription, moveSubscription } from '#store/subscriptions.ts'
import { handshakeBundle } from './notification-bundle.ts'
import type { Notifier } from './notifier.ts'
import { postNotification } from './post-notification.ts'
import { type Attempted, nextAfter } from './retry-schedule.ts'

/**
 * One try: 2xx makes it active, anything else an error that the client sees and may undo with a PUT. False when somebody
 * else has it, or it did not come to an answer.
 */
export async function handshake(notifier: Notifier, subscriptionId: string): Promise<boolean> {
  const { database } = notifier
  if (!(await claimHandshake(database, subscriptionId))) return false
  const subscription = await findSubscription(database, notifier.seal, subscriptionId)
  if (!subscription) return false
  const frame = {
    fhirBase: notifier.fhirBase,
    bundleId: notifier.newId(),
    statusId: notifier.newId(),
    timestamp: notifier.now(),
  }
  const bundle = handshakeBundle(frame, subscription)
  const attempted = await postNotification(
    notifier,
    subscription,
    bundle,
    `${subscriptionId}-h${notifier.newId()}`,
  )
  // Cut off by our own stop, it says nothing about the endpoint: its claim runs out, and another worker repeats it.
  if ('failure' in attempted && attempted.failure === 'stopped') return false
  const error = handshakeFault(attempted)
  const status = error === undefined ? 'active' : 'error'
  return moveSubscription(database, subscriptionId, ['requested'], status, error, subscription.versionId)
}

function handshakeFault(attempted: Attempted): string | undefined {
  if (nextAfter(1, attempted, 0).kind === 'delivered') return undefined
  const found = 'status' in attempted ? `HTTP ${attempted.status}` : attempted.failure
  return `the handshake got ${found} instead of 2xx; correct the endpoint and PUT the subscription with status requested`
}
