import { spawnSync } from 'node:child_process'
import { chmodSync, lchownSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { EmbeddedError, systemCode } from './embedded-error.ts'
import type { RunAs } from './run-as.ts'

/** The folder that holds everything of the embedded PostgreSQL, private to who runs us; answers with its real path. */
export function openDataFolder(path: string, runAs: RunAs): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const dataDir = realpathSync(path)
    if (statSync(dataDir).uid !== process.getuid?.()) throw notOwner(path)
    // PostgreSQL's own folders below it are 0700; their user only has to get through.
    chmodSync(dataDir, runAs.user ? 0o711 : 0o700)
    return dataDir
  } catch (cause) {
    throw systemCode(cause) === 'EACCES' || systemCode(cause) === 'EPERM' ? notOwner(path, cause) : cause
  }
}

function notOwner(path: string, cause?: unknown): EmbeddedError {
  return new EmbeddedError(
    'not-owner',
    `the data folder \`${path}\` belongs to another user: start as that user, or with another data folder`,
    { cause },
  )
}

/** Root drops to a user that must get through every folder above; found out here, PostgreSQL's own message is obscure. */
export function assertReachable(runAs: RunAs, path: string): void {
  if (runAs.user === undefined) return
  const { uid, gid, name } = runAs.user
  if (spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { uid, gid, cwd: '/' }).status === 0) return
  throw new EmbeddedError(
    'cannot-run',
    `PostgreSQL has to run as user \`${name}\`, which cannot reach \`${path}\`: allow it through (chmod o+x) in the folders above, or set \`DATABASE_URL\``,
  )
}

/**
 * PostgreSQL runs only on a folder of its own user. Root may change under which user that is from one start to the
 * next (a container with and without `unshare`), so it gives the folder over.
 */
export function giveTo(runAs: RunAs, folder: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = runAs.user ?? { uid: 0, gid: 0 }
  if (statSync(folder).uid === uid) return
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(folder, entry), uid, gid)
  }
  // Last, so that a start that was killed here gives it over again.
  lchownSync(folder, uid, gid)
}
