/** What a FHIR Organization tells of its type and its country. */
import type { LawBook } from './law-book.ts'
import type { Jurisdiction } from './legal-frame.ts'
import type { Register } from './unit-types.ts'

/** An Organization, or an Identifier alone as `{ identifier: [it] }`. https://hl7.org/fhir/R4/organization.html */
export interface OrganizationFacts {
  readonly type?: readonly { readonly coding?: readonly Coded[] }[]
  readonly identifier?: readonly Identified[]
  readonly address?: readonly { readonly country?: string }[]
}

interface Coded {
  readonly system?: string
  readonly code?: string
}

interface Identified {
  readonly system?: string
  readonly value?: string
}

/** The system of the codes of `mappings/law/unit-types.json`. */
export const UNIT_TYPE_SYSTEM = 'https://sluse.example/fhir/CodeSystem/unit-type'

/**
 * The one type that all of it agrees on: a code of ours, if there is one, else foreign codes and the registers that it
 * is in, where a broader type (health service) gives way to one of its kind (hospital). Undefined when it tells nothing,
 * two things, or what units under different laws have in common: then nobody knows which law it works under.
 */
export function unitTypeOf(book: LawBook, organization: OrganizationFacts): string | undefined {
  const codings = (organization.type ?? []).flatMap(({ coding = [] }) => coding)
  const own = codings.filter(({ system }) => system === UNIT_TYPE_SYSTEM)
  if (own.length > 0) return only(own.map(({ code }) => (book.unitTypes.has(code ?? '') ? code : undefined)))
  const foreign = book.registry.codings
    .filter((known) => codings.some(({ system, code }) => known.system === system && known.code === code))
    .map(({ unitType }) => unitType)
  const registered = registersOf(book, organization).flatMap(({ unitType }) => unitType ?? [])
  const found = [...foreign, ...registered]
  const broader = new Set(found.flatMap((code) => ancestorsOf(book, code)))
  return only(found.filter((code) => code === undefined || !broader.has(code)))
}

function only(codes: readonly (string | undefined)[]): string | undefined {
  const [one, ...others] = new Set(codes)
  return others.length === 0 ? one : undefined
}

function ancestorsOf(book: LawBook, code: string | undefined): readonly string[] {
  const broader = book.unitTypes.get(code ?? '')?.broader
  return broader === undefined ? [] : [broader, ...ancestorsOf(book, broader)]
}

/** `contradictory` when it shows two countries: no law is then known to be the right one. */
export function jurisdictionOf(
  book: LawBook,
  organization: OrganizationFacts,
): Jurisdiction | 'contradictory' | undefined {
  const { countries } = book.registry
  const named = (organization.address ?? []).map(({ country = '' }) => country.trim().toLowerCase())
  const shown = new Set<Jurisdiction>(registersOf(book, organization).map(({ jurisdiction }) => jurisdiction))
  for (const country of ['DK', 'NO'] as const)
    if (countries[country].some((name) => named.includes(name.toLowerCase()))) shown.add(country)
  const [one, other] = shown
  return other === undefined ? one : 'contradictory'
}

function registersOf({ registry }: LawBook, { identifier = [] }: OrganizationFacts): readonly Register[] {
  return registry.registers.filter(({ systems, startsWith = '' }) =>
    identifier.some(
      ({ system, value = '' }) =>
        system !== undefined && systems.includes(system) && value !== '' && value.startsWith(startsWith),
    ),
  )
}
