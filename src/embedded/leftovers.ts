import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { EmbeddedError } from './embedded-error.ts'
import { processesIn } from './live-processes.ts'

/** A checkpoint of a large cache on a slow disk; beyond it somebody should look. */
const ORPHAN_PATIENCE_MS = 30_000

/**
 * Clears what a killed start left: an orphaned PostgreSQL is asked to stop, and a `postmaster.pid` without a living
 * process behind it is removed, since a zombie or a re-used pid would block the start. Called with the owner lock held.
 */
export async function clearLeftovers(
  cluster: string,
  onProgress: (line: string) => void,
  patienceMs = ORPHAN_PATIENCE_MS,
): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid')
  const deadline = Date.now() + patienceMs
  let asked: number | undefined
  for (let living = processesIn(cluster); living.length > 0; living = processesIn(cluster)) {
    const postmaster = readPid(pidFile)
    // INVARIANT: a pid is signalled only when a living process works in our folder under it.
    if (postmaster !== undefined && postmaster !== asked && living.includes(postmaster)) {
      onProgress('stopping a PostgreSQL that an earlier start left running')
      asked = interrupt(postmaster)
    }
    if (Date.now() > deadline) throw stillThere(living, cluster)
    await pause(10)
  }
  rmSync(pidFile, { force: true })
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0])
    return Number.isInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

/** SIGINT is PostgreSQL's fast shutdown. https://www.postgresql.org/docs/18/server-shutdown.html */
function interrupt(pid: number): number {
  try {
    process.kill(pid, 'SIGINT')
  } catch {
    // Ended by itself, or another user's: the next look at /proc tells.
  }
  return pid
}

function stillThere(living: readonly number[], cluster: string): EmbeddedError {
  return new EmbeddedError(
    'folder-in-use',
    `process ${living.join(', ')} still works in the data folder \`${cluster}\`: stop it, then start again`,
  )
}
