/**
 * An installation as an operator has it: a database of its own, keys, clients, and gateways and workers as real
 * processes on PostgreSQL alone or with Redis. A journey is told on each of the two.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { makeKeys } from '#config/keys.ts'
import { type BackendClient, createBackendClient } from '#sandbox/backend-client.ts'
import { readClientFile, readOrMakeClientFile } from '#sandbox/client-files.ts'
import { sandboxClients } from '#sandbox/identities.ts'
import { cloneDatabase } from './database.ts'
import { freePort } from './free-port.ts'
import { hasRedisServer, type OwnRedis, startRedis } from './process-redis.ts'
import { startProcess, type TestProcess } from './process.ts'

export interface Backend {
  readonly name: string
  readonly redis: boolean
  /** Where there is no redis-server: the test is skipped by its name. */
  readonly missing: boolean
}

export const backends: readonly Backend[] = [
  { name: 'PostgreSQL alone', redis: false, missing: false },
  { name: 'PostgreSQL and Redis', redis: true, missing: !hasRedisServer },
]

export type Role = 'gateway' | 'worker' | 'all'

export interface Installation {
  /** Of the first gateway: what its clients are told. */
  readonly baseUrl: string
  readonly redisUrl: string | undefined
  readonly databaseUrl: string
  readonly settings: Readonly<Record<string, string>>
  /** Starts a process and waits until it is ready. A gateway started again has the address that it had. */
  start(role: Role, change?: Readonly<Record<string, string>>): Promise<TestProcess>
  client(id: string): BackendClient
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** Every line of every process so far. */
  lines(): readonly string[]
  close(): Promise<void>
}

export interface InstallationOptions {
  readonly redis: boolean
  /** The first process migrates. */
  readonly emptyDatabase?: boolean
  readonly redisSettings?: Readonly<Record<string, string>>
}

export async function makeInstallation(options: InstallationOptions): Promise<Installation> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluse-installation-'))
  const keysFile = join(dataDir, 'keys.json')
  makeKeys(keysFile)
  for (const { id, scopes } of sandboxClients) readOrMakeClientFile(dataDir, id, scopes)
  // The journey is the story here.
  writeFileSync(join(dataDir, 'story-told'), '')
  const cloned = await cloneDatabase({ empty: options.emptyDatabase === true })
  const redis: OwnRedis | undefined = options.redis ? await startRedis(options.redisSettings) : undefined
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const settings = {
    DATABASE_URL: cloned.url,
    ...(redis ? { REDIS_URL: redis.url } : {}),
    SLUSE_BASE_URL: baseUrl,
    SLUSE_DATA_DIR: dataDir,
    SLUSE_KEYS_FILE: keysFile,
    SLUSE_SANDBOX: 'on',
    SLUSE_SANDBOX_PORT: '0',
    SLUSE_LOG_LEVEL: 'debug',
  }
  const pool = new pg.Pool({ connectionString: cloned.url, max: 2 })
  // The database is dropped under the pool at the end.
  pool.on('error', () => undefined)
  const started: TestProcess[] = []

  return {
    baseUrl,
    redisUrl: redis?.url,
    databaseUrl: cloned.url,
    settings,
    start: async (role, change = {}) => {
      const own = { SLUSE_ROLE: role, SLUSE_PORT: role === 'worker' ? '0' : String(port), ...change }
      const process = await startProcess(['src/main.ts'], { ...settings, ...own })
      started.push(process)
      await process.line(/^Sluse is ready on /)
      return process
    },
    client: (id) => {
      const { clientId, key, scope } = readClientFile(dataDir, id)
      return createBackendClient({ baseUrl, clientId, key, scope })
    },
    query: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(sql, [...values])).rows,
    lines: () => started.flatMap(({ lines }) => lines),
    close: async () => {
      await Promise.all(started.map((each) => each.end('SIGKILL')))
      await pool.end()
      await redis?.stop()
      await cloned.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
