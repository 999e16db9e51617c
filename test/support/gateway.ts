/** A gateway in this process, on a cloned database: the real composition root, with the sandbox organisations. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '#config/config.ts'
import { makeKeys } from '#config/keys.ts'
import { createLog } from '#observe/log.ts'
import { type BackendClient, createBackendClient } from '#sandbox/backend-client.ts'
import { type ClientFile, publicKeys, readClientFile, readOrMakeClientFile } from '#sandbox/client-files.ts'
import type { SandboxClient } from '#sandbox/identities.ts'
import { registerSandbox } from '#sandbox/register.ts'
import { putClient } from '#store/clients.ts'
import type { Database } from '#store/database.ts'
import type { Seal } from '#store/seal.ts'
import { type Running, start } from '../../src/start.ts'
import { cloneDatabase, type TestDatabase } from './database.ts'

export type SandboxClientId =
  'hospital-ehr' | 'municipality-system' | 'gp-system' | 'privacy-officer' | 'municipality-privacy-officer'

export interface TestGateway {
  readonly baseUrl: string
  readonly database: Database
  readonly seal: Seal
  readonly cloned: TestDatabase
  readonly keysFile: string
  /** Signs in as one of the sandbox clients; with fewer scopes when asked. */
  client(id: SandboxClientId, scope?: string): BackendClient
  /** Registers another client, with keys of its own. */
  addClient(client: SandboxClient): Promise<BackendClient>
  /** What a vendor has in hand: the client's id, its private key and its scopes. */
  clientFile(id: string): ClientFile
  /** Another process's part on the same database and keys, such as a worker beside a gateway. */
  startBeside(change: Partial<Config>): Promise<Beside>
  /** What was logged, line by line. */
  readonly logged: string[]
  close(): Promise<void>
}

/** `baseUrl` is how clients call both, `address` where this one listens. */
type Beside = Pick<TestGateway, 'baseUrl' | 'logged' | 'close'> & { readonly address: string }

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
    statutoryBases: [],
    overrideReviewHours: 72,
    trustedProxies: [],
    // A test asks more often than a client may; the tests of the limits set their own.
    rates: { address: 1e9, token: 1e9, tokenRefused: 1e9, client: 1e9, clientConcurrency: 100_000 },
    logLevel: 'debug',
    tracing: false,
    ...change,
  }
  const { running, logged } = await startLogged(config)
  const files = await registerSandbox(running.database, dataDir)
  return {
    baseUrl: running.baseUrl,
    database: running.database,
    seal: running.seal,
    cloned,
    keysFile,
    logged,
    client: (id, scope) => clientOf(files, id, running.baseUrl, scope),
    addClient: async (client) => {
      const file = readOrMakeClientFile(dataDir, client.id, client.scopes)
      await putClient(running.database, { ...client, jwks: publicKeys(file) })
      return createBackendClient({
        baseUrl: running.baseUrl,
        clientId: client.id,
        key: file.key,
        scope: file.scope,
      })
    },
    clientFile: (id) => readClientFile(dataDir, id),
    startBeside: async (other) => {
      const beside = await startLogged({ ...config, baseUrl: running.baseUrl, ...other })
      const { baseUrl, address } = beside.running
      return { baseUrl, address, logged: beside.logged, close: () => beside.running.stop() }
    },
    close: async () => {
      await running.stop()
      await cloned.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function startLogged(config: Config): Promise<{ running: Running; logged: string[] }> {
  const logged: string[] = []
  const log = createLog({
    level: config.logLevel,
    destination: { write: (line: string) => void logged.push(line) },
  })
  return { running: await start(config, { log, onProgress: () => undefined }), logged }
}

export function clientOf(
  files: ReadonlyMap<string, ClientFile>,
  id: string,
  baseUrl: string,
  scope?: string,
): BackendClient {
  const file = files.get(id)
  if (!file) throw new Error(`no sandbox client ${id}`)
  return createBackendClient({ baseUrl, clientId: id, key: file.key, scope: scope ?? file.scope })
}
