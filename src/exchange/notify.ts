/** Sends a subscription's events: what `authorise-events.ts` released, and nothing else, is posted. */
import { settleDeliveries, type Settlement } from '#store/deliveries.ts'
import { moveSubscription, type StoredSubscription } from '#store/subscriptions.ts'
import { type AuthorisedEvent, authoriseEvents } from './authorise-events.ts'
import { handshake } from './handshake.ts'
import { eventBundle, recallBundle } from './notification-bundle.ts'
import type { Notifier } from './notifier.ts'
import { postNotification } from './post-notification.ts'
import { asUnsent, leaveRecalls } from './recall.ts'
import { nextAfter } from './retry-schedule.ts'

/** Runs until nothing of this subscription is due, or a stop. Safe to run twice at once: claims do not overlap. */
export async function drain(notifier: Notifier, subscriptionId: string): Promise<void> {
  while (!notifier.isStopping()) {
    const turn = await notifier.database.transaction((tx) => authoriseEvents(tx, notifier, subscriptionId))
    if (turn === 'nothing') return
    if (turn === 'handshake') {
      if (!(await handshake(notifier, subscriptionId))) return
      continue
    }
    const { subscription, events, more } = turn
    const settlements = await Promise.all(events.map((event) => send(notifier, subscription, event)))
    await settle(notifier, subscription, events, settlements)
    settlements.forEach((settlement, i) => notifier.onSettled(settlement, events[i]?.claimed.occurredAt))
    if (settlements.some(({ reason }) => reason === 'http-410')) await end(notifier, subscription)
    // What came in since then has its own wake-up.
    if (!more) return
  }
}

async function settle(
  { database }: Notifier,
  { organizationId }: StoredSubscription,
  events: readonly AuthorisedEvent[],
  settlements: readonly Settlement[],
): Promise<void> {
  const lost = events.filter(
    ({ claimed }, index) => claimed.kind === 'recall' && settlements[index]?.state === 'dead',
  )
  if (lost.length === 0) {
    await settleDeliveries(database, settlements)
    return
  }
  await database.transaction(async (tx) => {
    await settleDeliveries(tx, settlements)
    await leaveRecalls(
      tx,
      organizationId,
      lost.map(({ claimed }) => asUnsent(claimed)),
    )
  })
}

async function send(
  notifier: Notifier,
  subscription: StoredSubscription,
  event: AuthorisedEvent,
): Promise<Settlement> {
  const { claimed, disclosure, number } = event
  const { occurredAt, interaction, subjectId, deliveryId, fence } = claimed
  const frame = {
    fhirBase: notifier.fhirBase,
    // Fixed by the event, so that a repeated attempt sends the same bytes while the decision is the same.
    bundleId: notifier.seal.deriveId('bundle', subscription.id, String(number)),
    statusId: notifier.seal.deriveId('status', subscription.id, String(number)),
    timestamp: occurredAt,
  }
  const bundle = disclosure
    ? eventBundle(frame, subscription, { number, occurredAt, interaction, disclosure })
    : recallBundle(frame, subscription, {
        number,
        occurredAt,
        consentId: claimed.id,
        received: claimed.recalled,
      })
  const attempted = await postNotification(notifier, subscription, bundle, `${subscription.id}-${number}`)
  const next = nextAfter(claimed.attempt, attempted, notifier.random())
  const status = 'status' in attempted ? { lastStatus: attempted.status } : {}
  const row = { subjectId, deliveryId, fence, ...status }
  switch (next.kind) {
    case 'delivered':
      return { ...row, state: 'delivered' }
    case 'gone':
      return { ...row, state: 'dead', reason: 'http-410' }
    case 'retry':
      return { ...row, state: 'open', reason: next.reason, retryInMs: next.inMs }
    case 'dead':
      return { ...row, state: 'dead', reason: next.reason }
  }
}

async function end({ database }: Notifier, { id, versionId }: StoredSubscription): Promise<void> {
  await moveSubscription(
    database,
    id,
    ['active', 'requested', 'error'],
    'off',
    'the endpoint answered 410 Gone',
    versionId,
  )
}
