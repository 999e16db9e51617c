/** The database of the gateway that is configured here: that of DATABASE_URL, or the embedded one while the gateway runs. */
import { join } from 'node:path'
import type { Config } from '#config/config.ts'
import { runningConnection } from '#embedded/running-connection.ts'
import { createDatabase, type Database } from '#store/database.ts'

type Where = Pick<Config, 'database' | 'dataDir'>

export async function withDatabase<T>(where: Where, work: (opened: Database) => Promise<T>): Promise<T> {
  const opened = openDatabase(where)
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

/** The caller closes it. */
export function openDatabase({ database, dataDir }: Where): Database {
  const connection =
    database.kind === 'url'
      ? { connectionString: database.url }
      : runningConnection(join(dataDir, 'postgres'))
  if (!connection)
    throw new Error(
      'no embedded database runs; start the gateway with `npm start` first, or set DATABASE_URL',
    )
  return createDatabase({ connection, maxConnections: 1, onPoolError: () => undefined })
}
