import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Which living processes work in a folder, from `/proc/<pid>/cwd` (proc(5)). PostgreSQL's processes all do, and a pid
 * that was re-used by a stranger does not: that is why a pid is never believed only because a file names it.
 */
export function processesIn(folder: string): number[] {
  // A folder that does not exist has nobody in it.
  const target = statSync(folder, { throwIfNoEntry: false })
  if (target === undefined) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && worksIn(pid, folder, target.uid))
}

function worksIn(pid: number, folder: string, owner: number): boolean {
  const proc = `/proc/${pid}`
  try {
    return readlinkSync(join(proc, 'cwd')) === folder
  } catch {
    // Ended meanwhile, a zombie, or hidden from us. Hidden and possibly ours counts as there: better refuse than share.
    return isHiddenPostgres(proc, owner)
  }
}

function isHiddenPostgres(proc: string, owner: number): boolean {
  try {
    return (
      statSync(proc).uid === owner &&
      readFileSync(join(proc, 'comm'), 'utf8').startsWith('postgres') &&
      !/^State:\s+[ZX]/m.test(readFileSync(join(proc, 'status'), 'utf8'))
    )
  } catch {
    return false
  }
}
