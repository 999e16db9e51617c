/** Whether two descriptions mean the same party: an equal reference, or an equal business identifier. https://hl7.org/fhir/R4/references.html */
import type { BusinessIdentifier, Party } from './access-request.ts'
import { identifierSystem, type PartyName } from './party-name.ts'

export function isSameParty(one: Party, other: Party): boolean {
  return (
    one.references.some((reference) => other.references.includes(reference)) ||
    one.identifiers.some((ours) => other.identifiers.some((theirs) => isSameNumber(ours, theirs)))
  )
}

/** The value first: it differs nearly always, and needs no reading. */
export function isSameNumber(one: BusinessIdentifier, other: BusinessIdentifier): boolean {
  return (
    one.value !== '' &&
    one.value === other.value &&
    one.system !== '' &&
    identifierSystem(one.system) === identifierSystem(other.system)
  )
}

export function isNamedBy({ reference, identifier }: PartyName, party: Party): boolean {
  if (reference !== undefined && party.references.includes(reference)) return true
  return identifier !== undefined && party.identifiers.some((known) => isSameNumber(known, identifier))
}

/** A party is known by all its numbers of a system, so another number of it is somebody else. */
export function isOtherNumber({ identifier }: PartyName, party: Party): boolean {
  return (
    identifier !== undefined &&
    party.identifiers.some(({ system }) => identifierSystem(system) === identifier.system)
  )
}

/** Of the same type, and not the same: somebody else, where both ids are from one list. */
export function isOtherId({ typePrefix }: PartyName, party: Party): boolean {
  return typePrefix !== undefined && party.references.some((known) => known.startsWith(typePrefix))
}

/** A party that is known has all its ids here and all its numbers of a system, so another one of the same kind is not it. */
export function isComparable(name: PartyName, party: Party): boolean {
  return isOtherId(name, party) || isOtherNumber(name, party)
}

/** A person and the organisation that it acts for are never the same, whatever else is not known of them. */
export function isOfOtherType(name: PartyName, party: Party): boolean {
  const isKnownById = party.references.some((known) => /^[A-Z]\w+\/[^/]+$/.test(known))
  return name.typePrefix !== undefined && isKnownById && !isOtherId(name, party)
}
