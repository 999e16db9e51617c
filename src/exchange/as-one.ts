/** Several interactions, or one and what belongs to it, in one transaction. */
import { joined } from '#store/joined-database.ts'
import type { Transaction } from '#store/database.ts'
import type { Exchange } from './call.ts'

/** What is to be told is told after the commit: a wake-up that came first would find nothing. */
export async function asOne<T>(
  exchange: Exchange,
  work: (within: Exchange, tx: Transaction) => Promise<T>,
): Promise<T> {
  const after: (() => void)[] = []
  const result = await exchange.database.transaction((tx) => {
    // Begun anew with each transaction.
    after.length = 0
    return work(
      {
        ...exchange,
        database: joined(exchange.database, tx),
        announce: (subscriptionIds) => after.push(() => exchange.announce(subscriptionIds)),
        onAccepted: (format, count) => after.push(() => exchange.onAccepted(format, count)),
      },
      tx,
    )
  })
  for (const tell of after) tell()
  return result
}
