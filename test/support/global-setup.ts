/** One embedded PostgreSQL and, where there is one, one Redis for the whole run; each test file clones a database. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '#embedded/supervisor.ts'
import { migrateQueue } from '#queue/postgres-backend.ts'
import { migrate } from '#store/migrate.ts'
import { freePort } from './free-port.ts'

export interface Postgres {
  readonly host: string
  readonly user: string
  readonly template: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: Postgres
    /** Undefined where no redis-server is on the PATH. */
    redisUrl: string | undefined
  }
}

const TEMPLATE = 'template_sluse'

// oxlint-disable-next-line import/no-default-export -- vitest's contract
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'sluse-test-'))
  const embedded = await startEmbedded({ dataDir: folder })
  const { host, user } = embedded.connection
  await makeTemplate({ host, user })
  provide('postgres', { host, user, template: TEMPLATE })
  const redis = await startRedis(folder)
  provide('redisUrl', redis?.url)
  return async () => {
    await redis?.stop()
    await embedded.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function makeTemplate(server: { host: string; user: string }): Promise<void> {
  const admin = new pg.Client({ ...server, database: 'postgres' })
  await admin.connect()
  await admin.query(`create database ${TEMPLATE}`)
  await admin.end()
  await migrate({ ...server, database: TEMPLATE }, migrateQueue)
}

async function startRedis(folder: string): Promise<{ url: string; stop: () => Promise<void> } | undefined> {
  try {
    execFileSync('redis-server', ['--version'])
  } catch {
    return undefined
  }
  const port = await freePort()
  const server = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--maxmemory-policy',
      'noeviction',
      '--save',
      '',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const chunk of server.stdout) {
    if (String(chunk).includes('Ready to accept connections')) break
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      server.kill('SIGTERM')
      await once(server, 'exit')
    },
  }
}
