/**
 * Whether what is released still is what was asked for. A plan without its addiction part must not be found by a code or a
 * date of that part: being found would tell of it.
 */
import type { Resource } from '@medplum/fhirtypes'
import { isHeld } from '#fhir/held-types.ts'
import { fits } from '#fhir/search-parameters.ts'

export function stillAnswers(clauses: readonly (readonly string[])[]): (released: Resource) => boolean {
  return (released) => isHeld(released) && fits(released, clauses)
}
