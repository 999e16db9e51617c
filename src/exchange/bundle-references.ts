/**
 * References between the entries of a transaction, by `fullUrl`, and references by a query for one of the sender's own records of the
 * same citizen: each becomes `Type/id` before anything is stored. https://hl7.org/fhir/R4/http.html#trules
 */
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '#fhir/gateway-error.ts'
import { isHeld, isHeldType } from '#fhir/held-types.ts'
import { ownMatch } from '#intake/own-match.ts'
import { lockCitizenOf, subjectIn } from '#intake/store-write.ts'
import type { Transaction } from '#store/database.ts'
import { originOf } from './access.ts'
import { blaming } from './blaming.ts'
import type { EntryRequest } from './bundle-request.ts'
import type { Call, Exchange } from './call.ts'
import { type Clauses, readCriteria } from './criteria.ts'

export interface Resolved {
  readonly entry: EntryRequest
  /** Given to what it creates, since other entries may refer to it. */
  readonly idToCreate: string | undefined
}

export async function resolveReferences(
  exchange: Exchange,
  tx: Transaction,
  call: Call,
  entries: readonly EntryRequest[],
): Promise<readonly Resolved[]> {
  const named = []
  for (const entry of entries) named.push(await blaming(entry, () => targetOf(exchange, tx, call, entry)))
  const targets = new Map(
    named.flatMap(({ entry: { fullUrl }, target }) =>
      fullUrl === undefined || target === undefined ? [] : [[fullUrl, target] as const],
    ),
  )
  const resolved: Resolved[] = []
  for (const { entry, idToCreate } of named) {
    const resource = await blaming(entry, () => rewritten(exchange, tx, call, entry, targets))
    resolved.push({ entry: { ...entry, resource }, idToCreate })
  }
  return resolved
}

interface Named extends Resolved {
  /** `Type/id` of what the entry is about. */
  readonly target: string | undefined
}

/** An entry with a condition is about what is there, if something is: looked for under the lock that the write takes too. */
async function targetOf(
  exchange: Exchange,
  tx: Transaction,
  call: Call,
  entry: EntryRequest,
): Promise<Named> {
  const { method, path, resource, headers, query } = entry
  const [, type = '', id] = path.split('/')
  if (method === 'PUT' && id !== undefined) return { entry, idToCreate: undefined, target: `${type}/${id}` }
  const creates = (method === 'POST' && id === undefined) || method === 'PUT'
  if (!creates || !resource || !isHeldType(type)) return { entry, idToCreate: undefined, target: undefined }
  const condition = method === 'PUT' ? query : headers.get('if-none-exist')
  const clauses =
    condition === undefined
      ? undefined
      : readCriteria(type, new URLSearchParams(condition), method === 'PUT' ? 'url' : 'http:If-None-Exist')
  const found = clauses && (await ownRecord(exchange, tx, call, resource, type, clauses))
  const idToCreate = (method === 'PUT' ? resource.id : undefined) ?? exchange.newId()
  return { entry, idToCreate, target: `${type}/${found ?? idToCreate}` }
}

/** Of the citizen whom `about` names. */
async function ownRecord(
  exchange: Exchange,
  tx: Transaction,
  call: Call,
  about: Resource,
  resourceType: string,
  clauses: Clauses,
): Promise<string | undefined> {
  if (!isHeld(about)) return undefined
  const origin = await originOf(exchange, call)
  const subjectId = await subjectIn(exchange, tx, { held: about, origin })
  await lockCitizenOf(tx, { resourceType, subjectId })
  const match = await ownMatch(tx, { subjectId, resourceType, custodian: origin.organization.id, clauses })
  return match?.id
}

async function rewritten(
  exchange: Exchange,
  tx: Transaction,
  call: Call,
  { resource }: EntryRequest,
  targets: ReadonlyMap<string, string>,
): Promise<Resource | undefined> {
  if (!resource) return undefined
  const byQuery = new Map<string, string>()
  for (const reference of referencesIn(resource)) {
    const [, type = '', query = ''] = /^([A-Z][A-Za-z]+)\?(.*)$/s.exec(reference) ?? []
    if (type === '') {
      if (/^urn:(?:uuid|oid):/.test(reference) && !targets.has(reference))
        throw unresolved('no entry of the transaction has this fullUrl: add it, or refer to what is stored')
      continue
    }
    byQuery.set(reference, await queried(exchange, tx, call, resource, type, query))
  }
  return withReferences(
    resource,
    (reference) => byQuery.get(reference) ?? targets.get(reference) ?? reference,
  ) as Resource
}

async function queried(
  exchange: Exchange,
  tx: Transaction,
  call: Call,
  resource: Resource,
  type: string,
  query: string,
): Promise<string> {
  if (!isHeldType(type))
    throw unresolved('a reference by a query leads to your own records of the citizen, and to no other type')
  const clauses = readCriteria(type, new URLSearchParams(query), 'reference')
  const id = await ownRecord(exchange, tx, call, resource, type, clauses)
  if (id === undefined)
    throw unresolved(
      'none of your records of the citizen fits this reference: store it first, or in the same transaction',
    )
  return `${type}/${id}`
}

function unresolved(text: string): GatewayError {
  return new GatewayError({ code: 'reference-unresolved', text })
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, child]) =>
    name === 'reference' && typeof child === 'string' ? [child] : referencesIn(child),
  )
}

/** Names of the resource are kept as they are: only what stands in `reference` is made anew. */
function withReferences(value: unknown, made: (reference: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withReferences(item, made))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name,
      name === 'reference' && typeof child === 'string' ? made(child) : withReferences(child, made),
    ]),
  )
}
