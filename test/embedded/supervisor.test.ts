import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { processesIn } from '#embedded/live-processes.ts'
import { dropToUser } from '#embedded/run-as.ts'
import { startEmbedded } from '#embedded/supervisor.ts'
import type { Embedded, EmbeddedOptions } from '#embedded/supervisor.ts'
import { isAlive, killed, query, spawnOwner, temporaryFolder, until } from './fixture.ts'

const root = process.getuid?.() === 0
const NOBODY = { uid: 65534, gid: 65534 }

async function start(options: EmbeddedOptions): Promise<Embedded> {
  const embedded = await startEmbedded(options)
  onTestFinished(() => embedded.stop())
  return embedded
}

/** A data folder that was started, given a row and stopped; most tests begin with a copy of it. */
const template = mkdtempSync(join(tmpdir(), 'embedded-template-'))
afterAll(() => rmSync(template, { recursive: true }))

beforeAll(async () => {
  const embedded = await startEmbedded({ dataDir: template })
  await query(embedded.connection, 'create table kept as select 134418 as id')
  await embedded.stop()
})

function startedBefore(): string {
  const dataDir = temporaryFolder()
  execFileSync('cp', ['-a', `${template}/.`, dataDir])
  return dataDir
}

const kept = 'select id from kept'

test('the first start makes the database, and says that it does', async () => {
  const dataDir = join(temporaryFolder(), 'not', 'there', 'yet')
  const progress: string[] = []
  const embedded = await start({ dataDir, onProgress: (line) => progress.push(line) })

  expect(progress).toEqual(['creating the database (first start only)'])
  expect(embedded.connection).toEqual({ host: join(dataDir, 'socket'), user: 'sluse', database: 'sluse' })
  expect(await query(embedded.connection, 'select current_database() as name, current_user as who')).toEqual([
    { name: 'sluse', who: 'sluse' },
  ])
})

test('it runs with the settings that durability rests on, reachable by its socket alone', async () => {
  const dataDir = startedBefore()
  // Somebody made it faster: the command line outranks both files.
  writeFileSync(join(dataDir, 'cluster', 'postgresql.auto.conf'), "fsync = off\nlisten_addresses = '*'\n")
  const { connection } = await start({ dataDir })

  const settings = await query(
    connection,
    `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes',
     'data_checksums', 'listen_addresses', 'max_connections', 'log_min_messages', 'log_min_error_statement',
     'log_error_verbosity', 'server_encoding', 'TimeZone') order by name collate "C"`,
  )
  expect(settings).toEqual([
    { name: 'TimeZone', setting: 'UTC' },
    { name: 'data_checksums', setting: 'on' },
    { name: 'fsync', setting: 'on' },
    { name: 'full_page_writes', setting: 'on' },
    { name: 'listen_addresses', setting: '' },
    { name: 'log_error_verbosity', setting: 'terse' },
    { name: 'log_min_error_statement', setting: 'panic' },
    { name: 'log_min_messages', setting: 'log' },
    { name: 'max_connections', setting: '60' },
    { name: 'server_encoding', setting: 'UTF8' },
    { name: 'synchronous_commit', setting: 'on' },
  ])
  for (const folder of ['', 'cluster', 'socket']) {
    expect(`${folder} ${(statSync(join(dataDir, folder)).mode & 0o777).toString(8)}`).toBe(`${folder} 700`)
  }
  expect(statSync(join(dataDir, 'socket', '.s.PGSQL.5432')).mode & 0o777).toBe(0o700)
})

test('a later start keeps the data and makes nothing anew', async () => {
  const dataDir = startedBefore()
  const progress: string[] = []
  const embedded = await start({ dataDir, onProgress: (line) => progress.push(line) })

  expect(progress).toEqual([])
  expect(await query(embedded.connection, kept)).toEqual([{ id: 134418 }])
})

test('stop is clean: nothing runs on, nothing is recovered, and asking twice is allowed', async () => {
  const dataDir = startedBefore()
  const embedded = await startEmbedded({ dataDir })
  await Promise.all([embedded.stop(), embedded.stop()])

  expect(await embedded.ended).toEqual({ code: 0, signal: null })
  expect(processesIn(join(dataDir, 'cluster'))).toEqual([])
  expect(existsSync(join(dataDir, 'cluster', 'postmaster.pid'))).toBe(false)
  expect(existsSync(join(dataDir, 'socket'))).toBe(false)
  expect(existsSync(join(dataDir, 'owner.json'))).toBe(false)
})

test('Ctrl-C in our terminal does not reach it: it has a process group of its own', async () => {
  const { pid } = await start({ dataDir: startedBefore() })
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]

  // proc(5): state, parent, process group.
  expect(Number(afterName?.split(' ')[2])).toBe(pid)
})

test('stop does not wait for a client that stays', async () => {
  const embedded = await startEmbedded({ dataDir: startedBefore() })
  const sleeping = query(embedded.connection, 'select pg_sleep(60)').catch((error: unknown) => error)
  await until(() => processesIn(join(embedded.connection.host, '..', 'cluster')).length > 0)
  await embedded.stop()

  expect(await sleeping).toBeInstanceOf(Error)
})

test('a second starter beside the first is refused and told who holds the folder', async () => {
  const dataDir = startedBefore()
  const owner = await spawnOwner(dataDir)
  const second = startEmbedded({ dataDir })

  await expect(second).rejects.toMatchObject({
    code: 'already-running',
    message: expect.stringMatching(
      new RegExp(
        `^process ${owner.process.pid} \\(since 20[^)]+Z\\) already uses the data folder \`${dataDir}\`: stop it first, or start with another data folder$`,
      ),
    ),
  })
  expect(isAlive(Number(owner.says['pid']))).toBe(true)
})

test('a second start in the same process is refused too, and the first goes on', async () => {
  const dataDir = startedBefore()
  const first = await start({ dataDir })

  await expect(startEmbedded({ dataDir })).rejects.toMatchObject({ code: 'already-running' })
  expect(await query(first.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  // The refused start closed its own view of the lock file, which must not have freed the lock.
  expect(await spawnOwner(dataDir)).toMatchObject({ says: { refused: 'already-running' } })
})

test('the owner is killed with -9: PostgreSQL ends by itself, and the next start has the data', async () => {
  const dataDir = startedBefore()
  const owner = await spawnOwner(dataDir)
  const postmaster = Number(owner.says['pid'])
  await killed(owner.process)
  await until(() => !isAlive(postmaster))

  const embedded = await start({ dataDir })
  expect(await query(embedded.connection, kept)).toEqual([{ id: 134418 }])
})

test('the owner is killed and the next start comes at once, before PostgreSQL has ended', async () => {
  const dataDir = startedBefore()
  const owner = await spawnOwner(dataDir)
  await killed(owner.process)

  const embedded = await start({ dataDir })
  expect(embedded.pid).not.toBe(owner.says['pid'])
  expect(await query(embedded.connection, kept)).toEqual([{ id: 134418 }])
})

test('owner and watchdog are killed: the next start stops the orphan and says so', async () => {
  const dataDir = startedBefore()
  const owner = await spawnOwner(dataDir)
  const postmaster = Number(owner.says['pid'])
  for (const pid of watchdogsOf(postmaster)) process.kill(pid, 'SIGKILL')
  await killed(owner.process)
  expect(isAlive(postmaster)).toBe(true)

  const progress: string[] = []
  const embedded = await start({ dataDir, onProgress: (line) => progress.push(line) })
  expect(progress).toEqual(['stopping a PostgreSQL that an earlier start left running'])
  expect(isAlive(postmaster)).toBe(false)
  expect(await query(embedded.connection, kept)).toEqual([{ id: 134418 }])
})

test('the postmaster is killed with -9: the owner hears of it, and the next start recovers', async () => {
  const dataDir = startedBefore()
  const first = await startEmbedded({ dataDir })
  process.kill(first.pid, 'SIGKILL')

  expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' })
  await until(() => watchdogsOf(first.pid).length === 0)
  const progress: string[] = []
  const embedded = await start({ dataDir, onProgress: (line) => progress.push(line) })
  // On a busy machine it also says that it waits.
  expect(progress).toContain('recovering the database after a crash')
  expect(await query(embedded.connection, kept)).toEqual([{ id: 134418 }])
  await first.stop()
  expect(isAlive(embedded.pid)).toBe(true)
})

test('a postmaster.pid that names a living stranger blocks nothing, and the stranger is not signalled', async () => {
  const dataDir = startedBefore()
  const stranger = spawn('sleep', ['60'], { cwd: '/' })
  onTestFinished(() => void stranger.kill('SIGKILL'))
  const cluster = join(dataDir, 'cluster')
  writeFileSync(join(cluster, 'postmaster.pid'), `${stranger.pid}\n${cluster}\n1\n5432\n${dataDir}/socket\n`)
  await start({ dataDir })

  expect(stranger.exitCode).toBeNull()
  expect(stranger.signalCode).toBeNull()
})

test('a first start that was killed half-way is cleared away by the next', async () => {
  const dataDir = temporaryFolder()
  const unfinished = join(dataDir, 'cluster.unfinished')
  mkdirSync(join(unfinished, 'base'), { recursive: true })
  writeFileSync(join(unfinished, 'PG_VERSION'), '18\n')
  const embedded = await start({ dataDir })

  expect(existsSync(unfinished)).toBe(false)
  expect(await query(embedded.connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a first start is killed while it makes the database: the next one succeeds', async () => {
  const dataDir = temporaryFolder()
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'owner.ts'), dataDir], { stdio: 'ignore' })
  await until(() => existsSync(join(dataDir, 'cluster.unfinished', 'base')))
  await killed(owner)

  expect(existsSync(join(dataDir, 'cluster'))).toBe(false)
  const embedded = await start({ dataDir })
  expect(await query(embedded.connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a damaged cluster is refused with the complaint of PostgreSQL, and is not wiped', async () => {
  const dataDir = startedBefore()
  writeFileSync(join(dataDir, 'cluster', 'PG_VERSION'), '12\n')

  await expect(startEmbedded({ dataDir })).rejects.toMatchObject({
    code: 'start-failed',
    message:
      'PostgreSQL did not start (exit code 1): database files are incompatible with server; put that right, or set `DATABASE_URL`',
  })
  expect(readFileSync(join(dataDir, 'cluster', 'PG_VERSION'), 'utf8')).toBe('12\n')
  // The lock is free again.
  writeFileSync(join(dataDir, 'cluster', 'PG_VERSION'), '18\n')
  expect(await query((await start({ dataDir })).connection, kept)).toEqual([{ id: 134418 }])
})

test('a cluster that a restore left readable for others is made private again', async () => {
  const dataDir = startedBefore()
  chmodSync(join(dataDir, 'cluster'), 0o755)
  await start({ dataDir })

  expect(statSync(join(dataDir, 'cluster')).mode & 0o777).toBe(0o700)
})

test('a long data folder gets a short private socket folder, which is removed at the end', async () => {
  const dataDir = join(temporaryFolder(), 'a'.repeat(120))
  const embedded = await startEmbedded({ dataDir })
  const { host } = embedded.connection

  expect(Buffer.byteLength(host)).toBeLessThan(80)
  expect(statSync(host).mode & 0o777).toBe(0o700)
  expect(lstatSync(join(dataDir, 'socket')).isSymbolicLink()).toBe(true)
  expect(await query(embedded.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  await embedded.stop()
  expect(existsSync(host)).toBe(false)
})

test('no statement and no value reaches the terminal', async () => {
  const embedded = await start({ dataDir: startedBefore() })
  await expect(query(embedded.connection, `select 'patient-134418'::int`)).rejects.toThrow(
    'invalid input syntax',
  )
  await query(embedded.connection, `do $$ begin raise warning 'patient-134418'; end $$`)

  expect(embedded.lastLines().join('\n')).toContain('ready to accept connections')
  expect(embedded.lastLines().join('\n')).not.toContain('134418')
})

test.runIf(root)('an ordinary user needs nothing special', async () => {
  const dataDir = temporaryFolder()
  chownSync(dataDir, NOBODY.uid, NOBODY.gid)
  const owner = await spawnOwner(dataDir, NOBODY)

  expect(owner.says).toMatchObject({ connection: { host: join(dataDir, 'socket'), database: 'sluse' } })
  expect(statSync(join(dataDir, 'cluster')).uid).toBe(NOBODY.uid)
  expect(statSync(`/proc/${String(owner.says['pid'])}`).uid).toBe(NOBODY.uid)
})

test.runIf(root)(
  'root without user namespaces becomes another user, and may change its way later',
  async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o711)
    const dataDir = join(folder, 'data')
    const dropped = dropToUser('nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n')
    const first = await startEmbedded({ dataDir, runAs: dropped })
    await query(first.connection, 'create table kept as select 134418 as id')
    expect(statSync(`/proc/${first.pid}`).uid).toBe(65534)
    await first.stop()

    const second = await start({ dataDir })
    expect(statSync(join(dataDir, 'cluster')).uid).toBe(0)
    expect(await query(second.connection, kept)).toEqual([{ id: 134418 }])
    await second.stop()

    const third = await start({ dataDir, runAs: dropped })
    expect(await query(third.connection, kept)).toEqual([{ id: 134418 }])
  },
)

test.runIf(root)('root that has to become a user who cannot reach the folder says which folder', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const runAs = dropToUser('nobody:x:65534:65534::/:/bin/false\n')

  await expect(startEmbedded({ dataDir, runAs })).rejects.toMatchObject({
    code: 'cannot-run',
    message: `PostgreSQL has to run as user \`nobody\`, which cannot reach \`${dataDir}\`: allow it through (chmod o+x) in the folders above, or set \`DATABASE_URL\``,
  })
})

test.runIf(root)("another user's data folder is refused", async () => {
  const dataDir = temporaryFolder()
  chownSync(dataDir, NOBODY.uid, NOBODY.gid)

  await expect(startEmbedded({ dataDir })).rejects.toMatchObject({
    code: 'not-owner',
    message: `the data folder \`${dataDir}\` belongs to another user: start as that user, or with another data folder`,
  })
})

/** The shells that wait for us to die, found by the pid in their arguments. */
function watchdogsOf(postmaster: number): number[] {
  return processesIn('/').filter((pid) => {
    const words = commandLine(pid)
    return words.includes('sluse-watchdog') && words.includes(String(postmaster))
  })
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
