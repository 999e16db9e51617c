/** Organisations of the registry as parties of a decision: each by everything it is known as, with its chain. */
import type { Party } from '#consent/access-request.ts'
import type { Organization } from '#store/organizations.ts'

/** One organisation by itself, without those that it is part of. */
export function partyOf({ id, identifiers, unitType }: Organization): Party {
  return {
    references: [`Organization/${id}`],
    identifiers,
    parents: [],
    ...(unitType !== undefined && { unitType }),
  }
}

/** The organisation with this id, nearest parent first. One that the registry does not have is known by its id alone. */
export function partyById(id: string, organizations: ReadonlyMap<string, Organization>): Party {
  const parents: Party[] = []
  for (let parent = organizations.get(id)?.partOf; parent; parent = organizations.get(parent)?.partOf) {
    // A loop in the registry ends here instead of never.
    if (parents.some((known) => known.references.includes(`Organization/${parent}`))) break
    parents.push(alone(parent, organizations))
  }
  return { ...alone(id, organizations), parents }
}

function alone(id: string, organizations: ReadonlyMap<string, Organization>): Party {
  const organization = organizations.get(id)
  return organization
    ? partyOf(organization)
    : { references: [`Organization/${id}`], identifiers: [], parents: [] }
}
