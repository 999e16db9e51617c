/**
 * The outbox: one row for each event and subscription. Claims are leases on database time with a fencing number, so
 * that a worker that slept cannot write over its successor. Order is kept per lane (subscription, citizen).
 */
import type { Queryable, Transaction } from './database.ts'

export interface ClaimedDelivery {
  readonly subjectId: string
  readonly deliveryId: number
  readonly resourceType: string
  readonly id: string
  readonly versionId: string
  readonly interaction: 'create' | 'update'
  /** A `recall` has no content of its own: it says that the basis of `recalled` is gone. */
  readonly kind: 'change' | 'recall'
  /** `Type/id` of what the recipient was given on that basis. */
  readonly recalled: readonly string[]
  readonly occurredAt: Date
  readonly eventNumber: number | undefined
  /** Counts this one: 1 at the first. */
  readonly attempt: number
  readonly fence: number
  /** Database time of the claim: the instant that the consent decision is made for. */
  readonly now: Date
  /** Whether more of the same citizen was waiting behind it. */
  readonly followed: boolean
}

/** Time to write an outcome after the delivery's own deadline; a killed worker's claim ends with it. */
const LEASE_MARGIN_MS = 5_000

/** So many of the oldest open rows hold, nearly always, more due lanes than a batch takes. */
const PREFIX_ROWS = 512

/**
 * Claims the oldest due row of each lane, at most `limit`. `deadlineMs`: how long one attempt may take.
 * The oldest open rows are looked at first: of each lane in them, the first is the lane's head. Only when all of those
 * lanes wait for a retry are the others searched, so that a deep backlog of one citizen neither slows nor stops the rest.
 */
export async function claimDeliveries(
  tx: Transaction,
  subscriptionId: string,
  { limit, deadlineMs }: { readonly limit: number; readonly deadlineMs: number },
): Promise<ClaimedDelivery[]> {
  const leaseMs = deadlineMs + LEASE_MARGIN_MS
  const oldest = await claimHeads(tx, 'claim-oldest', HEADS_OF_PREFIX, [subscriptionId, limit, leaseMs])
  return oldest.length > 0
    ? oldest
    : claimHeads(tx, 'claim-any', HEADS_OF_ALL, [subscriptionId, limit, leaseMs])
}

const HEADS_OF_PREFIX = `
  select distinct on (subject_id) subject_id, delivery_id from (
    select subject_id, delivery_id from delivery
    where subscription_id = $1 and state = 'open' order by delivery_id limit ${PREFIX_ROWS}
  ) as oldest
  order by subject_id, delivery_id`

/** A loose index scan over delivery_lane: one step for each citizen with something open, however deep the lane. */
const HEADS_OF_ALL = `
  with recursive lane as (
    (select subject_id, delivery_id from delivery
     where subscription_id = $1 and state = 'open' order by subject_id, delivery_id limit 1)
    union all
    select next.subject_id, next.delivery_id from lane cross join lateral (
      select subject_id, delivery_id from delivery
      where subscription_id = $1 and state = 'open' and subject_id > lane.subject_id
      order by subject_id, delivery_id limit 1) as next
  )
  select subject_id, delivery_id from lane`

async function claimHeads(
  tx: Transaction,
  name: string,
  heads: string,
  values: readonly [subscriptionId: string, limit: number, leaseMs: number],
): Promise<ClaimedDelivery[]> {
  const rows = await tx.query<{
    subject_id: string
    delivery_id: number
    resource_type: string
    id: string
    version_id: string
    interaction: 'create' | 'update'
    kind: 'change' | 'recall'
    recalled: string[]
    occurred_at: Date
    event_number: number | null
    attempts: number
    fence: number
    now: Date
    followed: boolean
  }>({
    name,
    text: `
with head as (${heads}
), due as (
  select d.subject_id, d.delivery_id from head join delivery d using (subject_id, delivery_id)
  where d.state = 'open' and d.due_at <= now() and (d.lease_until is null or d.lease_until < now())
  order by d.delivery_id limit $2
  for update of d skip locked
)
update delivery d set fence = fence + 1, attempts = attempts + 1,
  lease_until = now() + make_interval(secs => $3 / 1000.0)
from due where d.subject_id = due.subject_id and d.delivery_id = due.delivery_id
returning d.subject_id, d.delivery_id, d.resource_type, d.id, d.version_id, d.interaction, d.kind, d.recalled, d.occurred_at,
  d.event_number, d.attempts, d.fence, clock_timestamp() as now,
  exists (
    select 1 from delivery e
    where e.subscription_id = $1 and e.subject_id = d.subject_id and e.state = 'open' and e.delivery_id > d.delivery_id) as followed`,
    values,
  })
  return rows
    .map((row) => ({
      subjectId: row.subject_id,
      deliveryId: row.delivery_id,
      resourceType: row.resource_type,
      id: row.id,
      versionId: row.version_id,
      interaction: row.interaction,
      kind: row.kind,
      recalled: row.recalled,
      occurredAt: row.occurred_at,
      eventNumber: row.event_number ?? undefined,
      attempt: row.attempts,
      fence: row.fence,
      now: row.now,
      followed: row.followed,
    }))
    .sort((a, b) => a.deliveryId - b.deliveryId)
}

/**
 * Gives each its number, in this order; dense, since the subscription's row stays locked until the transaction ends.
 * Returns the numbers by delivery.
 */
export async function numberDeliveries(
  tx: Transaction,
  subscriptionId: string,
  deliveries: readonly Pick<ClaimedDelivery, 'subjectId' | 'deliveryId'>[],
): Promise<ReadonlyMap<number, number>> {
  if (deliveries.length === 0) return new Map()
  const rows = await tx.query<{ delivery_id: number; event_number: number }>({
    name: 'number-deliveries',
    text: `
with taken as (
  update subscription set event_count = event_count + cardinality($2::uuid[]) where subscription_id = $1
  returning event_count - cardinality($2::uuid[]) as before
)
update delivery d set event_number = taken.before + n.place
from taken, unnest($2::uuid[], $3::bigint[]) with ordinality as n (subject_id, delivery_id, place)
where d.subject_id = n.subject_id and d.delivery_id = n.delivery_id
returning d.delivery_id, d.event_number`,
    values: [subscriptionId, deliveries.map((d) => d.subjectId), deliveries.map((d) => d.deliveryId)],
  })
  return new Map(rows.map((row) => [row.delivery_id, row.event_number]))
}

/** What came of one attempt. `retryInMs` keeps the row open. */
export interface Settlement {
  readonly subjectId: string
  readonly deliveryId: number
  readonly fence: number
  readonly state: 'open' | 'delivered' | 'withheld' | 'dead'
  readonly reason?: string
  readonly lastStatus?: number
  readonly retryInMs?: number
  /** Nothing was tried: the attempt that the claim counted is taken back. */
  readonly held?: boolean
}

/** Returns how many were written: fewer than given means that another worker took a row over. */
export async function settleDeliveries(db: Queryable, settlements: readonly Settlement[]): Promise<number> {
  if (settlements.length === 0) return 0
  const rows = await db.query({
    name: 'settle-deliveries',
    text: `
update delivery d set
  state = s.state, reason = s.reason, last_status = s.last_status, lease_until = null,
  due_at = now() + make_interval(secs => s.retry_in_ms / 1000.0),
  attempts = d.attempts - s.held::integer,
  settled_at = case when s.state = 'open' then null else now() end
from json_to_recordset($1::json) as s (
  subject_id uuid, delivery_id bigint, fence bigint, state text, reason text, last_status integer,
  retry_in_ms double precision, held boolean)
where d.subject_id = s.subject_id and d.delivery_id = s.delivery_id and d.fence = s.fence and d.state = 'open'
returning 1`,
    values: [
      JSON.stringify(
        settlements.map((s) => ({
          subject_id: s.subjectId,
          delivery_id: s.deliveryId,
          fence: s.fence,
          state: s.state,
          reason: s.reason ?? null,
          last_status: s.lastStatus ?? null,
          retry_in_ms: s.retryInMs ?? 0,
          held: s.held ?? false,
        })),
      ),
    ],
  })
  return rows.length
}

/** Ends what is open of a subscription that is off. What is being sent at this moment is its worker's to settle. */
export async function withholdAll(tx: Transaction, subscriptionId: string, reason: string): Promise<number> {
  const rows = await tx.query({
    name: 'withhold-all',
    text: `
update delivery set state = 'withheld', reason = $2, lease_until = null, settled_at = now()
where subscription_id = $1 and state = 'open' and (lease_until is null or lease_until < now()) returning 1`,
    values: [subscriptionId, reason],
  })
  return rows.length
}

/** Subscriptions with a delivery or a handshake that is due and not leased, or with rows to end: what the sweep wakes. */
export async function subscriptionsWithWork(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ subscription_id: string }>({
    name: 'subscriptions-with-work',
    text: `
select s.subscription_id from subscription s
where (s.status = 'requested' and s.handshake_due_at <= now())
   or (s.status in ('active', 'off') and exists (
        select 1 from delivery d
        where d.subscription_id = s.subscription_id and d.state = 'open' and (d.due_at <= now() or s.status = 'off')
          and (d.lease_until is null or d.lease_until < now())))`,
  })
  return rows.map((row) => row.subscription_id)
}

export interface Backlog {
  readonly open: number
  readonly dead: number
  /** Age of the oldest open row in seconds, 0 when there is none. */
  readonly oldestSeconds: number
}

export async function backlog(db: Queryable): Promise<Backlog> {
  const [row] = await db.query<{ open: number; oldest: number | null; dead: number }>({
    name: 'backlog',
    text: `
select count(*) filter (where state = 'open') as open, count(*) filter (where state = 'dead') as dead,
  extract(epoch from now() - min(occurred_at) filter (where state = 'open'))::double precision as oldest
from delivery where state in ('open', 'dead')`,
  })
  return { open: row?.open ?? 0, dead: row?.dead ?? 0, oldestSeconds: Math.max(0, row?.oldest ?? 0) }
}

/** What was held because it was not labelled is due at once. Returns the subscriptions that have it. */
export async function wakeHeld(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ subscription_id: string }>({
    name: 'wake-held',
    text: `
update delivery set due_at = now()
where state = 'open' and reason = 'not-labelled' and (lease_until is null or lease_until < now())
returning subscription_id`,
  })
  return [...new Set(rows.map((row) => row.subscription_id))]
}
