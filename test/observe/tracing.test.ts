import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, inject, onTestFinished, test } from 'vitest'
import { originOf } from './listening.ts'

interface Collector {
  readonly endpoint: string
  /** What came to `/v1/traces`. The strings of OTLP's protobuf are plain UTF-8, so they can be looked for in it. */
  readonly traces: Buffer[]
  readonly paths: string[]
}

async function startCollector(): Promise<Collector> {
  const traces: Buffer[] = []
  const paths: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      paths.push(request.url ?? '')
      traces.push(Buffer.concat(chunks))
      response.end()
    })
  }).listen(0, '127.0.0.1')
  return { endpoint: await originOf(server), traces, paths }
}

async function startServer(
  environment: Record<string, string>,
): Promise<{ url: string; traced: boolean; end: () => Promise<void> }> {
  const { host, user } = inject('postgres')
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'traced-server.ts')], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], TEST_PG_HOST: host, TEST_PG_USER: user, ...environment },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (!child.stdout) throw new Error('no standard output')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const { port, traced }: { port: number; traced: boolean } = JSON.parse(String(line))
  return {
    url: `http://127.0.0.1:${port}`,
    traced,
    end: async () => {
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    },
  }
}

test('spans of HTTP, Express and PostgreSQL arrive, without an address, a value or a message', async () => {
  const collector = await startCollector()
  const server = await startServer({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  expect(server.traced).toBe(true)
  expect((await fetch(`${server.url}/fhir/CarePlan/id-134418?patient=2509479989`)).status).toBe(200)
  expect((await fetch(`${server.url}/fails?patient=2509479989`)).status).toBe(500)
  // What is left is sent when the process ends.
  await server.end()

  expect(collector.paths).toEqual(['/v1/traces'])
  const sent = Buffer.concat(collector.traces).toString()
  for (const expected of [
    'GET /fhir/:type/:id',
    'request_handler',
    'pg.query:',
    'postgresql',
    'service.name',
    'sluse',
    'exception.type',
  ]) {
    expect(sent).toContain(expected)
  }
  for (const secret of [
    '134418',
    '2509479989',
    'url.path',
    'url.query',
    'url.full',
    'db.query.text',
    'exception.message',
    'user_agent',
  ]) {
    expect(sent).not.toContain(secret)
  }
})

test("an operator's own settings of the SDK stay", async () => {
  const collector = await startCollector()
  const server = await startServer({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_SERVICE_NAME: 'sluse-north',
  })
  await fetch(`${server.url}/fhir/CarePlan/1`)
  await server.end()

  expect(Buffer.concat(collector.traces).toString()).toContain('sluse-north')
})

test('without an endpoint nothing is traced, loaded or sent', async () => {
  const server = await startServer({})
  expect(server.traced).toBe(false)
  await fetch(`${server.url}/fhir/CarePlan/1`)
  await server.end()
})

test('importing the tracing does not load OpenTelemetry', async () => {
  const script = `
    const loaded = []
    const load = (url, context, next) => (loaded.push(url), next(url, context))
    process.getBuiltinModule('node:module').registerHooks({ load })
    await import('#observe/tracing.ts')
    process.stdout.write(String(loaded.map((url) => url.split('/').pop())))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [answer] = await once(child.stdout, 'data')
  expect(String(answer).split(',')).toEqual(['tracing.ts', 'node:module', 'scrub-span.ts', 'mask.ts'])
})
