import type { Database, Queryable } from '#store/database.ts'
import { findSubject, type NationalId, subjectOf } from '#store/persons.ts'
import type { Seal } from '#store/seal.ts'

/**
 * Runs `work` for the citizen with this national id. One whom nobody has sent before is added in the transaction of what
 * is stored about them, so that a message that is refused leaves nobody behind.
 */
export async function aboutCitizen<T>(
  { database, seal }: { readonly database: Database; readonly seal: Seal },
  nationalId: NationalId,
  work: (db: Queryable, subjectId: string) => Promise<T>,
): Promise<T> {
  const known = await findSubject(database, seal, nationalId)
  if (known) return work(database, known)
  return database.transaction(async (tx) => work(tx, await subjectOf(tx, seal, nationalId)))
}
