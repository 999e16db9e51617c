/** The answering half: the Express app with its tokens, readiness and figures. */
import { createClientKeySource, createPublishedKeys } from '#auth/published-keys.ts'
import { createExternalReader } from '#auth/external-token.ts'
import { readTrustedIssuers } from '#auth/trusted-issuers.ts'
import { createTokenVerifier } from '#auth/requester.ts'
import { createTokenIssuer } from '#auth/token-endpoint.ts'
import { createTokenStatus } from '#auth/token-status.ts'
import type { Config } from '#config/config.ts'
import type { GatewayKeys } from '#config/keys.ts'
import { readTrustedIssuersFile } from '#config/trusted-issuers-file.ts'
import type { JsonFetcher } from '#egress/get-json.ts'
import type { Exchange } from '#exchange/call.ts'
import { recordToken } from '#http/keep.ts'
import type { Log } from '#observe/log.ts'
import type { Metrics } from '#observe/metrics.ts'
import { createRequestLog } from '#observe/request-log.ts'
import type { WakeUps } from '#queue/wake-ups.ts'
import { createClientStore } from '#store/clients.ts'
import type { Database } from '#store/database.ts'
import { backlog } from '#store/deliveries.ts'
import { createApp } from './app.ts'
import { version } from './version.ts'

interface AppParts {
  readonly config: Pick<Config, 'trustedProxies' | 'rates' | 'trustedIssuersFile'>
  readonly exchange: Exchange
  readonly keys: GatewayKeys
  /** For keys that are published by URL. */
  readonly fetcher: JsonFetcher
  readonly baseUrl: string
  readonly metrics: Metrics
  readonly wakeUps: WakeUps
  readonly log: Log
}

export function appOf({ config, exchange, keys, fetcher, baseUrl, metrics, wakeUps, log }: AppParts) {
  const clients = createClientStore(exchange.database)
  const realm = { issuer: baseUrl, audience: baseUrl }
  const tokenUrl = `${baseUrl}/oauth/token`
  const { now, newId } = exchange
  const fetched = { fetchJson: (url: string) => fetcher.getJson(url), now }
  const published = createPublishedKeys(fetched)
  const trusted = readTrustedIssuersFile(config.trustedIssuersFile, (value) =>
    readTrustedIssuers(value, baseUrl),
  )
  const keysOf = createClientKeySource(published)
  const authentication = { ...realm, tokenUrl, now, newId, clients, keysOf }
  const issuer = createTokenIssuer({ ...authentication, signingKey: keys.signing })
  return createApp({
    exchange,
    issuer,
    tokenStatus: createTokenStatus({ ...authentication, keys: issuer.jwks() }),
    verifier: createTokenVerifier({
      ...realm,
      keys: issuer.jwks(),
      now,
      clients,
      external: createExternalReader(trusted, fetched),
      onForeignAddress: ({ id, organizationId }, { requestId }) =>
        recordToken(
          exchange,
          { outcome: 'refused', reason: 'address-not-allowed', claimedClientId: id, organizationId },
          requestId ?? newId(),
        ),
    }),
    tokenUrl,
    version,
    readiness: () => readiness(exchange.database, wakeUps),
    metrics: () => figures(exchange.database, metrics, wakeUps),
    trustedProxies: config.trustedProxies,
    rates: config.rates,
    onRequest: createRequestLog(log, metrics),
    onUnexpected: (error, requestId) => log.error({ event: 'request-failed', requestId, err: error }),
  })
}

/** While the database or the queue is away, the other figures are what an operator needs. */
async function figures(database: Database, metrics: Metrics, wakeUps: WakeUps): Promise<string> {
  const { totalCount, idleCount, waitingCount } = database.pool
  metrics.pool({ total: totalCount, idle: idleCount, waiting: waitingCount })
  const [found, queue] = await Promise.all([
    backlog(database).catch(() => undefined),
    wakeUps.metrics().catch(() => ''),
  ])
  if (found) metrics.backlog(found)
  return `${await metrics.text()}\n${queue}`
}

/** Empty when requests can be served and notifications relied on. */
async function readiness(database: Database, wakeUps: WakeUps): Promise<string[]> {
  const databaseFault = await database.query({ text: 'select 1' }).then(
    () => undefined,
    () => 'the database does not answer',
  )
  return [databaseFault, await wakeUps.fault()].filter((fault) => fault !== undefined)
}
