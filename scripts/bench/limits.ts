/** What the bare parts of this machine reach: the figures beside ours. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import pg from 'pg'
import { load } from './load.ts'
import { startNode } from './process.ts'

export interface Limits {
  readonly expressPerSecond: number
  readonly postgresPerSecond: number
  /** POST to the sink and back, in ms: what a delivery costs when nothing is decided. */
  readonly postP50Ms: number
}

const SECONDS = 4
const CONNECTIONS = 64

export async function measureLimits(connectionString: string, body: string): Promise<Limits> {
  return {
    expressPerSecond: await bareExpress(body),
    postgresPerSecond: await barePostgres(connectionString, body),
    postP50Ms: await barePost(body),
  }
}

async function bareExpress(body: string): Promise<number> {
  const script = new URL('./bare-express.ts', import.meta.url).pathname
  const server = await startNode([script], {}, /ready \d+\n/)
  const port = /ready (\d+)/.exec(server.readyText)?.[1] ?? ''
  const result = await load(
    `http://127.0.0.1:${port}`,
    { connections: CONNECTIONS, seconds: SECONDS },
    () => ({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/json' },
      body,
    }),
  )
  await server.stop()
  return result.perSecond
}

/** One durable insert of the record for each commit, as many connections as the gateway's pool has. */
async function barePostgres(connectionString: string, body: string): Promise<number> {
  const pool = new pg.Pool({ connectionString, max: 12 })
  await pool.query(
    'create table if not exists bench_bare (id bigint generated always as identity primary key, content json not null)',
  )
  let done = 0
  const begun = performance.now()
  const until = begun + SECONDS * 1_000
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < until) {
        await pool.query({
          name: 'bare',
          text: 'insert into bench_bare (content) values ($1)',
          values: [body],
        })
        done += 1
      }
    }),
  )
  const perSecond = done / ((performance.now() - begun) / 1_000)
  await pool.query('drop table bench_bare')
  await pool.end()
  return perSecond
}

async function barePost(body: string): Promise<number> {
  const sink = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200).end())
  }).listen(0, '127.0.0.1')
  await once(sink, 'listening')
  const address = sink.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const result = await load(`http://127.0.0.1:${port}`, { connections: 1, seconds: 1 }, () => ({
    method: 'POST',
    path: '/',
    headers: {},
    body,
  }))
  sink.closeAllConnections()
  sink.close()
  const sorted = [...result.latenciesMs].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
