/**
 * Decides about a subscription's events at the moment they are sent: claim, decision, audit row and event number are one
 * transaction. Consent withdrawn before it stops the event.
 */
import { stillAnswers } from '#redact/still-answers.ts'
import { allows, parseScopes } from '#auth/scopes.ts'
import { findClient } from '#store/clients.ts'
import type { Transaction } from '#store/database.ts'
import {
  claimDeliveries,
  type ClaimedDelivery,
  numberDeliveries,
  settleDeliveries,
  type Settlement,
  withholdAll,
} from '#store/deliveries.ts'
import { REMOVED } from '#store/remove-resource.ts'
import { findVersions, type StoredResource } from '#store/resources.ts'
import { lockSubscription, type StoredSubscription } from '#store/subscriptions.ts'
import { disclose, type Disclosure, type DisclosureRequest, type Judged, recordRefusal } from './disclose.ts'
import type { Notifier } from './notifier.ts'
import { ordinaryPurposes } from './override-use.ts'
import { asUnsent, auditRecalls, leaveOpenRecalls, leaveRecalls } from './recall.ts'
import { withinScope } from './within-scope.ts'

/** Posted at once, then settled together: few enough that a crash in between repeats little. */
const BATCH = 32

/** Labels are wanting only while something is wrong with them; the relabelling makes these due when it is through. */
const HELD_MS = 60_000

/** The client was disabled, or its registration no longer has the scope: no consent is asked. */
const NOT_ENTITLED = 'client-not-entitled'

export interface AuthorisedEvent {
  readonly claimed: ClaimedDelivery
  readonly number: number
  /** Absent in a recall, which carries no content. */
  readonly disclosure: Disclosure | undefined
}

export interface Authorised {
  readonly subscription: StoredSubscription
  readonly events: readonly AuthorisedEvent[]
  /** Whether the same turn again would find something. */
  readonly more: boolean
}

/**
 * Claims what is due and decides about it.
 * INVARIANT: what this transaction does not release is not sent, and what it releases has its audit row.
 */
export async function authoriseEvents(
  tx: Transaction,
  notifier: Notifier,
  subscriptionId: string,
): Promise<Authorised | 'handshake' | 'nothing'> {
  const subscription = await lockSubscription(tx, notifier.seal, subscriptionId)
  if (subscription?.status === 'requested') return 'handshake'
  if (subscription?.status === 'off') await withholdRest(tx, notifier, subscription)
  if (subscription?.status !== 'active') return 'nothing'
  const claimed = await claimDeliveries(tx, subscriptionId, {
    limit: BATCH,
    deadlineMs: subscription.timeoutMs,
  })
  const [first] = claimed
  if (!first) return 'nothing'
  const recalls = claimed.filter(({ kind }) => kind === 'recall')
  const changes = claimed.filter(({ kind }) => kind === 'change')
  const [client, versions] = await Promise.all([
    findClient(tx, subscription.clientId),
    findVersions(tx, changes),
  ])
  const may = (type: string): boolean =>
    client !== undefined && !client.disabled && allows(parseScopes(client.scopes), type, 'r')
  const request: DisclosureRequest = {
    recipientId: subscription.organizationId,
    clientId: subscription.clientId,
    // Nobody is there who could break the glass.
    purposeOfUse: ordinaryPurposes(client?.purposeOfUse ?? []),
    action: 'disclose',
    interaction: 'notification',
    now: first.now,
    requestId: notifier.newId(),
    subscriptionId,
    withinScope: withinScope(parseScopes(client?.scopes ?? []), 'r'),
    stillFits: stillAnswers(aboutContent(subscription.filter)),
  }
  const entitled = versions.filter((stored) => may(stored.resourceType))
  const judged = await disclose(tx, notifier, request, entitled)
  const others = versions.filter((stored) => !may(stored.resourceType))
  await recordRefusal(tx, request, others, NOT_ENTITLED)
  const byVersion = new Map(judged.map((each) => [each.stored.versionId, each]))
  const told = client !== undefined && !client.disabled ? recalls : []
  const untold = recalls.filter((each) => !told.includes(each))
  const withheld = changes.filter(({ versionId }) => !byVersion.get(versionId)?.disclosure)
  await auditRecalls(tx, request, told)
  await leaveRecalls(tx, subscription.organizationId, untold.map(asUnsent))
  const [events] = await Promise.all([
    numbered(tx, subscription, released(claimed, told, byVersion)),
    withhold(tx, notifier, [...withheld, ...untold], (each) => whyWithheld(each, versions, byVersion)),
  ])
  const more = claimed.length === BATCH || claimed.some(({ followed }) => followed)
  return { subscription, events, more }
}

/** The citizen is no secret of the content. */
function aboutContent(filter: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return filter.filter((clause) => !clause.some((token) => token.startsWith('subject=')))
}

type Released = Omit<AuthorisedEvent, 'number'>

/** In claim order: what was decided to go, and recalls, which nothing has to be decided about. */
function released(
  claimed: readonly ClaimedDelivery[],
  told: readonly ClaimedDelivery[],
  judged: ReadonlyMap<string, Judged>,
): readonly Released[] {
  return claimed.flatMap((each): readonly Released[] => {
    if (each.kind === 'recall') return told.includes(each) ? [{ claimed: each, disclosure: undefined }] : []
    const disclosure = judged.get(each.versionId)?.disclosure
    return disclosure ? [{ claimed: each, disclosure }] : []
  })
}

/** A number at the first release; a repeated attempt keeps its own. A refused event never takes one. */
async function numbered(
  tx: Transaction,
  { id }: StoredSubscription,
  events: readonly Released[],
): Promise<AuthorisedEvent[]> {
  const fresh = events.flatMap((each) => (each.claimed.eventNumber === undefined ? [each.claimed] : []))
  const numbers = await numberDeliveries(tx, id, fresh)
  return events.map((each) => {
    const number = each.claimed.eventNumber ?? numbers.get(each.claimed.deliveryId)
    if (number === undefined) throw new Error('a released event got no number')
    return { ...each, number }
  })
}

async function withhold(
  tx: Transaction,
  notifier: Notifier,
  withheld: readonly ClaimedDelivery[],
  reasonOf: (claimed: ClaimedDelivery) => string,
): Promise<void> {
  const settlements = withheld.map((claimed): Settlement => {
    const { subjectId, deliveryId, fence } = claimed
    const reason = reasonOf(claimed)
    const row = { subjectId, deliveryId, fence, reason }
    // Without labels nobody has decided yet: what waits for them is held, not settled.
    return reason === 'not-labelled'
      ? { ...row, state: 'open', held: true, retryInMs: HELD_MS }
      : { ...row, state: 'withheld' }
  })
  await settleDeliveries(tx, settlements)
  for (const settlement of settlements) notifier.onSettled(settlement, undefined)
}

function whyWithheld(
  { kind, versionId }: ClaimedDelivery,
  versions: readonly StoredResource[],
  judged: ReadonlyMap<string, Judged>,
): string {
  if (kind === 'recall') return NOT_ENTITLED
  if (!versions.some((stored) => stored.versionId === versionId)) return REMOVED
  return judged.get(versionId)?.decision.reason ?? NOT_ENTITLED
}

/** What was still to be sent when the subscription ended: counted as withheld, or it would be open for ever. */
async function withholdRest(
  tx: Transaction,
  notifier: Notifier,
  { id, organizationId }: StoredSubscription,
): Promise<void> {
  const reason = 'subscription-off'
  await leaveOpenRecalls(tx, organizationId, id)
  const ended = await withholdAll(tx, id, reason)
  for (let i = 0; i < ended; i++) notifier.onSettled({ state: 'withheld', reason }, undefined)
}
