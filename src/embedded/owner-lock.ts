import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EmbeddedError } from './embedded-error.ts'

/**
 * One process at a time owns a data folder. The lock is the kernel's own file lock, which ends with its process however
 * that dies, so there is no stale lock to judge. Node has no call for it; node:sqlite takes it for an exclusive
 * transaction (https://sqlite.org/lockingv3.html). See docs/adr/0002-embedded-postgres.md.
 */
export interface OwnerLock {
  release(): void
}

export function acquireOwnerLock(dataDir: string): OwnerLock {
  const database = new DatabaseSync(join(dataDir, 'owner.lock'), { timeout: 0 })
  try {
    database.exec('begin exclusive')
  } catch (cause) {
    database.close()
    throw isBusy(cause) ? alreadyRunning(dataDir, cause) : cause
  }
  const note = join(dataDir, 'owner.json')
  writeFileSync(note, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }))
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      rmSync(note, { force: true })
      database.close()
    },
  }
}

/** https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

function alreadyRunning(dataDir: string, cause: unknown): EmbeddedError {
  return new EmbeddedError(
    'already-running',
    `${readOwner(dataDir)} already uses the data folder \`${dataDir}\`: stop it first, or start with another data folder`,
    { cause },
  )
}

/** The note only informs: a note that cannot be read is never a reason to go on. */
function readOwner(dataDir: string): string {
  try {
    const note: unknown = JSON.parse(readFileSync(join(dataDir, 'owner.json'), 'utf8'))
    if (typeof note !== 'object' || note === null || !('pid' in note) || !('since' in note))
      return 'another process'
    return `process ${String(note.pid)} (since ${String(note.since)})`
  } catch {
    return 'another process'
  }
}
