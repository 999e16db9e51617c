/** Whether a reference in a consent and a party of the request are the same. https://hl7.org/fhir/R4/references.html */
import type { Reference } from '@medplum/fhirtypes'
import type { Party, Subject } from './access-request.ts'
import { or, type Truth } from './truth.ts'

export function isSameParty(one: Party, other: Party): boolean {
  return (
    one.references.some((reference) => other.references.includes(reference)) ||
    one.identifiers.some((ours) => other.identifiers.some((theirs) => sameIdentifier(ours, theirs)))
  )
}

interface BusinessIdentifier {
  readonly system?: string
  readonly value?: string
}

function sameIdentifier(one: BusinessIdentifier, other: BusinessIdentifier): boolean {
  return Boolean(one.system && one.value) && one.system === other.system && one.value === other.value
}

/** Whether a reference names the patient, by any reference or identifier that it is known by. */
export function isAbout(subject: Reference | undefined, patient: Subject): boolean {
  if (subject?.reference !== undefined && patient.references.includes(subject.reference)) return true
  const { identifier } = subject ?? {}
  return identifier !== undefined && patient.identifiers.some((known) => sameIdentifier(identifier, known))
}

/** A rule about an organisation speaks of its sub-units too, and never of its parents. */
export function namesPartyOrParent(actor: Reference, party: Party, directory: readonly Party[]): Truth {
  return or(...chainOf(party).map((link) => namesParty(actor, link, directory)))
}

function chainOf(party: Party): readonly Party[] {
  return [party, ...party.parents.flatMap(chainOf)]
}

/** `directory`: the parties that the caller could look up, so that a name for another party is told from an unknown one. */
function namesParty(actor: Reference, party: Party, directory: readonly Party[]): Truth {
  if (isNamedBy(actor, party)) return true
  const known = directory.find((other) => isNamedBy(actor, other))
  if (known) return isSameParty(known, party)
  return isComparable(actor, party) ? false : 'unknown'
}

function isNamedBy({ reference, identifier }: Reference, party: Party): boolean {
  if (reference !== undefined && party.references.includes(reference)) return true
  return identifier !== undefined && party.identifiers.some((known) => sameIdentifier(identifier, known))
}

/** A party is known by all its ids here and by all its numbers of a system, so another one of the same kind is not it. */
function isComparable({ reference, identifier }: Reference, party: Party): boolean {
  const type = reference === undefined ? undefined : /^[A-Z]\w+(?=\/)/.exec(reference)?.[0]
  if (type !== undefined && party.references.some((known) => known.startsWith(`${type}/`))) return true
  return Boolean(identifier?.value) && party.identifiers.some((known) => known.system === identifier?.system)
}
