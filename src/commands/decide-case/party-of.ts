/** A party of the case by everything it is known as, with the organisations above it, from what the context resolves. */
import type { Organization, Reference, Resource } from '@medplum/fhirtypes'
import type { BusinessIdentifier, Party } from '#consent/access-request.ts'
import { normalizeSystem } from '#label/code-system.ts'

type Named = Pick<Reference, 'reference' | 'identifier'>
type Context = ReadonlyMap<string, Resource>

/** Whoever acts: with identifiers of its own, alone or for an organisation. */
type Actor = Extract<Resource, { identifier?: unknown; resourceType: (typeof ACTORS)[number] }>
const ACTORS = [
  'Organization',
  'PractitionerRole',
  'Practitioner',
  'RelatedPerson',
  'CareTeam',
  'Device',
  'Patient',
] as const

/** All names are of the same party. */
export function partyOf(names: readonly Named[], context: Context): Party {
  const references = new Set<string>()
  const identifiers = new Map<string, BusinessIdentifier>()
  const parents: Party[] = []
  for (const name of names) {
    if (name.reference !== undefined) references.add(name.reference)
    if (name.identifier) addIdentifier(identifiers, name.identifier)
    const found = lookUp(name, context)
    if (!found) continue
    references.add(found.key)
    for (const own of found.one.identifier ?? []) addIdentifier(identifiers, own)
    if (found.one.resourceType === 'Organization') parents.push(...chainAbove(found.one, context))
    if (found.one.resourceType !== 'PractitionerRole') continue
    const { practitioner, organization } = found.one
    if (practitioner) {
      const person = partyOf([practitioner], context)
      for (const reference of person.references) references.add(reference)
      for (const own of person.identifiers) addIdentifier(identifiers, own)
    }
    if (organization) parents.push(alone(organization, context), ...chainFrom(organization, context))
  }
  return { references: [...references], identifiers: [...identifiers.values()], parents }
}

/** Everybody whom the context knows: a number of theirs in a consent is somebody else's, and no open question. */
export function partiesIn(context: Context): readonly Party[] {
  return [...context].flatMap(([reference, one]) => (isActor(one) ? [partyOf([{ reference }], context)] : []))
}

/** The organisations that a party is or acts for, nearest first. */
export function organizationsOf({ references, parents }: Party, context: Context): readonly Organization[] {
  return [...references, ...parents.flatMap((parent) => parent.references)].flatMap((reference) => {
    const one = context.get(reference)
    return one?.resourceType === 'Organization' ? [one] : []
  })
}

interface Found {
  readonly key: string
  readonly one: Actor
}

/** By reference; else by a number that exactly one has: units of one legal entity share its number. */
function lookUp({ reference, identifier }: Named, context: Context): Found | undefined {
  const literal = reference === undefined ? undefined : context.get(reference)
  if (literal && isActor(literal)) return { key: keyOf(literal, reference ?? ''), one: literal }
  if (!identifier?.system || !identifier.value) return undefined
  const wanted = keyOfNumber(identifier)
  const found = new Map<Actor, string>()
  for (const [key, one] of context)
    if (isActor(one) && (one.identifier ?? []).some((own) => keyOfNumber(own) === wanted))
      found.set(one, keyOf(one, key))
  const [only, ...others] = found
  return only && others.length === 0 ? { key: only[1], one: only[0] } : undefined
}

function keyOf({ resourceType, id }: Actor, key: string): string {
  return id === undefined ? key : `${resourceType}/${id}`
}

function isActor(resource: Resource): resource is Actor {
  return ACTORS.some((type) => type === resource.resourceType)
}

function chainFrom(organization: Named, context: Context): readonly Party[] {
  const found = lookUp(organization, context)?.one
  return found?.resourceType === 'Organization' ? chainAbove(found, context) : []
}

/** A loop in the chain ends here instead of never. */
function chainAbove(organization: Organization, context: Context): readonly Party[] {
  const chain: Party[] = []
  const seen = new Set([organization])
  for (let above = organization.partOf; above;) {
    chain.push(alone(above, context))
    const next = lookUp(above, context)?.one
    if (next?.resourceType !== 'Organization' || seen.has(next)) break
    seen.add(next)
    above = next.partOf
  }
  return chain
}

function alone(name: Named, context: Context): Party {
  const found = lookUp(name, context)
  const identifiers = new Map<string, BusinessIdentifier>()
  for (const own of [name.identifier, ...(found?.one.identifier ?? [])])
    if (own) addIdentifier(identifiers, own)
  const references = [name.reference, found?.key].filter((reference) => reference !== undefined)
  return { references: [...new Set(references)], identifiers: [...identifiers.values()], parents: [] }
}

interface Numbered {
  readonly system?: string
  readonly value?: string
}

function addIdentifier(known: Map<string, BusinessIdentifier>, { system, value }: Numbered): void {
  if (system && value) known.set(`${system}|${value}`, { system, value })
}

function keyOfNumber({ system = '', value = '' }: Numbered): string {
  return `${normalizeSystem(system)}|${value.trim()}`
}
