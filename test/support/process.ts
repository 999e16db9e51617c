/** A program of ours as a real process: its lines, its end, and ways to end it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { waitFor } from './process-wait.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface TestProcess {
  readonly pid: number
  /** Of standard output and standard error, in the order in which they came. */
  readonly lines: readonly string[]
  readonly exited: Promise<Exit>
  /** Undefined while it runs. */
  exit(): Exit | undefined
  /** The first line that fits, also when it was written before; rejects when the process ends without one. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Exit>
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A start on a machine that is busy with other tests. */
const PATIENCE_MS = 30_000

/** Runs a file of the project on the Node that runs the tests. Only `environment` is set, and PATH and HOME. */
export async function startProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<TestProcess> {
  const child = spawn(process.execPath, [...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => void lines.push(line))
  // `close`: both outputs have been read to their end, so that no last line is missed.
  const exited = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }))
  let ended: Exit | undefined
  void exited.then((exit) => (ended = exit))
  await once(child, 'spawn')
  const { pid } = child
  if (pid === undefined) throw new Error('a process without a pid')
  return {
    pid,
    lines,
    exited,
    exit: () => ended,
    line: (pattern, timeoutMs = PATIENCE_MS) =>
      waitFor(
        () => {
          const found = lines.find((line) => pattern.test(line))
          if (found === undefined && ended)
            throw new Error(
              `the process ended with ${ended.signal ?? ended.code} before ${pattern}: ${lines.join('\n')}`,
            )
          return found
        },
        () => `a line like ${pattern}; there were:\n${lines.join('\n')}`,
        timeoutMs,
      ),
    end: async (signal = 'SIGTERM') => {
      child.kill(signal)
      return exited
    },
  }
}
