/** Whether something names a person by a national number: such a number stands in the subject of a resource, and nowhere else. */
import { isPersonNumber, personSystem } from './person-identifier.ts'

const NATIONAL_SYSTEMS: ReadonlySet<string> = new Set(Object.values(personSystem))

/** Regional replacement numbers identify a person too, though they cannot be exchanged. */
export function isNationalSystem(system: string): boolean {
  return NATIONAL_SYSTEMS.has(system) || system.startsWith('urn:oid:1.2.208.176.1.6.1')
}

/** A token or a list of them, `system|value,…`: a query by one would have the number stand in an address. */
export function asksByNationalId(tokens: string): boolean {
  return tokens.split(',').some((token) => isNationalSystem(token.slice(0, Math.max(token.indexOf('|'), 0))))
}

const PERSON_BY_NUMBER = /(?:Patient|Person|RelatedPerson|Practitioner)\/\d{6}[- ]?\d{4,5}(?:$|[/?#])/

/** A reference or an address: as the id of a person, or in a query for one. */
export function namesByNationalId(address: string): boolean {
  return PERSON_BY_NUMBER.test(address) || [...NATIONAL_SYSTEMS].some((system) => address.includes(system))
}

/** Ten or eleven characters as people write such a number, with or without its hyphen. */
const WRITTEN = /(?<![0-9A-Za-z])(\d{6})[- \u2013]?([0-9A-Z]{4,5})(?![0-9A-Za-z])/g

/** A number of a person in a short text, such as a title: it must be one, so that an order number is not taken for it. */
export function holdsPersonNumber(text: string): boolean {
  return [...text.matchAll(WRITTEN)].some(([, date = '', rest = '']) => isPersonNumber(date + rest))
}
