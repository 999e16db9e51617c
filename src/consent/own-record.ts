/** Whose record it is: whoever wrote it may always read it, and nobody else for being of the same house. */
import type { Question } from './question.ts'
import { isSameParty } from './same-party.ts'

/**
 * By our own ids where both have one. Units of one legal entity share its number (CVR), and a hospital's somatic wards are
 * not the custodian of what its psychiatry wrote: only without ids do numbers have to tell.
 */
export function isCustodian({ recipient, custodian }: Pick<Question, 'recipient' | 'custodian'>): boolean {
  if (recipient.references.length === 0 || custodian.references.length === 0)
    return isSameParty(recipient, custodian)
  return recipient.references.some((reference) => custodian.references.includes(reference))
}
