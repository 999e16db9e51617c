/**
 * The front door under load, one gateway process and no worker: creates by the plan's own hospital; reads and searches by
 * the municipality that the citizens consented to, decided, redacted and audited, with 10,000 plans stored.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { makeKeys } from '#config/keys.ts'
import { type BackendClient, createBackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { registerSandbox } from '#sandbox/register.ts'
import { createDatabase } from '#store/database.ts'
import { bareInserts } from './bare-rows.ts'
import { FNR_SYSTEM, syntheticCitizens } from './citizens.ts'
import { percentile } from './figure.ts'
import { load, type LoadRequest, type LoadResult } from './load.ts'
import { startNode } from './process.ts'
import { consentFor, largerCarePlan } from './samples.ts'
import { unlimited } from './unlimited.ts'

export interface FrontDoorOptions {
  readonly databaseUrl: string
  readonly seconds: number
  /** Stored before anything is measured. */
  readonly plans: number
  readonly citizens: number
  readonly wants: (figure: string) => boolean
  readonly report: (figure: string, value: number, unit: string, limit: number | null) => void
}

const CONCURRENCIES = [1, 16, 64] as const

export async function runFrontDoor(options: FrontDoorOptions): Promise<void> {
  const { databaseUrl, report } = options
  const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-'))
  const keysFile = join(folder, 'keys.json')
  makeKeys(keysFile)
  const port = await freePort()
  const gateway = await startNode(
    [new URL('../../src/main.ts', import.meta.url).pathname],
    {
      ...unlimited,
      DATABASE_URL: databaseUrl,
      SLUSE_DATA_DIR: folder,
      SLUSE_KEYS_FILE: keysFile,
      SLUSE_SANDBOX: 'on',
      SLUSE_LOG_LEVEL: 'warn',
      SLUSE_ROLE: 'gateway',
      SLUSE_PORT: String(port),
      SLUSE_SANDBOX_PORT: String(await freePort()),
    },
    /is ready/,
  )
  try {
    const baseUrl = `http://127.0.0.1:${port}`
    const clients = await register(databaseUrl, folder, baseUrl)
    const numbers = syntheticCitizens(options.citizens)
    const world: World = { ...options, baseUrl, numbers, ...clients }
    await seed(world)
    const stored = await plansStored(databaseUrl)
    if (options.wants('read.') || options.wants('search.')) await readFigures(world, stored)
    if (options.wants('create.')) await createFigures(world, stored)
    report('create.rss', gateway.rssMiB(), 'MiB', null)
    report('create.ready', gateway.readyAfterMs / 1_000, 's', null)
  } finally {
    await gateway.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface World extends FrontDoorOptions {
  readonly baseUrl: string
  readonly numbers: readonly string[]
  readonly hospital: BackendClient
  readonly municipality: BackendClient
}

interface Stored {
  readonly id: string
  readonly subjectId: string
}

async function register(
  databaseUrl: string,
  folder: string,
  baseUrl: string,
): Promise<Pick<World, 'hospital' | 'municipality'>> {
  const database = createDatabase({
    connection: { connectionString: databaseUrl },
    onPoolError: () => undefined,
  })
  const files = await registerSandbox(database, folder)
  await database.close()
  const client = (id: string): BackendClient => {
    const file = files.get(id)
    if (!file) throw new Error(`no client ${id}`)
    return createBackendClient({ baseUrl, clientId: id, key: file.key, scope: file.scope })
  }
  return { hospital: client('hospital-ehr'), municipality: client('municipality-system') }
}

/** A consent of each citizen, then plans until there are enough; also what warms the gateway up. */
async function seed(world: World): Promise<void> {
  const { numbers, plans, hospital } = world
  const token = await hospital.token()
  const consents = numbers.map((value) =>
    consentFor({ system: FNR_SYSTEM, value }, sandboxOrganizations.municipality.identifiers[0]),
  )
  await sendAll(world, consents.length, (index) => post('/fhir/Consent', token, consents[index]))
  await sendAll(world, plans, (index) => createRequest(world, token, index))
}

async function sendAll(
  { baseUrl }: World,
  count: number,
  next: (index: number) => LoadRequest,
): Promise<void> {
  const { refused } = await load(baseUrl, { connections: 16, seconds: 600, requests: count }, next)
  if (refused > 0) throw new Error(`${refused} of ${count} requests were refused`)
}

function createRequest({ numbers }: World, token: string, index: number): LoadRequest {
  const value = numbers[index % numbers.length] ?? ''
  return post('/fhir/CarePlan', token, largerCarePlan({ system: FNR_SYSTEM, value }))
}

function post(path: string, token: string, resource: object | undefined): LoadRequest {
  return {
    method: 'POST',
    path,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(resource),
  }
}

async function plansStored(connectionString: string): Promise<readonly Stored[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query<Stored>(
    `select id, subject_id as "subjectId" from resource where resource_type = 'CarePlan' order by id`,
  )
  // As autovacuum would within a minute: plans that PostgreSQL chose for empty tables are not what is measured.
  await client.query('analyze')
  await client.end()
  return rows
}

async function readFigures(world: World, stored: readonly Stored[]): Promise<void> {
  const { baseUrl, municipality, seconds, report, wants } = world
  const headers = { authorization: `Bearer ${await municipality.token()}` }
  const pick = (index: number): Stored => {
    const plan = stored[(index * 7_919) % stored.length]
    if (!plan) throw new Error('no plan is stored')
    return plan
  }
  const kinds = {
    read: (index: number): string => `/fhir/CarePlan/${pick(index).id}`,
    search: (index: number): string => `/fhir/CarePlan?patient=Patient/${pick(index).subjectId}`,
  }
  const express = await bareExpress({
    seconds: Math.min(seconds, 3),
    connections: 1,
    request: { method: 'GET', path: '/', headers: {} },
  })
  for (const [kind, path] of Object.entries(kinds)) {
    if (!wants(`${kind}.`)) continue
    const request = (index: number): LoadRequest => ({ method: 'GET', path: path(index), headers })
    await load(baseUrl, { connections: 16, seconds: Math.min(seconds, 3) }, request)
    const alone = whole(await load(baseUrl, { connections: 1, seconds }, request))
    const together = whole(await load(baseUrl, { connections: 16, seconds }, request))
    report(`${kind}.p50`, percentile(alone.latenciesMs, 0.5), 'ms', percentile(express.latenciesMs, 0.5))
    report(`${kind}.p95`, percentile(alone.latenciesMs, 0.95), 'ms', percentile(express.latenciesMs, 0.95))
    report(`${kind}.rate.c16`, together.perSecond, '/s', null)
  }
}

async function createFigures(world: World, stored: readonly Stored[]): Promise<void> {
  const { baseUrl, hospital, seconds, databaseUrl, report } = world
  const sample = stored[0]?.id
  if (sample === undefined) throw new Error('no plan is stored')
  const token = await hospital.token()
  for (const connections of CONCURRENCIES) {
    const limitSeconds = Math.min(seconds, 4)
    const request = createRequest(world, token, 0)
    const express = await bareExpress({
      seconds: limitSeconds,
      connections,
      request: { ...request, path: '/' },
    })
    const insert = await bareInserts(databaseUrl, sample, { connections, seconds: limitSeconds })
    let index = Math.floor(Math.random() * world.numbers.length)
    const created = whole(
      await load(baseUrl, { connections, seconds }, () => createRequest(world, token, index++)),
    )
    const at = `c${connections}`
    const expressP50 = percentile(express.latenciesMs, 0.5)
    report(`create.express.p50.${at}`, expressP50, 'ms', null)
    report(`create.express.rate.${at}`, express.perSecond, '/s', null)
    report(`create.insert.p50.${at}`, insert.p50Ms, 'ms', null)
    report(`create.insert.rate.${at}`, insert.perSecond, '/s', null)
    // Both have to be done, one after the other; of the rates the lower one bounds.
    report(`create.p50.${at}`, percentile(created.latenciesMs, 0.5), 'ms', expressP50 + insert.p50Ms)
    report(
      `create.p95.${at}`,
      percentile(created.latenciesMs, 0.95),
      'ms',
      percentile(express.latenciesMs, 0.95) + insert.p95Ms,
    )
    report(`create.rate.${at}`, created.perSecond, '/s', Math.min(express.perSecond, insert.perSecond))
  }
}

/** A gateway that refuses is fast. */
function whole(result: LoadResult): LoadResult {
  if (result.refused > 0) throw new Error(`${result.refused} requests were refused`)
  return result
}

async function bareExpress(options: {
  readonly seconds: number
  readonly connections: number
  readonly request: LoadRequest
}): Promise<LoadResult> {
  const server = await startNode([new URL('./bare-express.ts', import.meta.url).pathname], {}, /ready \d+\n/)
  const port = /ready (\d+)/.exec(server.readyText)?.[1] ?? ''
  const request = (): LoadRequest => options.request
  await load(`http://127.0.0.1:${port}`, { connections: options.connections, seconds: 1 }, request)
  const result = await load(`http://127.0.0.1:${port}`, options, request)
  await server.stop()
  return result
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
