/** How a consent names a party: a reference, a business identifier, or both. https://hl7.org/fhir/R4/references.html#Reference */
import { normalizeSystem } from '#label/code-system.ts'
import type { Party } from './access-request.ts'
import { type Faults, type Fields, isFields, readFields, readText } from './element-reader.ts'

export interface PartyName {
  /** Without its version: `Organization/gp`, an absolute URL, or undefined when none is given. */
  readonly reference: string | undefined
  /** `Organization/` of a reference to this server; ids of one type are comparable. */
  readonly typePrefix: string | undefined
  readonly identifier: { readonly system: string; readonly value: string } | undefined
  /** What `#id` points to in the resource that names the party. */
  readonly contained: Fields | undefined
}

/** By `#id`; what has none cannot be pointed to. */
export type Contained = ReadonlyMap<string, Fields>

export function containedIn(resource: unknown): Contained {
  const contained = isFields(resource) ? resource['contained'] : undefined
  if (!Array.isArray(contained)) return NOTHING_CONTAINED
  return new Map(contained.filter(isFields).map((inner) => [`#${String(inner['id'])}`, inner]))
}

const NOTHING_CONTAINED: Contained = new Map()

export function readPartyName(
  value: unknown,
  expression: string,
  faults: Faults,
  contained: Contained,
): PartyName {
  const fields = readFields(value, expression, faults)
  const target = readText(fields['reference'], `${expression}.reference`, faults)
  const reference = target?.replace(VERSION, '')
  const typePrefix = reference === undefined ? undefined : typePrefixOf(reference)
  return {
    reference,
    typePrefix,
    identifier: readIdentifier(fields['identifier'], `${expression}.identifier`, faults),
    contained: reference === undefined ? undefined : contained.get(reference),
  }
}

/** A name met on the way, in a group or an author: what is wrong with it is no fault of the consent. */
export function partyNameIn(value: unknown, contained: Contained): PartyName {
  return readPartyName(value, '', [], contained)
}

const VERSION = /\/_history\/.*$/
const LOCAL = /^[A-Z]\w+\/(?=[^/]+$)/

function readIdentifier(value: unknown, expression: string, faults: Faults): PartyName['identifier'] {
  if (value === undefined) return undefined
  const fields = readFields(value, expression, faults)
  const system = readText(fields['system'], `${expression}.system`, faults)
  const number = readText(fields['value'], `${expression}.value`, faults)
  if (system === undefined || number === undefined) return undefined
  return { system: identifierSystem(system), value: number.trim() }
}

/** The company register has an address of its own in dk-core and an object id elsewhere. */
const CVR = 'http://cvr.dk'
const CVR_OID = 'urn:oid:1.3.184'
const NORWEGIAN_ORGANISATION_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.101'

export function identifierSystem(system: string): string {
  const uri = normalizeSystem(system)
  return uri === CVR_OID ? CVR : uri
}

/** Registers that number legal entities, as against their departments. */
export function isLegalEntityNumber(system: string): boolean {
  const uri = identifierSystem(system)
  return uri === CVR || uri === NORWEGIAN_ORGANISATION_NUMBER
}

/** A party by each of the names that are known for it. */
export function namesFor(name: PartyName, { references, identifiers }: Party): readonly PartyName[] {
  const byReference = references.map((reference) => ({
    ...UNNAMED,
    reference,
    typePrefix: typePrefixOf(reference),
  }))
  const byNumber = identifiers.map(({ system, value }) => ({
    ...UNNAMED,
    identifier: { system: identifierSystem(system), value },
  }))
  return [name, ...byReference, ...byNumber]
}

const UNNAMED: PartyName = {
  reference: undefined,
  typePrefix: undefined,
  identifier: undefined,
  contained: undefined,
}

function typePrefixOf(reference: string): string | undefined {
  return LOCAL.exec(reference)?.[0]
}
