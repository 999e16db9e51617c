import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { EmbeddedError } from './embedded-error.ts'

/**
 * Under which user PostgreSQL runs. It refuses uid 0 (https://www.postgresql.org/docs/18/postgres-user.html), so root
 * either shows it another uid in a user namespace, or becomes another user for it.
 */
export interface RunAs {
  /** Put before the command; the last word execs the command, so that its pid stays the same. */
  readonly prefix: readonly string[]
  readonly user?: SystemUser
}

interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Within the namespace only; outside, files and processes stay root's own, also inside a home of mode 0700. */
const NAMESPACE = ['unshare', '--user', '--map-user=1000', '--map-group=1000'] as const

export function chooseRunAs(uid = process.getuid?.() ?? -1): RunAs {
  if (uid !== 0) return { prefix: [] }
  if (spawnSync(NAMESPACE[0], [...NAMESPACE.slice(1), 'true'], { stdio: 'ignore' }).status === 0) {
    return { prefix: NAMESPACE }
  }
  return dropToUser(readFileSync('/etc/passwd', 'utf8'))
}

/** For containers that forbid `unshare`. PostgreSQL looks its user up, so the uid needs a passwd entry. */
export function dropToUser(passwd: string): RunAs {
  for (const name of ['postgres', 'node', 'nobody']) {
    const user = findUser(passwd, name)
    if (user) return { prefix: [], user }
  }
  throw new EmbeddedError(
    'cannot-run',
    'PostgreSQL refuses to run as root, `unshare` is not permitted here, and there is no user `postgres`, `node` or `nobody`: start as an ordinary user, or set `DATABASE_URL`',
  )
}

function findUser(passwd: string, name: string): SystemUser | undefined {
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':')
  const uid = Number(fields?.[2])
  const gid = Number(fields?.[3])
  return Number.isInteger(uid) && uid > 0 && Number.isInteger(gid) && gid > 0 ? { name, uid, gid } : undefined
}
