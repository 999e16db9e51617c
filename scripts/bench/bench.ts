/**
 * `npm run bench`: each figure beside the limit of the same machine, as a ratio, since machines differ from run to run.
 * `-- --json` prints one JSON line per figure and nothing else; `--only PREFIX` (`create`, `read`, `search`, `accept`) runs a part;
 * `--seconds N` sets the length of each load; `--quick` is a smoke test of a few seconds, whose figures mean nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { type Embedded, startEmbedded } from '#embedded/supervisor.ts'
import { decisionRates, type Rate, redactRate } from './decide-rate.ts'
import { type Figure, percentile, printTable } from './figure.ts'
import { runFrontDoor } from './front-door.ts'
import { runPath } from './gateway-run.ts'
import { type Limits, measureLimits } from './limits.ts'
import { startNode } from './process.ts'
import { startRedis } from './redis.ts'
import { carePlan } from './samples.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '8' },
    quick: { type: 'boolean', default: false },
  },
})
const only = values.only
const wants = (figure: string): boolean => figure.startsWith(only)
const PATH_FIGURES = [
  'accept.rate',
  'accept.p50',
  'accept.p99',
  'accept.cpu',
  'deliver.cpu',
  'deliver.rate',
  'deliver.p50',
  'deliver.p95',
  'deliver.p99',
  'memory.rss',
]

const seconds = values.quick ? 1 : Number(values.seconds)
const FRONT_DOOR = ['create.', 'read.', 'search.']
const wantsFrontDoor = FRONT_DOOR.some((prefix) => wants(prefix) || only.startsWith(prefix))

const figures: Figure[] = []
function report(figure: Figure): void {
  if (!wants(figure.figure)) return
  figures.push(figure)
  if (values.json) process.stdout.write(`${JSON.stringify(figure)}\n`)
}

// The pure figures first, while nothing else runs on the machine.
pureFigures()
if (wantsFrontDoor || [...PATH_FIGURES, 'start.later'].some(wants)) await databaseFigures()
if (!values.json) printTable(figures)

function pureFigures(): void {
  const figure = (name: string, { perSecond, limitPerSecond }: Rate): void =>
    report({
      figure: name,
      value: Math.round(perSecond),
      unit: '/s',
      backend: 'none',
      limit: Math.round(limitPerSecond),
    })
  for (const count of [1, 5, 50]) {
    const [name, withCompile] = [`decide.rate.consents${count}`, `decide.compile.rate.consents${count}`]
    if (!wants(name) && !wants(withCompile)) continue
    const { decided, compiledAndDecided } = decisionRates(count)
    figure(name, decided)
    figure(withCompile, compiledAndDecided)
  }
  if (wants('redact.rate')) figure('redact.rate', redactRate())
}

async function databaseFigures(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluse-bench-pg-'))
  const embedded = await startEmbedded({ dataDir: folder })
  try {
    if (wantsFrontDoor) await frontDoorFigures(embedded)
    if (PATH_FIGURES.some(wants)) await pathFigures(embedded, folder)
    if (wants('start.later')) await startFigure(folder)
  } finally {
    await embedded.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function frontDoorFigures(embedded: Embedded): Promise<void> {
  await runFrontDoor({
    databaseUrl: await freshDatabase('bench_front_door', urlsOf(embedded)),
    seconds,
    plans: values.quick ? 500 : 10_000,
    citizens: values.quick ? 100 : 2_000,
    wants: (figure) => wants(figure) || only.startsWith(figure),
    report: (figure, value, unit, limit) =>
      report({
        figure,
        value: round(value),
        unit,
        backend: 'none',
        limit: limit === null ? null : round(limit),
      }),
  })
}

function urlsOf({ connection: { host, user } }: Embedded): (database: string) => string {
  return (database) => `postgresql://${user}@/${database}?host=${encodeURIComponent(host)}`
}

async function pathFigures(embedded: Embedded, folder: string): Promise<void> {
  const url = urlsOf(embedded)
  const body = JSON.stringify(carePlan({ system: 'bench', value: 'bench' }, 'bench'))
  const limits = await measureLimits(url(embedded.connection.database), body)
  await pathOn('postgres', await freshDatabase('bench_postgres', url), undefined, limits)
  const redis = await startRedis(folder)
  if (!redis) return
  try {
    await pathOn('redis', await freshDatabase('bench_redis', url), redis.url, limits)
  } finally {
    await redis.stop()
  }
}

async function freshDatabase(name: string, url: (database: string) => string): Promise<string> {
  const admin = new pg.Client({ connectionString: url('postgres') })
  await admin.connect()
  await admin.query(`create database ${name}`)
  await admin.end()
  return url(name)
}

async function pathOn(
  backend: 'postgres' | 'redis',
  databaseUrl: string,
  redisUrl: string | undefined,
  limits: Limits,
): Promise<void> {
  const path = await runPath({ databaseUrl, redisUrl, seconds })
  const bound = Math.min(limits.expressPerSecond, limits.postgresPerSecond)
  const figure = (name: string, value: number, unit: string, limit: number | null): void =>
    report({ figure: name, value: round(value), unit, backend, limit: limit === null ? null : round(limit) })
  figure('accept.rate', path.acceptedPerSecond, '/s', bound)
  figure('accept.p50', path.acceptP50Ms, 'ms', null)
  figure('accept.p99', path.acceptP99Ms, 'ms', null)
  figure('deliver.rate', path.deliveredPerSecond, '/s', bound)
  figure('deliver.p50', percentile(path.deliverLatenciesMs, 0.5), 'ms', limits.postP50Ms)
  figure('deliver.p95', percentile(path.deliverLatenciesMs, 0.95), 'ms', limits.postP50Ms)
  figure('deliver.p99', percentile(path.deliverLatenciesMs, 0.99), 'ms', limits.postP50Ms)
  figure('accept.cpu', path.acceptCpuMs, 'ms', null)
  figure('deliver.cpu', path.deliverCpuMs, 'ms', null)
  figure('memory.rss', path.gatewayRssMiB + path.workerRssMiB, 'MiB', null)
}

/** A second start on the embedded default, from the process to the line that says it is ready. */
async function startFigure(folder: string): Promise<void> {
  const dataDir = join(folder, 'start')
  const env = { SLUSE_DATA_DIR: dataDir, SLUSE_PORT: '0', SLUSE_SANDBOX: 'off', SLUSE_LOG_LEVEL: 'warn' }
  const main = new URL('../../src/main.ts', import.meta.url).pathname
  const times: number[] = []
  for (let i = 0; i < 6; i += 1) {
    const started = await startNode([main], env, /is ready/)
    if (i > 0) times.push(started.readyAfterMs)
    await started.stop()
  }
  const bare = await startNode(['-e', 'console.log("is ready")'], {}, /is ready/)
  report({
    figure: 'start.later',
    value: round(percentile(times, 0.5) / 1_000),
    unit: 's',
    backend: 'postgres',
    limit: round(bare.readyAfterMs / 1_000),
  })
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
