/**
 * The path under load: 20 subscribers, a care plan of 3 kB with one delivery each, one citizen in five without consent.
 * A gateway process, a worker process, the databases, the load and the subscribers' sink share the machine's cores.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeKeys } from '#config/keys.ts'
import { type BackendClient, createBackendClient } from '#sandbox/backend-client.ts'
import { registerSandbox } from '#sandbox/register.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { createDatabase } from '#store/database.ts'
import { FNR_SYSTEM, syntheticCitizens } from './citizens.ts'
import { load } from './load.ts'
import { carePlan, consentFor } from './samples.ts'
import { type Started, startNode } from './process.ts'
import { unlimited } from './unlimited.ts'

export interface PathResult {
  readonly acceptedPerSecond: number
  readonly acceptP50Ms: number
  readonly acceptP99Ms: number
  /** From the start of the load until the last due delivery had arrived. */
  readonly deliveredPerSecond: number
  readonly deliverLatenciesMs: readonly number[]
  /** CPU per accepted record in the gateway, and per due delivery in the worker. */
  readonly acceptCpuMs: number
  readonly deliverCpuMs: number
  readonly gatewayRssMiB: number
  readonly workerRssMiB: number
}

const SUBSCRIBERS = 20
const CITIZENS = 200
const CONNECTIONS = 64
/** Some thousands of requests: what is measured is a gateway that has been up for a while. */
const WARM_UP_SECONDS = 10

/** One in five has no consent: decided, audited, withheld. */
const WITHOUT_CONSENT = 5

export async function runPath(options: {
  readonly databaseUrl: string
  readonly redisUrl: string | undefined
  readonly seconds: number
}): Promise<PathResult> {
  const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-'))
  const keysFile = join(folder, 'keys.json')
  makeKeys(keysFile)
  const port = await freePort()
  const env = {
    ...unlimited,
    DATABASE_URL: options.databaseUrl,
    ...(options.redisUrl ? { REDIS_URL: options.redisUrl } : {}),
    SLUSE_DATA_DIR: folder,
    SLUSE_KEYS_FILE: keysFile,
    SLUSE_SANDBOX: 'on',
    SLUSE_LOG_LEVEL: 'warn',
  }
  const main = new URL('../../src/main.ts', import.meta.url).pathname
  const sandboxPort = String(await freePort())
  const gateway = await startNode(
    [main],
    { ...env, SLUSE_ROLE: 'gateway', SLUSE_PORT: String(port), SLUSE_SANDBOX_PORT: sandboxPort },
    /is ready/,
  )
  const worker = await startNode(
    [main],
    {
      ...env,
      SLUSE_ROLE: 'worker',
      SLUSE_PORT: '0',
      SLUSE_SANDBOX_PORT: '0',
      SLUSE_BASE_URL: `http://127.0.0.1:${port}`,
    },
    /is ready/,
  )
  const sink = await startSink()
  try {
    const baseUrl = `http://127.0.0.1:${port}`
    const { hospital, subscriber } = await clients(options.databaseUrl, folder, baseUrl)
    const citizens = await prepare(hospital, subscriber, sink.url)
    // Not counted: until then the engine compiles, and PostgreSQL plans.
    await measure(baseUrl, hospital, citizens, sink, WARM_UP_SECONDS, { gateway, worker })
    return await measure(baseUrl, hospital, citizens, sink, options.seconds, { gateway, worker })
  } finally {
    await Promise.all([gateway.stop(), worker.stop()])
    await sink.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function clients(databaseUrl: string, folder: string, baseUrl: string) {
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
  return { hospital: client('hospital-ehr'), subscriber: client('municipality-system') }
}

interface Citizen {
  readonly number: string
  readonly subject: string
  readonly consents: boolean
}

/** Makes every citizen known, gives four of five a consent, and splits them over the subscriptions. */
async function prepare(
  hospital: BackendClient,
  subscriber: BackendClient,
  sinkUrl: string,
): Promise<Citizen[]> {
  const citizens: Citizen[] = []
  for (const [i, number] of syntheticCitizens(CITIZENS).entries()) {
    const id = randomUUID()
    await must(hospital, 'PUT', `/fhir/CarePlan/${id}`, carePlan({ system: FNR_SYSTEM, value: number }, id))
    const read = JSON.parse((await must(hospital, 'GET', `/fhir/CarePlan/${id}`)).text) as {
      subject: { reference: string }
    }
    const consents = i % WITHOUT_CONSENT !== 0
    if (consents)
      await must(
        hospital,
        'POST',
        '/fhir/Consent',
        consentFor({ system: FNR_SYSTEM, value: number }, sandboxOrganizations.municipality.identifiers[0]),
      )
    citizens.push({ number, subject: read.subject.reference, consents })
  }
  for (let s = 0; s < SUBSCRIBERS; s += 1) {
    const own = citizens.filter((_, i) => i % SUBSCRIBERS === s).map(({ subject }) => subject)
    await must(subscriber, 'POST', '/fhir/Subscription', subscription(`${sinkUrl}${s}`, own))
  }
  for (;;) {
    const { entry = [] } = JSON.parse(
      (await must(subscriber, 'GET', '/fhir/Subscription?status=active')).text,
    ) as { entry?: readonly object[] }
    if (entry.length >= SUBSCRIBERS) return citizens
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function measure(
  baseUrl: string,
  hospital: BackendClient,
  citizens: readonly Citizen[],
  sink: Sink,
  seconds: number,
  processes: {
    readonly gateway: Started
    readonly worker: Started
  },
): Promise<PathResult> {
  const token = await hospital.token()
  const acceptedAt = new Map<string, number>()
  const due = new Set<string>()
  sink.reset()
  const cpu = { gateway: processes.gateway.cpuMs(), worker: processes.worker.cpuMs() }
  const begun = performance.now()
  const result = await load(
    baseUrl,
    { connections: CONNECTIONS, seconds },
    (index) => {
      const citizen = citizens[index % citizens.length]
      if (!citizen) throw new Error('no citizen')
      const id = randomUUID()
      if (citizen.consents) due.add(id)
      return {
        method: 'PUT',
        path: `/fhir/CarePlan/${id}`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
        body: JSON.stringify(carePlan({ system: FNR_SYSTEM, value: citizen.number }, id)),
      }
    },
    ({ location }) => {
      const id = /CarePlan\/([0-9a-f-]{36})/.exec(String(location))?.[1]
      if (id) acceptedAt.set(id, performance.now())
    },
  )
  const expected = [...acceptedAt.keys()].filter((id) => due.has(id))
  const deadline = performance.now() + 60_000
  while (!expected.every((id) => sink.arrivedAt.has(id))) {
    if (performance.now() > deadline) throw new Error('due deliveries are missing after a minute')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const last = Math.max(...expected.map((id) => sink.arrivedAt.get(id) ?? 0))
  if (result.refused > 0) throw new Error(`${result.refused} requests were refused`)
  const sorted = [...result.latenciesMs].sort((a, b) => a - b)
  return {
    acceptedPerSecond: result.perSecond,
    acceptP50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
    acceptP99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    deliveredPerSecond: expected.length / ((last - begun) / 1_000),
    // A delivery may arrive before its sender has read the 201: that is no latency below zero.
    deliverLatenciesMs: expected.map((id) =>
      Math.max(0, (sink.arrivedAt.get(id) ?? 0) - (acceptedAt.get(id) ?? 0)),
    ),
    acceptCpuMs: (processes.gateway.cpuMs() - cpu.gateway) / result.done,
    deliverCpuMs: (processes.worker.cpuMs() - cpu.worker) / expected.length,
    gatewayRssMiB: processes.gateway.rssMiB(),
    workerRssMiB: processes.worker.rssMiB(),
  }
}

interface Sink {
  readonly url: string
  readonly arrivedAt: ReadonlyMap<string, number>
  reset(): void
  close(): Promise<void>
}

async function startSink(): Promise<Sink> {
  const arrivedAt = new Map<string, number>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.writeHead(200).end()
      const id = /"fullUrl":"[^"]*\/CarePlan\/([0-9a-f-]{36})"/.exec(Buffer.concat(chunks).toString())?.[1]
      if (id && !arrivedAt.has(id)) arrivedAt.set(id, performance.now())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`,
    arrivedAt,
    reset: () => arrivedAt.clear(),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function subscription(endpoint: string, subjects: readonly string[]): object {
  const base = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
  return {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'bench',
    criteria: 'https://sluse.example/fhir/SubscriptionTopic/careplan-changed',
    _criteria: {
      extension: [
        { url: `${base}/backport-filter-criteria`, valueString: `CarePlan.patient=${subjects.join(',')}` },
      ],
    },
    channel: {
      type: 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${base}/backport-payload-content`, valueCode: 'full-resource' }] },
    },
  }
}

async function must(client: BackendClient, method: string, path: string, resource?: object) {
  const answer = await client.send(
    method,
    path,
    resource ? { type: 'application/fhir+json', content: JSON.stringify(resource) } : undefined,
  )
  if (answer.status >= 300)
    throw new Error(`${method} ${path.split('?')[0]} got ${answer.status}: ${answer.text.slice(0, 300)}`)
  return answer
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
