/**
 * References between the entries of a transaction, by `fullUrl`, and references by a query for one of the sender's own records of the
 * same citizen: each becomes `Type/id` before what holds it is stored. https://hl7.org/fhir/R4/http.html#trules
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

/**
 * `storeCitizen`: stores the Patient of an entry and says which citizen it is, before the entries of their records are looked at. What
 * is stored by itself is named first, since a Patient may refer to it; what has a condition last, since it may be a citizen's of an entry.
 */
export async function resolveReferences(
  exchange: Exchange,
  tx: Transaction,
  call: Call,
  entries: readonly EntryRequest[],
  storeCitizen: (entry: EntryRequest) => Promise<string>,
): Promise<readonly Resolved[]> {
  const targets = new Map<string, string>()
  const idsToCreate = new Map<EntryRequest, string>()
  const name = async (entry: EntryRequest, work: () => Promise<Named>): Promise<void> => {
    const { target, idToCreate } = await blaming(entry, work)
    if (idToCreate !== undefined) idsToCreate.set(entry, idToCreate)
    if (entry.fullUrl !== undefined && target !== undefined) targets.set(entry.fullUrl, target)
  }
  const alone = entries.filter((entry) => !isCitizen(entry) && !isConditional(entry))
  for (const entry of alone) await name(entry, async () => targetAlone(exchange, entry))
  for (const entry of entries.filter(isCitizen)) {
    await name(entry, async () => {
      const resource = await rewritten(exchange, tx, call, entry, targets)
      return { target: await storeCitizen({ ...entry, resource }) }
    })
  }
  for (const entry of entries.filter(isConditional)) {
    // What else it refers to is refused below; here it is asked whose it is.
    const resource = entry.resource && referring(entry.resource, (to) => targets.get(to) ?? to)
    await name(entry, () => targetOnCondition(exchange, tx, call, { ...entry, resource }))
  }
  const resolved: Resolved[] = []
  for (const entry of entries.filter((each) => !isCitizen(each))) {
    const resource = await blaming(entry, () => rewritten(exchange, tx, call, entry, targets))
    resolved.push({ entry: { ...entry, resource }, idToCreate: idsToCreate.get(entry) })
  }
  return resolved
}

function isCitizen({ method, path }: EntryRequest): boolean {
  return method === 'POST' && path === '/Patient'
}

/** Creates or updates what its condition finds. */
function isConditional({ method, path, headers }: EntryRequest): boolean {
  const isType = path.split('/').length === 2 && isHeldType(path.slice(1))
  return isType && (method === 'PUT' || (method === 'POST' && headers.has('if-none-exist')))
}

interface Named {
  /** `Type/id` of what the entry is about. */
  readonly target?: string | undefined
  readonly idToCreate?: string | undefined
}

function targetAlone(exchange: Exchange, { method, path, resource }: EntryRequest): Named {
  const [, type = '', id] = path.split('/')
  if (method === 'PUT' && id !== undefined) return { target: `${type}/${id}` }
  if (method !== 'POST' || id !== undefined || !resource || !isHeldType(type)) return {}
  const idToCreate = exchange.newId()
  return { idToCreate, target: `${type}/${idToCreate}` }
}

/** About what is there, if something is: looked for under the lock that the write takes too. */
async function targetOnCondition(
  exchange: Exchange,
  tx: Transaction,
  call: Call,
  { method, path, resource, headers, query }: EntryRequest,
): Promise<Named> {
  const type = path.slice(1)
  if (!resource || !isHeldType(type)) return {}
  const clauses =
    method === 'PUT'
      ? readCriteria(call, type, query, 'url')
      : readCriteria(call, type, new URLSearchParams(headers.get('if-none-exist')), 'http:If-None-Exist')
  const found = await ownRecord(exchange, tx, call, resource, type, clauses)
  const idToCreate = (method === 'PUT' ? resource.id : undefined) ?? exchange.newId()
  return { idToCreate, target: `${type}/${found ?? idToCreate}` }
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
  const byFullUrl = referring(resource, (reference) => targets.get(reference) ?? reference)
  for (const reference of referencesIn(resource)) {
    const [, type = '', query = ''] = /^([A-Z][A-Za-z]+)\?(.*)$/s.exec(reference) ?? []
    if (type === '') {
      if (/^urn:(?:uuid|oid):/.test(reference) && !targets.has(reference))
        throw unresolved('no entry of the transaction has this fullUrl: add it, or refer to what is stored')
      continue
    }
    byQuery.set(reference, await queried(exchange, tx, call, byFullUrl, type, query))
  }
  return referring(resource, (reference) => byQuery.get(reference) ?? targets.get(reference) ?? reference)
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
  const clauses = readCriteria(call, type, new URLSearchParams(query), 'reference')
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

function referring(resource: Resource, made: (reference: string) => string): Resource {
  return withReferences(resource, made) as Resource
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
