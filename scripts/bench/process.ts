/** Processes of the project, started on free ports and ended by their own handle. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

export interface Started {
  readonly child: ChildProcess
  readonly readyAfterMs: number
  /** What it had said by then. */
  readonly readyText: string
  /** CPU time used so far, in ms, user and system. */
  cpuMs(): number
  /** Resident memory in MiB, of this process alone. */
  rssMiB(): number
  stop(): Promise<void>
}

/** Starts `node <args>` and waits for the line that says it is ready. */
export async function startNode(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<Started> {
  const begun = performance.now()
  const child = spawn(process.execPath, args, {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'],
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const readyLine = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (ready.test(said)) resolve()
    })
    child.once('exit', (code) =>
      reject(new Error(`a process ended with ${code} before it was ready: ${said.slice(-2_000)}`)),
    )
  })
  await readyLine
  return {
    child,
    readyAfterMs: performance.now() - begun,
    readyText: said,
    cpuMs: () => cpuMsOf(child.pid),
    rssMiB: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Fields 14 and 15 of /proc/<pid>/stat, in ticks of 10 ms; the name before them may hold spaces. */
function cpuMsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}
