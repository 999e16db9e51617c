/** A database whose transactions are parts of one: what is done through it is committed with the rest, or not at all. */
import type { Database, Queryable, Transaction } from './database.ts'

/**
 * What fails is taken back to where it began, as it would be alone, so that its caller may ask why, or go on. One after the
 * other: parts that run at once would take back each other's work.
 */
export function joined(database: Database, tx: Transaction): Database {
  let parts = 0
  const part = async <T>(work: () => Promise<T>): Promise<T> => {
    const name = `part_${++parts}`
    await tx.query({ text: `savepoint ${name}` })
    try {
      const result = await work()
      await tx.query({ text: `release savepoint ${name}` })
      return result
    } catch (error) {
      await tx.query({ text: `rollback to savepoint ${name}` })
      throw error
    }
  }
  const query: Queryable['query'] = (statement) => part(() => tx.query(statement))
  return { ...database, query, transaction: (run) => part(() => run(tx)) }
}
