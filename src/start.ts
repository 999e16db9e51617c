/**
 * The composition root: opens the database, the pools, the queue and the sockets, in order, and closes them in reverse.
 * Nothing else opens any. `main.ts` is the process around it.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { readLabelRules } from '#assets/codes.ts'
import { readLaw } from '#assets/law.ts'
import { readMappings } from '#assets/mappings.ts'
import { readProfiles } from '#assets/profiles.ts'
import type { Config } from '#config/config.ts'
import { readKeys } from '#config/keys.ts'
import { createJsonFetcher } from '#egress/get-json.ts'
import { type Embedded, startEmbedded } from '#embedded/supervisor.ts'
import type { Exchange } from '#exchange/call.ts'
import { createValidator } from '#fhir/validate.ts'
import { listen } from '#http/listen.ts'
import { probesOnly } from '#http/probes-only.ts'
import { compileMaps } from '#mapping/compile.ts'
import type { Log } from '#observe/log.ts'
import { createMetrics, type Metrics } from '#observe/metrics.ts'
import { createAnnouncer } from '#queue/announcer.ts'
import { createPostgresWakeUps, migrateQueue } from '#queue/postgres-backend.ts'
import { createRedisWakeUps } from '#queue/redis-backend.ts'
import { createWakeUps, type Traced } from '#queue/wake-ups.ts'
import { createDatabase, type Database } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { createOrganizationReader, createSensitiveUnitsReader } from '#store/organizations.ts'
import { startRuleSet } from '#store/rule-sets.ts'
import type { Seal } from '#store/seal.ts'
import { appOf } from './start-app.ts'
import { openSeal } from './start-keys.ts'
import { startWorker } from './start-worker.ts'

const ROOT = new URL('../', import.meta.url)

export interface Running {
  /** How clients reach it. */
  readonly baseUrl: string
  /** Where it listens. */
  readonly address: string
  readonly database: Database
  readonly seal: Seal
  /** Resolves when something that the process cannot live without has ended by itself. */
  readonly failed: Promise<string>
  /** Idempotent: Ctrl-C arrives twice. */
  stop(): Promise<void>
}

export interface StartHooks {
  readonly log: Log
  readonly onProgress: (line: string) => void
  /** BullMQ's spans, when traces are configured. */
  readonly telemetry?: Traced['telemetry']
}

export async function start(config: Config, hooks: StartHooks): Promise<Running> {
  const opened: (() => Promise<unknown>)[] = []
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= closeAll(opened, hooks.log))
  try {
    return await open(config, hooks, opened, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function closeAll(opened: (() => Promise<unknown>)[], log: Log): Promise<void> {
  for (const close of opened.reverse()) {
    await close().catch((error: unknown) => log.warn({ event: 'stop-failed', err: error }))
  }
}

async function open(
  config: Config,
  { log, onProgress, telemetry }: StartHooks,
  opened: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Running> {
  // First: it holds the data folder's lock, so that two starters do not make two sets of keys.
  const embedded =
    config.database.kind === 'embedded' ? await openEmbedded(config, onProgress, opened) : undefined
  const keys = readKeys(config.keysFile, { makeIfMissing: config.makeKeys })
  const connection = embedded?.connection ?? connectionString(config)
  const applied = await migrate(connection, (client) =>
    config.redisUrl ? Promise.resolve() : migrateQueue(client),
  )
  if (applied.length > 0) onProgress(`database schema is up to date (${applied.join(', ')})`)

  const warn = (event: string) => (error: unknown) => log.warn({ event, err: error })
  const database = createDatabase({ connection, onPoolError: warn('database-connection-lost') })
  opened.push(() => database.close())
  const { seal, stop: stopKeys } = await openSeal({
    file: config.keysFile,
    keys,
    database,
    log,
    now: () => new Date(),
  })
  opened.push(stopKeys)
  const metrics = createMetrics()
  const announcer = createAnnouncer((channel, payload) => database.notify(channel, payload))
  opened.push(() => announcer.close())
  const backend = config.redisUrl
    ? createRedisWakeUps(config.redisUrl, warn('redis-connection-lost'))
    : createPostgresWakeUps(connection, warn('queue-connection-lost'))
  const wakeUps = createWakeUps(backend, warn('queue-error'), telemetry ? { telemetry } : {})
  opened.push(() => wakeUps.close())

  const server = await listen(config.host, config.port, {
    onRefused: (reason) => log.info({ event: 'request-unreadable', reason }),
  })
  const baseUrl = config.baseUrl ?? server.baseUrl
  const exchange = createExchange({ config, database, seal, metrics, baseUrl, announcer })
  await startRuleSet(database, exchange.labelRules.version)
  const stopWorker =
    config.role === 'gateway'
      ? undefined
      : startWorker({ config, connection, exchange, metrics, wakeUps, log })
  // Together: a slow recipient must not keep the socket open to new requests, nor a slow client the worker going.
  opened.push(() => Promise.all([server.close(), stopWorker?.()]))
  const fetcher = createJsonFetcher({
    allowHttp: config.sandbox,
    allowedCidrs: [...config.egressCidrs, ...(config.sandbox ? ['127.0.0.0/8', '::1/128'] : [])],
  })
  opened.push(() => fetcher.close())
  const app = appOf({ config, exchange, keys, fetcher, baseUrl, metrics, wakeUps, log })
  server.serve(config.role === 'worker' ? probesOnly(app) : app)

  const failed =
    embedded?.ended.then(
      ({ code, signal }) =>
        `the embedded PostgreSQL ended by itself (${signal ?? code}): ${embedded.lastLines().slice(-3).join('; ')}`,
    ) ?? new Promise<string>(() => undefined)
  return { baseUrl, address: server.baseUrl, database, seal, failed, stop }
}

async function openEmbedded(
  { dataDir }: Config,
  onProgress: (line: string) => void,
  opened: (() => Promise<unknown>)[],
): Promise<Embedded> {
  const embedded = await startEmbedded({ dataDir: join(dataDir, 'postgres'), onProgress })
  opened.push(() => embedded.stop())
  return embedded
}

function connectionString({ database }: Config): { readonly connectionString: string } {
  if (database.kind !== 'url') throw new Error('no database is configured')
  return { connectionString: database.url }
}

interface ExchangeParts {
  readonly config: Config
  readonly database: Database
  readonly seal: Seal
  readonly metrics: Metrics
  readonly baseUrl: string
  readonly announcer: ReturnType<typeof createAnnouncer>
}

function createExchange({ config, database, seal, metrics, baseUrl, announcer }: ExchangeParts): Exchange {
  // The validator comes first: it tells the mapping engine which elements are lists.
  const validator = createValidator(readProfiles(ROOT))
  const labelRules = readLabelRules(ROOT)
  return {
    database,
    seal,
    validator,
    labelRules,
    law: readLaw(ROOT, config.statutoryBases),
    maps: compileMaps(readMappings(new URL('mappings/', ROOT))),
    announcer,
    announce: (ids) => announcer.announce(ids),
    onAccepted: (format, count) => metrics.accepted(format, count),
    onOverride: (ground) => metrics.overridden(ground),
    overrideReviewHours: config.overrideReviewHours,
    onDecision: ({ effect, reason }) => metrics.decided(effect, reason),
    fhirBase: `${baseUrl}/fhir`,
    endpoints: { allowHttp: config.sandbox },
    organizationOf: createOrganizationReader(() => new Date()),
    sensitiveUnits: createSensitiveUnitsReader(() => new Date()),
    now: () => new Date(),
    newId: randomUUID,
  }
}
