import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { giveTo } from './data-folder.ts'
import { EmbeddedError } from './embedded-error.ts'
import { clearLeftovers } from './leftovers.ts'
import type { RunAs } from './run-as.ts'
import { startProgram } from './run-program.ts'
import type { Program } from './run-program.ts'
import { watch } from './watchdog.ts'

export const DATABASE = 'sluse'
export const DATABASE_USER = 'sluse'

/**
 * The builtin locale provider sorts alike on every machine (https://www.postgresql.org/docs/18/locale.html). Trust,
 * because the one way in is a Unix socket in a folder of mode 0700; no way in over TCP, also if somebody opens a port.
 */
const INITDB = [
  `--username=${DATABASE_USER}`,
  '--auth-local=trust',
  '--auth-host=reject',
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--no-instructions',
]

export interface ClusterOptions {
  readonly dataDir: string
  readonly binaries: Binaries
  readonly runAs: RunAs
  readonly onProgress: (line: string) => void
}

/**
 * The database cluster's folder, made on the first start. INVARIANT: a folder named `cluster` is complete: it is made
 * under another name and renamed, so a first start that was killed leaves only what the next one may remove.
 */
export async function openCluster(options: ClusterOptions): Promise<string> {
  const cluster = join(options.dataDir, 'cluster')
  if (!existsSync(cluster)) await makeCluster(options, cluster)
  giveTo(options.runAs, cluster)
  // PostgreSQL refuses a folder that others may read, which is what a copy or a restore tends to make of it.
  chmodSync(cluster, 0o700)
  return cluster
}

async function makeCluster(options: ClusterOptions, cluster: string): Promise<void> {
  const { dataDir, binaries, runAs, onProgress } = options
  onProgress('creating the database (first start only)')
  const unfinished = join(dataDir, 'cluster.unfinished')
  await clearLeftovers(unfinished, onProgress)
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  giveTo(runAs, unfinished)

  const inside = { cwd: unfinished, runAs }
  await finish({ ...inside, file: binaries.initdb, args: ['-D', unfinished, ...INITDB] })
  // Single-user mode: the package has no psql, and no server needs to run for one statement.
  const single = ['--single', '-D', unfinished, 'postgres']
  await finish({ ...inside, file: binaries.postgres, args: single, input: `create database ${DATABASE}\n` })

  renameSync(unfinished, cluster)
  syncFolder(dataDir)
}

async function finish(program: Program): Promise<void> {
  const running = startProgram(program)
  const watchdog = running.pid === undefined ? undefined : watch(running.pid, program.cwd)
  const { code, signal } = await running.exited
  watchdog?.dismiss()
  if (code === 0) return
  throw new EmbeddedError(
    'initdb-failed',
    `the database could not be created (${signal ?? `exit code ${code}`}): ${reasonOf(running.lastLines())}; put that right, or set \`DATABASE_URL\``,
  )
}

const COMPLAINT = /\b(?:FATAL|PANIC|ERROR|error):\s+(.*)/

/** PostgreSQL's own complaint; where there is none the program did not even load, as on a Linux without glibc. */
export function reasonOf(lines: readonly string[]): string {
  const complaint = lines.find((line) => COMPLAINT.test(line)) ?? lines.at(-1)
  if (complaint === undefined) return 'it said nothing; its binaries need glibc'
  return (COMPLAINT.exec(complaint)?.[1] ?? complaint).replace(/\.$/, '')
}

/** A rename is on disk once its folder is. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
