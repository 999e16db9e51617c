import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'

/** A folder of its own for a test, removed once nothing works in it any more. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'embedded-')))
  onTestFinished(async () => {
    await until(() => !isWorkedIn(folder))
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

function isWorkedIn(folder: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(folder)
    } catch {
      return false
    }
  })
}

type Connection = ConstructorParameters<typeof Client>[0]

export async function query(connection: Connection, sql: string): Promise<unknown[]> {
  const client = new Client(connection)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

export interface Owner {
  readonly process: ChildProcess
  /** The line that it printed: `{ pid, connection }` or `{ refused, message }`. */
  readonly says: Record<string, unknown>
}

/** Starts test/embedded/owner.ts and waits for its line. */
export async function spawnOwner(dataDir: string, user: { uid?: number; gid?: number } = {}): Promise<Owner> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'owner.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...user,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    const says: unknown = JSON.parse(line)
    if (typeof says === 'object' && says !== null) return { process: child, says: { ...says } }
  }
  throw new Error('the owner ended without a line')
}

export async function killed(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** Waits for a condition on the system, such as a process that ends; the test's timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5)
}

/** A zombie is dead; under a process 1 that reaps nobody it stays for ever. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
