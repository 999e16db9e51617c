import express from 'express'
import { expect, test } from 'vitest'
import { createMetrics } from '#observe/metrics.ts'
import { createRequestLog } from '#observe/request-log.ts'
import { originOf } from './listening.ts'
import { memoryLog } from './memory-log.ts'

async function serve() {
  const { log, lines, text } = memoryLog()
  const metrics = createMetrics()
  const app = express()
  app.use(
    (_request, response, next) => {
      response.locals['requestId'] = 'r-1'
      next()
    },
    createRequestLog(log, metrics),
  )
  app.get('/fhir/:type/:id', (_request, response) => {
    Object.assign(response.locals, {
      route: '/fhir/:type/:id',
      requester: { clientId: 'gp-1', secret: 'patient-134418' },
    })
    response.status(404).json({})
  })
  app.get('/health/live', (_request, response) => {
    response.locals['route'] = '/health/live'
    response.end()
  })
  app.get('/hangs', (_request, response) => {
    response.locals['route'] = '/hangs'
    response.write('begun')
  })
  const url = await originOf(app.listen(0, '127.0.0.1'))
  const logged = async (count: number) => {
    while (lines.length < count) await new Promise((resolve) => setImmediate(resolve))
    return lines.map(({ ms, ...rest }) => ({ ...rest, ms: typeof ms }))
  }
  return { url, logged, text, metrics }
}

test('a request is one line: the template of its route, never its address', async () => {
  const { url, logged, text, metrics } = await serve()
  await (await fetch(`${url}/fhir/CarePlan/134418?patient=2509479989`)).text()

  expect(await logged(1)).toEqual([
    {
      level: 'info',
      event: 'request',
      requestId: 'r-1',
      clientId: 'gp-1',
      method: 'GET',
      route: '/fhir/:type/:id',
      status: 404,
      ms: 'number',
    },
  ])
  expect(text()).not.toMatch(/134418|2509479989/)
  const figures = await metrics.text()
  expect(figures).toContain(
    'sluse_http_request_duration_seconds_count{method="GET",route="/fhir/:type/:id",status="4xx"} 1',
  )
  expect(figures).not.toMatch(/134418|2509479989/)
})

test('an address that nothing serves is `unmatched`, so that no label comes from outside', async () => {
  const { url, logged, metrics } = await serve()
  await (await fetch(`${url}/patient-134418`)).text()

  expect(await logged(1)).toMatchObject([{ route: 'unmatched', status: 404 }])
  expect(await metrics.text()).toContain('{method="GET",route="unmatched",status="4xx"} 1')
})

test('probes are for the debug level', async () => {
  const { url, logged } = await serve()
  await (await fetch(`${url}/health/live`)).text()

  expect(await logged(1)).toMatchObject([{ level: 'debug', route: '/health/live', status: 200 }])
})

test('a client that goes away before the answer is logged as such', async () => {
  const { url, logged, metrics } = await serve()
  const gone = new AbortController()
  await fetch(`${url}/hangs`, { signal: gone.signal })
  gone.abort()

  expect(await logged(1)).toMatchObject([{ route: '/hangs', status: 'aborted' }])
  expect(await metrics.text()).toContain('{method="GET",route="/hangs",status="aborted"} 1')
})
