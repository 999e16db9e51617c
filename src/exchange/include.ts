/**
 * Records that go with those that were found: each decided about like every other, of the same citizen only, and only along
 * references that the reader was given. https://hl7.org/fhir/R4/search.html#include
 */
import type { Resource } from '@medplum/fhirtypes'
import { allows } from '#auth/scopes.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { heldIdIn, type HeldType } from '#fhir/held-types.ts'
import { pointersIn } from '#redact/names.ts'
import type { Transaction } from '#store/database.ts'
import type { Stretch } from '#store/place.ts'
import { currentNamed } from '#store/resources.ts'
import { type ListedResource, type PointingQuery, pointingTo } from '#store/search-resources.ts'
import type { Call, Exchange } from './call.ts'
import { type Disclosure, disclosePage, type DisclosureRequest } from './disclose.ts'
import type { IncludeAsked } from './include-request.ts'
import { isUuid } from './is-uuid.ts'
import { withinScope } from './within-scope.ts'

/** With one page. Whoever gets as many is told to ask for a smaller page. */
export const MAX_INCLUDED = 200

export interface Match {
  readonly subjectId: string
  readonly disclosure: Disclosure
}

export interface Included {
  readonly disclosures: readonly Disclosure[]
  readonly isCut: boolean
}

/** @throws GatewayError when the client may read none of the types that it asks for. Depends on nothing that is stored. */
export function requireIncludeScopes(
  { requester }: Pick<Call, 'requester'>,
  asked: readonly IncludeAsked[],
): void {
  for (const { types } of asked) {
    if (types.some((type) => allows(requester.scopes, type, 'r'))) continue
    throw new GatewayError({
      code: 'scope-insufficient',
      text: `to include this needs the scope ${types.map((type) => `\`system/${type}.r\``).join(' or ')}; ask the token endpoint for it, or leave the parameter out`,
    })
  }
}

export async function includedWith(
  tx: Transaction,
  exchange: Exchange,
  call: Pick<Call, 'requester'>,
  request: DisclosureRequest,
  matches: readonly Match[],
  asked: readonly IncludeAsked[],
): Promise<Included> {
  const known = new Set(matches.flatMap(({ disclosure }) => disclosure.resource.id ?? []))
  // Whoever may search for plans need not be one who may search for goals: to be given one it must be able to read it.
  const reading = { ...request, withinScope: withinScope(call.requester.scopes, 'r') }
  const found: Disclosure[] = []
  let isCut = false
  for (const include of asked) {
    const types = include.types.filter((type) => allows(call.requester.scopes, type, 'r'))
    const list = { matches, at: include.at, types, known: [...known] }
    const { rows, stillFits } = include.isReverse ? pointing(tx, list) : await pointedTo(tx, list)
    const page = await disclosePage(
      tx,
      exchange,
      { ...reading, ...(stillFits && { stillFits }) },
      {
        rows,
        count: MAX_INCLUDED,
      },
    )
    isCut ||= page.next !== undefined
    for (const { row, disclosure } of page.shown) {
      known.add(row.stored.id)
      if (disclosure) found.push(disclosure)
    }
  }
  return { disclosures: found, isCut }
}

interface IncludeList {
  readonly matches: readonly Match[]
  readonly at: string | undefined
  readonly types: readonly HeldType[]
  readonly known: readonly string[]
}

interface Listing {
  readonly rows: (stretch: Stretch) => Promise<readonly ListedResource[]>
  readonly stillFits?: DisclosureRequest['stillFits']
}

/** By what was released of each match: a reference that was taken out leads nowhere. */
async function pointedTo(tx: Transaction, { matches, at, types, known }: IncludeList): Promise<Listing> {
  const keys = matches.flatMap(({ subjectId, disclosure }) =>
    namesAt(disclosure.resource, at)
      .filter((name) => types.some((type) => name.startsWith(`${type}/`)))
      .flatMap((name) => heldIdIn(name) ?? [])
      .filter((id) => isUuid(id) && !known.includes(id))
      .map((id) => ({ subjectId, id })),
  )
  const stored = keys.length === 0 ? [] : await currentNamed(tx, keys)
  const listed = stored
    .filter(({ resourceType }) => types.some((type) => type === resourceType))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map((each) => ({ stored: each, place: { key: '', id: each.id } }))
  return {
    rows: ({ after, limit }) =>
      Promise.resolve(listed.filter(({ place }) => !after || place.id > after.id).slice(0, limit)),
  }
}

/** What points to a match: what is released of it must still do so. */
function pointing(tx: Transaction, { matches, at, types, known }: IncludeList): Listing {
  const names = new Set(
    matches.map(({ disclosure: { resource } }) => `${resource.resourceType}/${resource.id}`),
  )
  const query = {
    subjectIds: [...new Set(matches.map(({ subjectId }) => subjectId))],
    references: [...names],
    resourceTypes: types,
    except: known,
  }
  const isPointing = (resource: Resource): boolean => namesAt(resource, at).some((name) => names.has(name))
  return { rows: (stretch) => pointingAt(tx, query, stretch, isPointing), stillFits: isPointing }
}

/** The database knows what points, and not from where: what points from elsewhere is passed over. */
async function pointingAt(
  tx: Transaction,
  query: PointingQuery,
  { after, limit }: Stretch,
  isPointing: (resource: Resource) => boolean,
): Promise<readonly ListedResource[]> {
  const found: ListedResource[] = []
  for (let last = after; ;) {
    const batch = await pointingTo(tx, { ...query, after: last, limit })
    found.push(...batch.filter(({ stored }) => isPointing(stored.content)))
    last = batch.at(-1)?.place
    if (batch.length < limit || found.length >= limit) return found.slice(0, limit)
  }
}

/** `CarePlan/7` for each reference at a path, of the whole resource where there is none. */
function namesAt(resource: Resource, at: string | undefined): readonly string[] {
  if (at === undefined) return [...pointersIn(resource).references]
  const step = (values: readonly unknown[], element: string): readonly unknown[] =>
    values.flatMap((value) =>
      typeof value === 'object' && value !== null ? [Reflect.get(value, element) as unknown].flat() : [],
    )
  return at
    .split('.')
    .reduce(step, [resource])
    .flatMap((value) => [...pointersIn(value).references])
}
