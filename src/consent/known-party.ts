/** Parties and the organisations above them, from the request and from what the caller looked up. https://hl7.org/fhir/R4/organization-definitions.html#Organization.partOf */
import type { Resource } from '@medplum/fhirtypes'
import type { BusinessIdentifier, Party } from './access-request.ts'
import { type Fields, isFields } from './element-reader.ts'
import { isLegalEntityNumber, partyNameIn, type PartyName } from './party-name.ts'
import { isNamedBy } from './same-party.ts'

export type Resources = ReadonlyMap<string, Resource>

/** What the caller can tell of parties that are not in the request. */
export interface Registry {
  readonly directory: readonly Party[]
  readonly resources: Resources | undefined
}

/** The party, and above it the organisations that it acts for or belongs to, nearest first. */
export type Chain = readonly Party[]

export function chainOf(party: Party): Chain {
  return party.parents.length === 0 ? [party] : [party, ...party.parents.flatMap(chainOf)]
}

/** The resource that a name points to: contained beside it, or looked up. */
export function resourceNamed(
  { contained, reference }: PartyName,
  { resources }: Registry,
): Fields | undefined {
  const found: unknown = contained ?? (reference === undefined ? undefined : resources?.get(reference))
  return isFields(found) ? found : undefined
}

/** Undefined for a name that nobody here knows. */
export function partyNamed(name: PartyName, registry: Registry): Party | undefined {
  const listed = registry.directory.find((party) => isNamedBy(name, party))
  const resource = resourceNamed(name, registry)
  if (!resource) return listed
  const described = describe(name.reference, resource, registry, [])
  return listed ? merged(listed, described) : described
}

/** As the request tells it, and as the resources that it refers to do. */
export function withRegistry(party: Party, registry: Registry): Party {
  if (!registry.resources) return party
  return party.references.reduce((known, reference) => {
    const resource: unknown = registry.resources?.get(reference)
    return isFields(resource) ? merged(known, describe(reference, resource, registry, [])) : known
  }, party)
}

function merged(one: Party, other: Party): Party {
  return {
    ...one,
    references: [...one.references, ...other.references],
    identifiers: [...one.identifiers, ...other.identifiers],
    parents: [...one.parents, ...other.parents],
  }
}

/** `above`: what was passed on the way up, so that a loop in a registry ends. */
function describe(
  reference: string | undefined,
  resource: Fields,
  registry: Registry,
  above: readonly string[],
): Party {
  const parents = [resource['partOf'], resource['organization']].filter(isFields).flatMap((parent) => {
    const name = partyNameIn(parent, new Map())
    if (name.reference !== undefined && above.includes(name.reference)) return []
    const next = resourceNamed(name, registry)
    const passed = [...above, reference ?? '', name.reference ?? '']
    return [next ? withName(name, describe(name.reference, next, registry, passed)) : withName(name, NOBODY)]
  })
  const practitioner = isFields(resource['practitioner'])
    ? partyNameIn(resource['practitioner'], new Map())
    : undefined
  const person = practitioner ? withName(practitioner, personOf(practitioner, registry)) : NOBODY
  return {
    references: [...(reference === undefined ? [] : [reference]), ...person.references],
    identifiers: [...identifiersOf(resource), ...person.identifiers],
    parents,
  }
}

const NOBODY: Party = { references: [], identifiers: [], parents: [] }

function personOf(name: PartyName, registry: Registry): Party {
  const resource = resourceNamed(name, registry)
  return resource ? { ...NOBODY, identifiers: identifiersOf(resource) } : NOBODY
}

function withName({ reference, identifier }: PartyName, party: Party): Party {
  return {
    ...party,
    references: [...(reference === undefined ? [] : [reference]), ...party.references],
    identifiers: [...(identifier ? [identifier] : []), ...party.identifiers],
  }
}

function identifiersOf({ identifier }: Fields): readonly BusinessIdentifier[] {
  if (!Array.isArray(identifier)) return []
  return identifier.flatMap((each: unknown) => partyNameIn({ identifier: each }, new Map()).identifier ?? [])
}

/**
 * Whether the organisation `above` steps up is of another legal entity: both have a number of the company register, their
 * own or the nearest one's above them, and not the same.
 */
export function isOtherLegalEntity(chain: Chain, above: number): boolean {
  const [own, theirs] = [legalNumbers(chain), legalNumbers(chain.slice(above))]
  return own.length > 0 && theirs.length > 0 && !own.some((number) => theirs.includes(number))
}

function legalNumbers(chain: Chain): readonly string[] {
  for (const { identifiers } of chain) {
    const numbers = identifiers.filter(({ system }) => isLegalEntityNumber(system))
    if (numbers.length > 0) return numbers.map(({ value }) => value.trim())
  }
  return []
}
