/**
 * What a conditional write finds: the sender's own records of one citizen, and nobody else's, so that it can tell of no others.
 * Whoever looks for the same waits, so that two who find nothing do not both store.
 */
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Transaction } from '#store/database.ts'
import { lockMatching, matchingOwn, type OwnQuery, type OwnRecord } from '#store/own-records.ts'

export async function ownMatch(tx: Transaction, query: OwnQuery): Promise<OwnRecord | undefined> {
  await lockMatching(tx, query)
  const [match, another] = await matchingOwn(tx, query)
  if (another) {
    throw new GatewayError({
      code: 'multiple-matches',
      text: 'several of your records of this citizen match, and nothing was stored: ask for what only one of them has, or write to its id',
    })
  }
  return match
}
