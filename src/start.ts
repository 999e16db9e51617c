/**
 * The composition root: opens the database, the pools, the queue and the sockets, in order, and closes them in reverse.
 * Nothing else opens any. `main.ts` is the process around it.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { RequestListener } from 'node:http'
import { createTokenVerifier } from '#auth/requester.ts'
import { createTokenIssuer } from '#auth/token-endpoint.ts'
import { readLabelRules } from '#assets/codes.ts'
import { readMappings } from '#assets/mappings.ts'
import { readProfiles } from '#assets/profiles.ts'
import type { Config } from '#config/config.ts'
import { type GatewayKeys, readKeys } from '#config/keys.ts'
import { createEgress } from '#egress/post.ts'
import { type Embedded, startEmbedded } from '#embedded/supervisor.ts'
import type { Exchange } from '#exchange/call.ts'
import { drain } from '#exchange/notify.ts'
import { createValidator } from '#fhir/validate.ts'
import { listen } from '#http/listen.ts'
import { compileMaps } from '#mapping/compile.ts'
import type { Log } from '#observe/log.ts'
import { createMetrics, type Metrics } from '#observe/metrics.ts'
import { createRequestLog } from '#observe/request-log.ts'
import { createAnnouncer } from '#queue/announcer.ts'
import { createPostgresWakeUps, migrateQueue } from '#queue/postgres-backend.ts'
import { createRedisWakeUps } from '#queue/redis-backend.ts'
import { startRelay } from '#queue/relay.ts'
import { createWakeUps, type Traced, type WakeUps } from '#queue/wake-ups.ts'
import { createClientStore } from '#store/clients.ts'
import { createDatabase, type Database } from '#store/database.ts'
import { backlog, subscriptionsWithWork } from '#store/deliveries.ts'
import { migrate } from '#store/migrate.ts'
import { createOrganizationReader } from '#store/organizations.ts'
import { createSeal, type Seal } from '#store/seal.ts'
import { createApp } from './app.ts'
import { version } from './version.ts'

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
  const metrics = createMetrics()
  const announcer = createAnnouncer((channel, payload) => database.notify(channel, payload))
  opened.push(() => announcer.close())
  const backend = config.redisUrl
    ? createRedisWakeUps(config.redisUrl, warn('redis-connection-lost'))
    : createPostgresWakeUps(connection, warn('queue-connection-lost'))
  const wakeUps = createWakeUps(backend, warn('queue-error'), telemetry ? { telemetry } : {})
  opened.push(() => wakeUps.close())

  const server = await listen(config.host, config.port)
  const baseUrl = config.baseUrl ?? server.baseUrl
  const seal = createSeal({ lookup: keys.lookup, seal: keys.seal })
  const exchange = createExchange({ config, database, seal, metrics, baseUrl, announcer })
  const stopWorker =
    config.role === 'gateway'
      ? undefined
      : startWorker({ config, connection, exchange, metrics, wakeUps, log })
  // Together: a slow recipient must not keep the socket open to new requests, nor a slow client the worker going.
  opened.push(() => Promise.all([server.close(), stopWorker?.()]))
  const app = appOf({ exchange, keys, baseUrl, metrics, wakeUps, log })
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
    ruleSetVersion: labelRules.version,
    maps: compileMaps(readMappings(new URL('mappings/', ROOT))),
    announcer,
    announce: (ids) => announcer.announce(ids),
    onAccepted: (format, count) => metrics.accepted(format, count),
    onDecision: ({ effect, reason }) => metrics.decided(effect, reason),
    fhirBase: `${baseUrl}/fhir`,
    endpoints: { allowHttp: config.sandbox },
    organizationOf: createOrganizationReader(database, () => new Date()),
    now: () => new Date(),
    newId: randomUUID,
  }
}

interface WorkerParts {
  readonly config: Config
  readonly connection: Database['connection']
  readonly exchange: Exchange
  readonly metrics: Metrics
  readonly wakeUps: WakeUps
  readonly log: Log
}

/** Half of what a container usually gets to stop (10 s), so that what is cut off can still be marked as free. */
const POSTS_END_WITHIN_MS = 5_000

/**
 * Returns what ends it: no new claim is made, what is under way gets a moment, then the connections to recipients are
 * closed and their rows are free for the next worker.
 */
function startWorker({
  config,
  connection,
  exchange,
  metrics,
  wakeUps,
  log,
}: WorkerParts): () => Promise<void> {
  let stopping = false
  const loopback = config.sandbox ? ['127.0.0.0/8', '::1/128'] : []
  const egress = createEgress({
    allowHttp: config.sandbox,
    allowedCidrs: [...config.egressCidrs, ...loopback],
  })
  const notifier = {
    ...exchange,
    egress,
    random: Math.random,
    isStopping: () => stopping,
    onSettled: metrics.settled,
  }
  wakeUps.work((subscriptionId) => drain(notifier, subscriptionId))
  const relay = startRelay({
    connection,
    subscriptionsWithWork: () => subscriptionsWithWork(exchange.database),
    wake: (ids) => wakeUps.wake(ids),
    onError: (error) => log.warn({ event: 'relay-error', err: error }),
  })
  return async () => {
    stopping = true
    await relay.close()
    const cutOff = setTimeout(() => void egress.close(), POSTS_END_WITHIN_MS)
    await wakeUps.close()
    clearTimeout(cutOff)
    await egress.close()
  }
}

interface AppParts {
  readonly exchange: Exchange
  readonly keys: GatewayKeys
  readonly baseUrl: string
  readonly metrics: Metrics
  readonly wakeUps: WakeUps
  readonly log: Log
}

function appOf({ exchange, keys, baseUrl, metrics, wakeUps, log }: AppParts) {
  const clients = createClientStore(exchange.database)
  const realm = { issuer: baseUrl, audience: baseUrl }
  const tokenUrl = `${baseUrl}/oauth/token`
  const { now, newId } = exchange
  const issuer = createTokenIssuer({ ...realm, tokenUrl, signingKey: keys.signing, now, newId, clients })
  return createApp({
    exchange,
    issuer,
    verifier: createTokenVerifier({ ...realm, keys: issuer.jwks(), now, clients }),
    tokenUrl,
    version,
    readiness: () => readiness(exchange.database, wakeUps),
    metrics: async () => {
      const { totalCount, idleCount, waitingCount } = exchange.database.pool
      metrics.pool({ total: totalCount, idle: idleCount, waiting: waitingCount })
      metrics.backlog(await backlog(exchange.database))
      return `${await metrics.text()}\n${await wakeUps.metrics()}`
    },
    onRequest: createRequestLog(log, metrics),
    onUnexpected: (error, requestId) => log.error({ event: 'request-failed', requestId, err: error }),
  })
}

/** A worker answers the operator, and no client. */
function probesOnly(app: RequestListener): RequestListener {
  return (request, response) => {
    if (/^\/(health\/(live|ready)|metrics)(\?|$)/.test(request.url ?? '')) app(request, response)
    else response.writeHead(404).end()
  }
}

/** Empty when requests can be served and notifications relied on. */
async function readiness(database: Database, wakeUps: WakeUps): Promise<string[]> {
  const databaseFault = await database.query({ text: 'select 1' }).then(
    () => undefined,
    () => 'the database does not answer',
  )
  return [databaseFault, await wakeUps.fault()].filter((fault) => fault !== undefined)
}
