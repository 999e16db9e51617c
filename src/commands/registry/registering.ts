/** One command's work on the registry: in one transaction, with a name for the audit log, and for nothing when it is a dry run. */
import type { UnitType } from '#law/unit-types.ts'
import type { Transaction } from '#store/database.ts'
import { lockRegistry, type Registrar } from '#store/registry.ts'
import type { OpenRegistry } from './registry-access.ts'

export interface Registering {
  readonly registry: OpenRegistry
  readonly registrar: Registrar
  readonly unitTypes: ReadonlyMap<string, UnitType>
  readonly dryRun: boolean
}

/** What the command says when it is done. */
export interface Told {
  readonly lines: readonly string[]
  readonly warnings: readonly string[]
}

/** Ends the transaction of a dry run, after the database has said yes to all of it. */
class NotMeant extends Error {}

/** Under the registry's lock: what a change is checked against is still so when it is written. */
export async function inRegistry<T>(
  { registry, dryRun }: Registering,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const results: T[] = []
  await registry.database
    .transaction(async (tx) => {
      await lockRegistry(tx)
      results.push(await work(tx))
      if (dryRun) throw new NotMeant()
    })
    .catch((error: unknown) => {
      if (!(error instanceof NotMeant)) throw error
    })
  const [result] = results
  if (result === undefined) throw new Error('the transaction ended without a result')
  return result
}

/** `added`, or in a dry run `would be added`. */
export function done({ dryRun }: Registering, verb: string): string {
  return dryRun ? `would be ${verb}` : verb
}
