import { setTimeout as pause } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import { reasonOf } from './cluster.ts'
import { EmbeddedError } from './embedded-error.ts'
import type { RunAs } from './run-as.ts'
import { startProgram } from './run-program.ts'
import type { Exit, Running } from './run-program.ts'
import { watch } from './watchdog.ts'

/** The running server. https://www.postgresql.org/docs/18/app-postgres.html */
export interface Postmaster {
  readonly pid: number
  readonly ended: Promise<Exit>
  readonly lastLines: () => readonly string[]
  stop(): Promise<void>
}

export interface PostmasterOptions {
  readonly cluster: string
  readonly socketFolder: string
  readonly binaries: Binaries
  readonly runAs: RunAs
  readonly onProgress: (line: string) => void
}

/** On the command line, where they outrank postgresql.conf and `alter system`. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '128MB',
  // What an acknowledged record rests on.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // The server's log goes to our terminal: lines about the server itself, never a statement or a value.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

const READY = 'database system is ready to accept connections'

export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const ready = Promise.withResolvers<'ready'>()
  const running = startProgram(
    {
      file: options.binaries.postgres,
      args: argumentsFor(options),
      cwd: options.cluster,
      runAs: options.runAs,
    },
    (line) => {
      if (line.includes(READY)) ready.resolve('ready')
      if (line.includes('automatic recovery in progress'))
        options.onProgress('recovering the database after a crash')
    },
  )
  const { pid } = running
  const watchdog = pid === undefined ? undefined : watch(pid, options.cluster)
  const ended = running.exited.then((exit) => {
    watchdog?.dismiss()
    return exit
  })
  const slow = setInterval(() => options.onProgress('waiting for PostgreSQL to be ready'), 2000)
  const first = await Promise.race([ready.promise, ended])
  clearInterval(slow)
  if (first !== 'ready' || pid === undefined) throw await startFailed(running, await ended)
  return { pid, ended, lastLines: running.lastLines, stop: () => stop(running) }
}

function argumentsFor({ cluster, socketFolder }: PostmasterOptions): string[] {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', cluster, '-k', socketFolder, ...settings]
}

async function startFailed(running: Running, { code, signal }: Exit): Promise<EmbeddedError> {
  // The exit may be heard before the last words.
  const stderr = running.child.stderr
  if (stderr !== null && !stderr.closed) {
    await Promise.race([new Promise((resolve) => stderr.once('close', resolve)), pause(500)])
  }
  return new EmbeddedError(
    'start-failed',
    `PostgreSQL did not start (${signal ?? `exit code ${code}`}): ${reasonOf(running.lastLines())}; put that right, or set \`DATABASE_URL\``,
  )
}

/** https://www.postgresql.org/docs/18/server-shutdown.html: fast; then immediate, which costs a recovery at the next start. */
const STOP_SIGNALS = [
  { signal: 'SIGINT', patienceMs: 15_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
] as const

async function stop(running: Running): Promise<void> {
  for (const { signal, patienceMs } of STOP_SIGNALS) {
    running.child.kill(signal)
    if (await endsWithin(running, patienceMs)) return
  }
  running.child.kill('SIGKILL')
  await running.exited
}

async function endsWithin(running: Running, patienceMs: number): Promise<boolean> {
  const timer = new AbortController()
  try {
    const late = pause(patienceMs, false, { signal: timer.signal }).catch(() => false)
    return await Promise.race([running.exited.then(() => true), late])
  } finally {
    timer.abort()
  }
}
