/**
 * Sends a subscription's events. Each is decided about when it is sent: claim, decision, audit row and event number are
 * one transaction, and only what it released is posted. Consent withdrawn before that transaction stops the event.
 */
import type { Bundle } from '@medplum/fhirtypes'
import { allows, parseScopes } from '#auth/scopes.ts'
import { type Egress, EgressError } from '#egress/post.ts'
import { findClient } from '#store/clients.ts'
import type { Database, Transaction } from '#store/database.ts'
import {
  claimDeliveries,
  type ClaimedDelivery,
  numberDeliveries,
  settleDeliveries,
  type Settlement,
  withholdAll,
} from '#store/deliveries.ts'
import { findVersions } from '#store/resources.ts'
import {
  claimHandshake,
  findSubscription,
  lockSubscription,
  moveSubscription,
  type StoredSubscription,
} from '#store/subscriptions.ts'
import {
  disclose,
  type DiscloseOptions,
  type Disclosure,
  type DisclosureRequest,
  type Judged,
  recordRefusal,
} from './disclose.ts'
import { eventBundle, handshakeBundle } from './notification-bundle.ts'
import { type Attempted, nextAfter } from './retry-schedule.ts'

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

/** Posted at once, then settled together: few enough that a crash in between repeats little. */
const BATCH = 32

/** The client was disabled, or its registration no longer has the scope: no consent is asked. */
const NOT_ENTITLED = 'client-not-entitled'

/** Runs until nothing of this subscription is due, or a stop. Safe to run twice at once: claims do not overlap. */
export async function drain(notifier: Notifier, subscriptionId: string): Promise<void> {
  while (!notifier.isStopping()) {
    const turn = await notifier.database.transaction((tx) => authorise(tx, notifier, subscriptionId))
    if (turn === 'nothing') return
    if (turn === 'handshake') {
      if (!(await handshake(notifier, subscriptionId))) return
      continue
    }
    const { subscription, events, more } = turn
    const settlements = await Promise.all(events.map((event) => send(notifier, subscription, event)))
    await settleDeliveries(notifier.database, settlements)
    settlements.forEach((settlement, i) => notifier.onSettled(settlement, events[i]?.claimed.occurredAt))
    if (settlements.some(({ reason }) => reason === 'http-410')) await end(notifier, subscription)
    // What came in since then has its own wake-up.
    if (!more) return
  }
}

interface AuthorisedEvent {
  readonly claimed: ClaimedDelivery
  readonly number: number
  readonly disclosure: Disclosure
}

interface Authorised {
  readonly subscription: StoredSubscription
  readonly events: readonly AuthorisedEvent[]
  /** Whether the same turn again would find something. */
  readonly more: boolean
}

/**
 * Claims what is due and decides about it.
 * INVARIANT: what this transaction does not release is not sent, and what it releases has its audit row.
 */
async function authorise(
  tx: Transaction,
  notifier: Notifier,
  subscriptionId: string,
): Promise<Authorised | 'handshake' | 'nothing'> {
  const subscription = await lockSubscription(tx, notifier.seal, subscriptionId)
  if (subscription?.status === 'requested') return 'handshake'
  if (subscription?.status === 'off') await withholdRest(tx, notifier, subscriptionId)
  if (subscription?.status !== 'active') return 'nothing'
  const claimed = await claimDeliveries(tx, subscriptionId, BATCH)
  const [first] = claimed
  if (!first) return 'nothing'
  const [client, versions] = await Promise.all([
    findClient(tx, subscription.clientId),
    findVersions(tx, claimed),
  ])
  const may = (type: string): boolean =>
    client !== undefined && !client.disabled && allows(parseScopes(client.scopes), type, 'r')
  const request: DisclosureRequest = {
    recipientId: subscription.organizationId,
    clientId: subscription.clientId,
    purposeOfUse: client?.purposeOfUse ?? [],
    action: 'disclose',
    interaction: 'notification',
    now: first.now,
    requestId: notifier.newId(),
    subscriptionId,
    clauses: subscription.filter,
  }
  const entitled = versions.filter((stored) => may(stored.resourceType))
  const judged = await disclose(tx, notifier, request, entitled)
  const others = versions.filter((stored) => !may(stored.resourceType))
  await recordRefusal(tx, request, others, NOT_ENTITLED)
  const byVersion = new Map(judged.map((each) => [each.stored.versionId, each]))
  const withheld = claimed.filter(({ versionId }) => !byVersion.get(versionId)?.disclosure)
  const [events] = await Promise.all([
    numbered(tx, subscription, claimed, byVersion),
    withhold(tx, notifier, withheld, byVersion),
  ])
  const more = claimed.length === BATCH || claimed.some(({ followed }) => followed)
  return { subscription, events, more }
}

/** A number at the first release, in claim order; a repeated attempt keeps its own. A refused event never takes one. */
async function numbered(
  tx: Transaction,
  { id }: StoredSubscription,
  claimed: readonly ClaimedDelivery[],
  judged: ReadonlyMap<string, Judged>,
): Promise<AuthorisedEvent[]> {
  const released = claimed.flatMap((each) => {
    const disclosure = judged.get(each.versionId)?.disclosure
    return disclosure ? [{ claimed: each, disclosure }] : []
  })
  const fresh = released.flatMap((each) => (each.claimed.eventNumber === undefined ? [each.claimed] : []))
  const numbers = await numberDeliveries(tx, id, fresh)
  return released.map((each) => {
    const number = each.claimed.eventNumber ?? numbers.get(each.claimed.deliveryId)
    if (number === undefined) throw new Error('a released event got no number')
    return { ...each, number }
  })
}

async function withhold(
  tx: Transaction,
  notifier: Notifier,
  withheld: readonly ClaimedDelivery[],
  judged: ReadonlyMap<string, Judged>,
): Promise<void> {
  const settlements = withheld.map(({ subjectId, deliveryId, fence, versionId }) => ({
    subjectId,
    deliveryId,
    fence,
    state: 'withheld' as const,
    reason: judged.get(versionId)?.decision.reason ?? NOT_ENTITLED,
  }))
  await settleDeliveries(tx, settlements)
  for (const settlement of settlements) notifier.onSettled(settlement, undefined)
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
  const bundle = eventBundle(frame, subscription, { number, occurredAt, interaction, disclosure })
  const attempted = await post(notifier, subscription, bundle, `${subscription.id}-${number}`)
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

async function post(
  notifier: Notifier,
  subscription: StoredSubscription,
  bundle: Bundle,
  webhookId: string,
): Promise<Attempted> {
  const headers: Record<string, string> = {}
  for (const line of subscription.headers) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon)] = line.slice(colon + 1).trim()
  }
  headers['content-type'] = subscription.content.channel.payload ?? 'application/fhir+json'
  headers['webhook-id'] = webhookId
  headers['x-request-id'] = notifier.newId()
  try {
    return await notifier.egress.post(
      { url: subscription.endpoint, headers, timeoutMs: subscription.timeoutMs },
      JSON.stringify(bundle),
    )
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
    if (error.code === 'blocked') return { failure: 'blocked' }
    if (error.code === 'closed') return { failure: 'stopped' }
    return { failure: error.code === 'timeout' ? 'timeout' : 'unreachable' }
  }
}

/**
 * One try: 2xx makes it active, anything else an error that the client sees and may undo with a PUT. False when somebody
 * else has it, or it did not come to an answer.
 */
async function handshake(notifier: Notifier, subscriptionId: string): Promise<boolean> {
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
  const attempted = await post(notifier, subscription, bundle, `${subscriptionId}-h${notifier.newId()}`)
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

/** What was still to be sent when the subscription ended: counted as withheld, or it would be open for ever. */
async function withholdRest(tx: Transaction, notifier: Notifier, subscriptionId: string): Promise<void> {
  const reason = 'subscription-off'
  const ended = await withholdAll(tx, subscriptionId, reason)
  for (let i = 0; i < ended; i++) notifier.onSettled({ state: 'withheld', reason }, undefined)
}
