import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { RunAs } from './run-as.ts'

/** Starts a PostgreSQL program: in its own process group, with an environment that holds nothing of ours. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly runAs: RunAs
  readonly input?: string
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Running {
  readonly child: ChildProcess
  /** Undefined when the program could not be started: then `exited` says so. */
  readonly pid: number | undefined
  readonly exited: Promise<Exit>
  /** The last lines of stderr, for the sentence that says what went wrong. */
  readonly lastLines: () => readonly string[]
}

/** Enough for PostgreSQL's complaint and its hint. */
const LINES_KEPT = 6

/**
 * English messages, since we wait for one; UTC. None of our own variables: DATABASE_URL, keys and PGOPTIONS are not
 * PostgreSQL's business.
 */
function environment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    LC_ALL: 'C',
    LC_MESSAGES: 'C',
    TZ: 'UTC',
  }
}

export function startProgram(program: Program, onLine: (line: string) => void = () => {}): Running {
  const [file = program.file, ...args] = [...program.runAs.prefix, program.file, ...program.args]
  const child = spawn(file, args, {
    cwd: program.cwd,
    env: environment(),
    // Its own process group: Ctrl-C must not stop the database while requests drain.
    detached: true,
    stdio: [program.input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
    ...(program.runAs.user ? { uid: program.runAs.user.uid, gid: program.runAs.user.gid } : {}),
  })
  if (program.input !== undefined) {
    // A program that ends before it has read everything says why on stderr.
    child.stdin?.on('error', () => {})
    child.stdin?.end(program.input)
  }
  const lines: string[] = []
  readLines(child.stderr, (line) => {
    lines.push(line)
    if (lines.length > LINES_KEPT) lines.shift()
    onLine(line)
  })
  return { child, pid: child.pid, exited: exitOf(child), lastLines: () => lines }
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine)
}

function exitOf(child: ChildProcess): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  child.once('error', () => {
    if (child.pid === undefined) resolve({ code: 127, signal: null })
  })
  // `exit`, not `close`: backends share stderr and may outlive a postmaster that was killed.
  child.once('exit', (code, signal) => resolve({ code, signal }))
  return promise
}
