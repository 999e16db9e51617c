/** A gateway in this process, on a cloned database: the real composition root, with the sandbox organisations. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '#config/config.ts'
import { makeKeys } from '#config/keys.ts'
import { createLog } from '#observe/log.ts'
import { type BackendClient, createBackendClient } from '#sandbox/backend-client.ts'
import type { ClientFile } from '#sandbox/client-files.ts'
import { registerSandbox } from '#sandbox/register.ts'
import type { Database } from '#store/database.ts'
import { start } from '../../src/start.ts'
import { cloneDatabase, type TestDatabase } from './database.ts'

export type SandboxClientId = 'hospital-ehr' | 'municipality-system' | 'gp-system' | 'privacy-officer'

export interface TestGateway {
  readonly baseUrl: string
  readonly database: Database
  readonly cloned: TestDatabase
  /** Signs in as one of the sandbox clients; with fewer scopes when asked. */
  client(id: SandboxClientId, scope?: string): BackendClient
  /** What was logged, line by line. */
  readonly logged: string[]
  close(): Promise<void>
}

export async function startGateway(change: Partial<Config> = {}): Promise<TestGateway> {
  const cloned = await cloneDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'sluse-gateway-'))
  const keysFile = join(dataDir, 'keys.json')
  makeKeys(keysFile)
  const config: Config = {
    database: { kind: 'url', url: cloned.url },
    redisUrl: undefined,
    role: 'all',
    host: '127.0.0.1',
    port: 0,
    baseUrl: undefined,
    dataDir,
    keysFile,
    makeKeys: false,
    sandbox: true,
    sandboxPort: 0,
    egressCidrs: [],
    logLevel: 'debug',
    tracing: false,
    ...change,
  }
  const logged: string[] = []
  const log = createLog({ level: config.logLevel, destination: { write: (line: string) => void logged.push(line) } })
  const running = await start(config, { log, onProgress: () => undefined })
  const files = await registerSandbox(running.database, dataDir)
  return {
    baseUrl: running.baseUrl,
    database: running.database,
    cloned,
    logged,
    client: (id, scope) => clientOf(files, id, running.baseUrl, scope),
    close: async () => {
      await running.stop()
      await cloned.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export function clientOf(files: ReadonlyMap<string, ClientFile>, id: string, baseUrl: string, scope?: string): BackendClient {
  const file = files.get(id)
  if (!file) throw new Error(`no sandbox client ${id}`)
  return createBackendClient({ baseUrl, clientId: id, key: file.key, scope: scope ?? file.scope })
}
