/** Data that a provision names: a resource, what belongs to it, or what somebody wrote. https://hl7.org/fhir/R4/valueset-consent-data-meaning.html */
import { type Faults, readFields, readText } from './element-reader.ts'
import { type Contained, type PartyName, readPartyName } from './party-name.ts'

export interface DataReference {
  readonly meaning: 'instance' | 'related' | 'dependents' | 'authoredby' | undefined
  /** A resource, or for `authoredby` a party. */
  readonly name: PartyName
}

const meanings = ['instance', 'related', 'dependents', 'authoredby'] as const

export function readDataReference(
  value: unknown,
  expression: string,
  faults: Faults,
  contained: Contained,
): DataReference {
  const { meaning, reference } = readFields(value, expression, faults)
  const read = readText(meaning, `${expression}.meaning`, faults)
  return {
    meaning: meanings.find((known) => known === read),
    name: readPartyName(reference ?? {}, `${expression}.reference`, faults, contained),
  }
}
