/** The way to the embedded database of a gateway that runs, for a command beside it. */
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { DATABASE, DATABASE_USER } from './cluster.ts'

/** Undefined when no database of this data folder runs. `dataDir` is what `startEmbedded` was given. */
export function runningConnection(
  dataDir: string,
): { readonly host: string; readonly user: string; readonly database: string } | undefined {
  const folder = join(dataDir, 'socket')
  if (!existsSync(folder)) return undefined
  // The link's own path may be too long for a socket.
  return { host: realpathSync(folder), user: DATABASE_USER, database: DATABASE }
}
