/** Create, read, update, delete and $status of a Subscription: each client sees and changes its own only. */
import { randomUUID } from 'node:crypto'
import type { Bundle, Parameters, Subscription } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { allows } from '#auth/scopes.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { refuse } from '#intake/prepare.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import {
  findSubscription,
  lockSubscription,
  moveSubscription,
  putSubscription,
  type StoredSubscription,
  subscriptionsOf,
} from '#store/subscriptions.ts'
import { isUuid, notFound } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { statusParameters } from './notification-bundle.ts'
import { readIfMatch } from './if-match.ts'
import { readResourceBody, requireSameId } from './resource-body.ts'
import { MASK } from './subscription-channel.ts'
import { readSubscription } from './subscription-request.ts'

export async function createSubscription(exchange: Exchange, call: Call): Promise<Answer> {
  return put(exchange, call, exchange.newId(), 201)
}

/** The client's way back to `active` after an error: a PUT with status `requested` repeats the handshake. */
export async function updateSubscription(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = await ownSubscription(exchange, call)
  return put(exchange, call, id, 200)
}

async function put(exchange: Exchange, call: Call, id: string, status: 200 | 201): Promise<Answer> {
  const resource = readResourceBody(call)
  if (resource.resourceType !== 'Subscription') throw notFound()
  if (status === 200) requireSameId(resource, id)
  refuse(exchange.validator.validate(resource))
  const organization = await exchange.organizationOf(exchange.database, call.requester.organizationId)
  const read = readSubscription(resource, {
    ...exchange.endpoints,
    registered: organization?.endpoints ?? [],
  })
  requireReadScope(call, read.resourceTypes)
  const { status: _status, error: _error, meta: _meta, id: _id, text: _text, ...content } = resource
  const { header: _header, ...channel } = content.channel
  const ifMatch = status === 200 ? readIfMatch(call) : undefined
  const stored = await exchange.database.transaction(async (tx) => {
    if (ifMatch !== undefined) await requireVersion(tx, exchange, id, ifMatch)
    await appendAudit(tx, [auditRow(entry(exchange, call, id, status === 201 ? 'create' : 'update'))])
    return putSubscription(tx, exchange.seal, {
      ...read,
      id,
      versionId: randomUUID(),
      clientId: call.requester.clientId,
      organizationId: call.requester.organizationId,
      content: { ...content, channel, status: 'requested' } satisfies Subscription,
    })
  })
  exchange.announce([id])
  return {
    status,
    headers: { Location: `${exchange.fhirBase}/Subscription/${id}`, ETag: `W/"${stored.versionId}"` },
    // Only here, to its own sender, the headers come back as they were sent: later they are masked.
    nonClinical: asResource(stored, stored.headers),
  }
}

async function requireVersion(
  tx: Transaction,
  { seal }: Exchange,
  id: string,
  version: string,
): Promise<void> {
  const current = await lockSubscription(tx, seal, id)
  if (current?.versionId === version) return
  throw new GatewayError({
    code: 'version-conflict',
    text: 'the version in `If-Match` is not the current one: read the subscription again and send your change with the new ETag',
  })
}

/** What a notification tells, the client must also be allowed to read. */
function requireReadScope({ requester }: Call, resourceTypes: readonly string[]): void {
  for (const type of resourceTypes) {
    if (!allows(requester.scopes, type, 'r')) {
      throw new GatewayError({
        code: 'scope-insufficient',
        expression: 'Subscription.criteria',
        text: `this topic tells of ${type}; ask for a token with scope \`system/${type}.rs\` as well`,
      })
    }
  }
}

export async function readSubscriptionResource(exchange: Exchange, call: Call): Promise<Answer> {
  const stored = await ownSubscription(exchange, call)
  return {
    status: 200,
    headers: { ETag: `W/"${stored.versionId}"` },
    nonClinical: asResource(stored, masked(stored)),
  }
}

export async function searchSubscriptions(exchange: Exchange, call: Call): Promise<Answer> {
  refuseUnknown(call, ['status', 'url'])
  const all = await subscriptionsOf(exchange.database, exchange.seal, call.requester.clientId)
  const status = call.query.get('status')
  const url = call.query.get('url')
  const stored = all.filter(
    (s) => (status === null || status.split(',').includes(s.status)) && (url === null || s.endpoint === url),
  )
  const bundle: Bundle<Subscription> = {
    resourceType: 'Bundle',
    type: 'searchset',
    link: [{ relation: 'self', url: `${exchange.fhirBase}/Subscription` }],
    ...(stored.length > 0
      ? {
          entry: stored.map((s) => ({
            fullUrl: `${exchange.fhirBase}/Subscription/${s.id}`,
            resource: asResource(s, masked(s)),
            search: { mode: 'match' as const },
          })),
        }
      : {}),
  }
  return { status: 200, nonClinical: bundle }
}

/** Ends it: nothing more is sent, what is open is settled as withheld when its turn comes. */
export async function deleteSubscription(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = await ownSubscription(exchange, call)
  await exchange.database.transaction(async (tx) => {
    await appendAudit(tx, [auditRow(entry(exchange, call, id, 'delete'))])
    await moveSubscription(tx, id, ['requested', 'active', 'error'], 'off')
  })
  // What is open is a worker's to end.
  exchange.announce([id])
  return { status: 204, empty: true }
}

/** https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-status.html */
export async function subscriptionStatus(exchange: Exchange, call: Call): Promise<Answer> {
  const stored =
    call.id === undefined ? await statusesAsked(exchange, call) : [await ownSubscription(exchange, call)]
  const bundle: Bundle<Parameters> = {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(stored.length > 0
      ? {
          entry: stored.map((s) => ({
            fullUrl: `urn:uuid:${exchange.newId()}`,
            resource: statusParameters(exchange.fhirBase, s, { type: 'query-status', status: s.status }),
            search: { mode: 'match' as const },
          })),
        }
      : {}),
  }
  return { status: 200, nonClinical: bundle }
}

async function statusesAsked(exchange: Exchange, call: Call): Promise<StoredSubscription[]> {
  refuseUnknown(call, ['id', 'status'])
  const { query, requester } = call
  const ids = query.getAll('id').flatMap((value) => value.split(','))
  const statuses = query.getAll('status').flatMap((value) => value.split(','))
  const own = await subscriptionsOf(exchange.database, exchange.seal, requester.clientId)
  return own.filter(
    (s) => (ids.length === 0 || ids.includes(s.id)) && (statuses.length === 0 || statuses.includes(s.status)),
  )
}

/** A filter that were ignored would answer more than was asked for. */
function refuseUnknown({ query }: Call, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      throw new GatewayError({
        code: 'parameter-unknown',
        text: `known parameters here are ${known.join(', ')}`,
      })
    }
  }
}

async function ownSubscription(exchange: Exchange, { id, requester }: Call): Promise<StoredSubscription> {
  const stored = isUuid(id) ? await findSubscription(exchange.database, exchange.seal, id) : undefined
  if (!stored || stored.clientId !== requester.clientId) throw notFound()
  return stored
}

function asResource(stored: StoredSubscription, headers: readonly string[]): Subscription {
  return {
    ...stored.content,
    id: stored.id,
    meta: { versionId: stored.versionId, lastUpdated: stored.lastUpdated.toISOString() },
    status: stored.status,
    ...(stored.error ? { error: stored.error } : {}),
    channel: { ...stored.content.channel, ...(headers.length > 0 ? { header: [...headers] } : {}) },
  }
}

function masked({ headers }: StoredSubscription): string[] {
  return headers.map((line) => `${line.slice(0, line.indexOf(':'))}: ${MASK}`)
}

function entry(
  exchange: Exchange,
  { requester, requestId }: Call,
  id: string,
  interaction: string,
): AuditEntry {
  return {
    v: 1,
    id: randomUUID(),
    kind: 'subscribe',
    at: exchange.now().toISOString(),
    outcome: 'success',
    client: requester.clientId,
    organization: requester.organizationId,
    recipient: requester.organizationId,
    purposeOfUse: requester.purposeOfUse,
    interaction,
    requestId,
    subscription: id,
    resources: [{ type: 'Subscription', id }],
  }
}
