/** Every code in a resource, and in each of its parts: a contained resource counts to whatever points to it (R4 dom-3). */
import type { Resource } from '@medplum/fhirtypes'
import { codesIn, type Descendants, type UnitCodes } from './criteria-code.ts'
import { containedIn } from './party-name.ts'
import { linksOf } from './resource-link.ts'

export interface CodesOf {
  readonly whole: UnitCodes
  /** Of the values of one element. */
  readonly of: (values: readonly unknown[]) => UnitCodes
}

export function codesOf(resource: Resource, below: Descendants | undefined): CodesOf {
  const contained = containedIn(resource)
  const reached = (values: readonly unknown[]): readonly unknown[] => {
    const found = new Set(values)
    for (const value of found)
      for (const reference of linksOf(value).references) {
        const inner = contained.get(reference)
        if (inner) found.add(inner)
      }
    return [...found]
  }
  return {
    whole: codesIn([resource], below),
    of: (values) => codesIn(contained.size === 0 ? values : reached(values), below),
  }
}
