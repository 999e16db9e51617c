/**
 * Whether what is released still is what was asked for. A plan without its addiction part must not be found by a code or a
 * date of that part: being found would tell of it.
 */
import type { Resource } from '@medplum/fhirtypes'
import { type DateClauses, fitsDates } from '#fhir/date-search.ts'
import { dateOf, isHeld } from '#fhir/held-types.ts'
import { fits } from '#fhir/search-parameters.ts'

export function stillAnswers(
  clauses: readonly (readonly string[])[],
  dates: DateClauses = [],
): (released: Resource) => boolean {
  return (released) => isHeld(released) && fits(released, clauses) && fitsDates(dateOf(released), dates)
}

/** Whether its place in an order of dates tells nothing that was taken out. */
export function isDatedAlike(released: Resource, whole: Resource): boolean {
  const [one, other] = [released, whole].map((each) => (isHeld(each) ? dateOf(each) : undefined))
  return one?.from === other?.from
}
