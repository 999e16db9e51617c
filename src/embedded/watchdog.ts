import { spawn } from 'node:child_process'

/**
 * Stops a PostgreSQL program when we die, however we die: a shell waits on a pipe that we hold, and the kernel closes
 * the pipe of a dead process.
 */
export interface Watchdog {
  /** Called once the watched program has ended, so that its pid, free for others by then, is never signalled. */
  dismiss(): void
}

/** `-ef`: the same folder by device and inode. The pid is signalled only while it works in the folder it was given. */
const SCRIPT = 'read -r _; [ "/proc/$1/cwd" -ef "$2" ] && kill -INT "$1"'

export function watch(pid: number, folder: string): Watchdog {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sluse-watchdog', String(pid), folder], {
    cwd: '/',
    // Its own process group: what ends us by Ctrl-C or a kill of the group must not end it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without a shell there is no watchdog; the next start then finds the orphan by itself.
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  return { dismiss: () => void child.kill('SIGKILL') }
}
