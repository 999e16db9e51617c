import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemCode } from './embedded-error.ts'

/**
 * The folder of PostgreSQL's Unix socket, mode 0700. A socket's path is limited to 107 bytes (unix(7)), so a long data
 * folder gets a short private one under the temporary folder, and `socket` becomes a link to it.
 */
const SOCKET_NAME = '.s.PGSQL.5432'

/** 107 less the room for `.lock`, which PostgreSQL appends. */
const PATH_LIMIT_BYTES = 100

/** Called with the owner lock held: whatever is there was left by a process that is gone. */
export function makeSocketFolder(dataDir: string): string {
  const beside = join(dataDir, 'socket')
  removeSocketFolder(dataDir)
  if (Buffer.byteLength(join(beside, SOCKET_NAME)) <= PATH_LIMIT_BYTES) {
    mkdirSync(beside, { mode: 0o700 })
    return beside
  }
  // mkdtemp is private and new: a folder that somebody else prepared is never used.
  const short = mkdtempSync(join(tmpdir(), 'sluse-'))
  symlinkSync(short, beside)
  return short
}

export function removeSocketFolder(dataDir: string): void {
  const beside = join(dataDir, 'socket')
  const found = lstatSync(beside, { throwIfNoEntry: false })
  if (found?.isSymbolicLink()) removeOwn(readlinkSync(beside))
  rmSync(beside, { recursive: true, force: true })
}

/** The temporary folder is everybody's: what the link leads to is removed only while it is a folder of ours. */
function removeOwn(folder: string): void {
  if (!folder.startsWith(join(tmpdir(), 'sluse-'))) return
  try {
    const found = lstatSync(folder)
    if (found.isDirectory() && (found.mode & 0o077) === 0) rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'EACCES') throw error
  }
}
