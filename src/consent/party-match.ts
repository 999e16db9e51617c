/** Whether an actor of a consent means a party of the request. https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.actor */
import type { Party } from './access-request.ts'
import type { Fields } from './element-reader.ts'
import {
  type Chain,
  chainOf,
  isOtherLegalEntity,
  partyNamed,
  type Registry,
  resourceNamed,
} from './known-party.ts'
import { membersOf } from './members.ts'
import { containedIn, namesFor, type PartyName, partyNameIn } from './party-name.ts'
import type { LocalInstant } from './instant.ts'
import { isComparable, isNamedBy, isOfOtherType, isOtherNumber, isSameParty } from './same-party.ts'
import { and, or, type Truth } from './truth.ts'

export interface PartyTest extends Registry {
  readonly effect: 'permit' | 'deny'
  readonly at: LocalInstant
  /** Whether a deny of a unit reaches the organisations above it: a switch per country. */
  readonly denyCoversParents: boolean
  /** False of a block that does not say so itself. */
  readonly denyCoversSubUnits?: false
  /**
   * True of names in a record of ours: who is in a group, or wrote something, is told by id. A reference in a consent that
   * nobody can look up may be this party under another id, or the one above it.
   */
  readonly idsTell?: true
}

export function meansParty(name: PartyName, chain: Chain, test: PartyTest): Truth {
  return meansAnyOf(name, chain, test, [])
}

/** `seen`: the groups passed on the way, so that groups that contain each other end. */
function meansAnyOf(name: PartyName, chain: Chain, test: PartyTest, seen: readonly Fields[]): Truth {
  const named = chain.findIndex((link) => isNamedBy(name, link))
  if (named >= 0) return reaches(chain, named, test)
  const resource = resourceNamed(name, test)
  const type = resource?.['resourceType'] ?? name.typePrefix?.slice(0, -1)
  const isGroup = type === 'Group' || type === 'CareTeam'
  if (!isGroup && type !== 'PractitionerRole') return meansKnown(name, chain, test)
  // Whom it stands for is written in it, and nowhere else.
  if (!resource) return 'unknown'
  return isGroup ? meansMember(resource, chain, test, seen) : meansRole(resource, chain, test)
}

/**
 * A rule about an organisation speaks of its sub-units too. A permit stops at the legal entity: a private clinic may
 * stand below the municipality that pays it.
 */
function reaches(chain: Chain, steps: number, { effect, denyCoversSubUnits }: PartyTest): boolean {
  if (steps === 0) return true
  return effect === 'deny' ? denyCoversSubUnits !== false : !isOtherLegalEntity(chain, steps)
}

function meansMember(group: Fields, chain: Chain, test: PartyTest, seen: readonly Fields[]): Truth {
  if (seen.includes(group)) return false
  const { members, counts } = membersOf(group, test.at)
  const listed: PartyTest = { ...test, idsTell: true }
  const each = members.map(({ name, counts: memberCounts }) =>
    and(memberCounts, meansAnyOf(name, chain, listed, [...seen, group])),
  )
  return and(counts, or(...each))
}

/** A person in one role: both the person and the organisation that the role is for. */
function meansRole(role: Fields, chain: Chain, test: PartyTest): Truth {
  const contained = containedIn(role)
  const listed: PartyTest = { ...test, idsTell: true }
  const [person, organization] = [role['practitioner'], role['organization']].map((part) =>
    part === undefined ? 'unknown' : meansAnyOf(partyNameIn(part, contained), chain, listed, [role]),
  )
  return and(person ?? 'unknown', organization ?? 'unknown')
}

function meansKnown(name: PartyName, chain: Chain, test: PartyTest): Truth {
  const known = partyNamed(name, test)
  if (!known) return unlessComparable(name, chain, test)
  const same = chain.findIndex((link) => isSameParty(known, link))
  if (same >= 0) return reaches(chain, same, test)
  if (!isTellable(name, known, chain)) return 'unknown'
  const [party] = chain
  const isAbove = party !== undefined && chainOf(known).some((link) => isSameParty(link, party))
  return test.effect === 'deny' && test.denyCoversParents && isAbove
}

/** Whether whoever is known by these names would be seen to be one of the chain, if it were. */
function isTellable(name: PartyName, known: Party, chain: Chain): boolean {
  const names = namesFor(name, known)
  return chain.every((link) => names.some((each) => isComparable(each, link) || isOfOtherType(each, link)))
}

/** Nobody knows the name. It is somebody else's if the party has another number of the same register. */
function unlessComparable(name: PartyName, chain: Chain, test: PartyTest): Truth {
  const { effect, denyCoversParents, idsTell } = test
  // Where denies reach upwards it may be a unit below this party.
  if (effect === 'deny' && denyCoversParents) return 'unknown'
  let isSomebodyElse = false
  for (const link of chain) {
    if (idsTell ? isComparable(name, link) : isOtherNumber(name, link)) isSomebodyElse = true
    else if (!isOfOtherType(name, link)) return 'unknown'
  }
  return isSomebodyElse ? false : 'unknown'
}
