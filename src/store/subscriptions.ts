/** R4 Subscriptions: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/ */
import type { Subscription } from '@medplum/fhirtypes'
import type { Queryable, Transaction } from './database.ts'
import type { Seal } from './seal.ts'

export type SubscriptionStatus = 'requested' | 'active' | 'error' | 'off'
export type PayloadContent = 'empty' | 'id-only' | 'full-resource'

export interface StoredSubscription {
  readonly id: string
  readonly versionId: string
  readonly clientId: string
  readonly organizationId: string
  readonly status: SubscriptionStatus
  readonly topic: string
  readonly resourceTypes: readonly string[]
  /** Clauses joined by AND, each a list of tokens joined by OR. */
  readonly filter: readonly (readonly string[])[]
  readonly payloadContent: PayloadContent
  readonly endpoint: string
  readonly timeoutMs: number
  /** `channel.header` lines as the subscriber sent them. */
  readonly headers: readonly string[]
  /** As sent, without status, error, headers and meta. */
  readonly content: Subscription
  readonly error: string | undefined
  readonly eventCount: number
  readonly lastUpdated: Date
}

interface Row {
  readonly subscription_id: string
  readonly version_id: string
  readonly client_id: string
  readonly organization_id: string
  readonly status: SubscriptionStatus
  readonly topic: string
  readonly resource_types: string[]
  readonly filter: string[][]
  readonly payload_content: PayloadContent
  readonly endpoint: string
  readonly timeout_ms: number
  readonly sealed_headers: Buffer
  readonly content: Subscription
  readonly error: string | null
  readonly event_count: number
  readonly last_updated: Date
}

type New = Omit<StoredSubscription, 'error' | 'eventCount' | 'lastUpdated' | 'status'>

/** Stores it as `requested`, due for its handshake at once. The same id again (a PUT) replaces it; its count goes on. */
export async function putSubscription(
  tx: Transaction,
  seal: Seal,
  subscription: New,
): Promise<StoredSubscription> {
  const [row] = await tx.query<Row>({
    text: `
insert into subscription as s (subscription_id, version_id, client_id, organization_id, status, topic, resource_types, filter,
  payload_content, endpoint, timeout_ms, sealed_headers, content, handshake_due_at)
values ($1, $2, $3, $4, 'requested', $5, $6, $7, $8, $9, $10, $11, $12, now())
on conflict (subscription_id) do update set version_id = excluded.version_id, status = 'requested', topic = excluded.topic,
  resource_types = excluded.resource_types, filter = excluded.filter, payload_content = excluded.payload_content,
  endpoint = excluded.endpoint, timeout_ms = excluded.timeout_ms, sealed_headers = excluded.sealed_headers,
  content = excluded.content, error = null, handshake_due_at = now(), last_updated = now()
where s.client_id = excluded.client_id
returning *`,
    values: [
      subscription.id,
      subscription.versionId,
      subscription.clientId,
      subscription.organizationId,
      subscription.topic,
      subscription.resourceTypes,
      JSON.stringify(subscription.filter),
      subscription.payloadContent,
      subscription.endpoint,
      subscription.timeoutMs,
      seal.seal(place(subscription.id), Buffer.from(JSON.stringify(subscription.headers))),
      JSON.stringify(subscription.content),
    ],
  })
  if (!row) throw new Error('a subscription of another client cannot be written')
  return asSubscription(row, seal)
}

export async function findSubscription(
  db: Queryable,
  seal: Seal,
  id: string,
): Promise<StoredSubscription | undefined> {
  const [row] = await db.query<Row>({
    name: 'find-subscription',
    text: 'select * from subscription where subscription_id = $1',
    values: [id],
  })
  return row && asSubscription(row, seal)
}

/** Those of one client only: nobody sees that another's exists. */
export async function subscriptionsOf(
  db: Queryable,
  seal: Seal,
  clientId: string,
): Promise<StoredSubscription[]> {
  const rows = await db.query<Row>({
    name: 'subscriptions-of',
    text: 'select * from subscription where client_id = $1 order by created_at, subscription_id',
    values: [clientId],
  })
  return rows.map((row) => asSubscription(row, seal))
}

/**
 * Moves the status on, if it still is what the caller saw; `error` says why in words that carry no patient data. With a
 * version, only of that one: what an endpoint answered says nothing of the endpoint that has replaced it since.
 */
export async function moveSubscription(
  db: Queryable,
  id: string,
  from: readonly SubscriptionStatus[],
  to: SubscriptionStatus,
  error?: string,
  versionId?: string,
): Promise<boolean> {
  const rows = await db.query({
    text: `
update subscription set status = $3, error = $4, last_updated = now(), version_id = gen_random_uuid(), handshake_due_at = null,
  activated_at = case when $3 = 'active' then coalesce(activated_at, now()) else activated_at end
where subscription_id = $1 and status = any ($2) and ($5::uuid is null or version_id = $5) returning 1`,
    values: [id, from, to, error ?? null, versionId ?? null],
  })
  return rows.length > 0
}

/** Takes the handshake of a requested subscription: for 60 s nobody else does. */
export async function claimHandshake(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query({
    text: `
update subscription set handshake_due_at = now() + interval '60 seconds'
where subscription_id = $1 and status = 'requested' and handshake_due_at <= now() returning 1`,
    values: [id],
  })
  return rows.length > 0
}

/** The subscription's status now, locked against a change until this transaction ends. */
export async function lockSubscription(
  tx: Transaction,
  seal: Seal,
  id: string,
): Promise<StoredSubscription | undefined> {
  const [row] = await tx.query<Row>({
    name: 'lock-subscription',
    text: 'select * from subscription where subscription_id = $1 for no key update',
    values: [id],
  })
  return row && asSubscription(row, seal)
}

function asSubscription(row: Row, seal: Seal): StoredSubscription {
  const headers: unknown = JSON.parse(seal.open(place(row.subscription_id), row.sealed_headers).toString())
  return {
    id: row.subscription_id,
    versionId: row.version_id,
    clientId: row.client_id,
    organizationId: row.organization_id,
    status: row.status,
    topic: row.topic,
    resourceTypes: row.resource_types,
    filter: row.filter,
    payloadContent: row.payload_content,
    endpoint: row.endpoint,
    timeoutMs: row.timeout_ms,
    headers: Array.isArray(headers) ? headers.map(String) : [],
    content: row.content,
    error: row.error ?? undefined,
    eventCount: row.event_count,
    lastUpdated: row.last_updated,
  }
}

function place(id: string): string {
  return `subscription|${id}|sealed_headers`
}
