import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { listen, type Listening } from '#http/listen.ts'
import { probesOnly } from '#http/probes-only.ts'
import { outcome, sendRaw } from '#test/http.ts'

let listening: Listening | undefined
afterEach(async () => {
  await listening?.close()
  listening = undefined
})

async function openOn(): Promise<{ server: Listening; port: number }> {
  const server = await listen('127.0.0.1', 0)
  listening = server
  return { server, port: Number(new URL(server.baseUrl).port) }
}

const LIMIT_MS = 2_000

async function closesInTime(server: Listening): Promise<boolean> {
  listening = undefined
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), LIMIT_MS)
  })
  const closed = await Promise.race([server.close().then(() => true), late])
  clearTimeout(timer)
  return closed
}

test('before the app is there, requests are asked to come again', async () => {
  const { server } = await openOn()
  const answer = await fetch(server.baseUrl)
  const text = 'the gateway is starting; send the same request again after the seconds in Retry-After'
  expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
    503,
    '1',
    outcome('store-unavailable', text),
  ])
})

test('a worker answers the operator, and tells everybody else where to go', async () => {
  const { server } = await openOn()
  server.serve(probesOnly((_request, response) => void response.end('probed')))
  const text = 'this process answers health and metrics alone; send requests to a gateway'
  for (const path of ['/health/live', '/health/ready?x', '/metrics'])
    expect((await sendRaw(server.baseUrl, path)).text).toBe('probed')
  for (const path of ['/', '/fhir/metadata', '/health/live/x', '/oauth/token', '/metricsx']) {
    const answer = await sendRaw(server.baseUrl, path)
    expect([path, answer.status, answer.json()]).toEqual([path, 404, outcome('not-found', text)])
  }
})

test('a port that is taken is said to be', async () => {
  const { port } = await openOn()
  await expect(listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('IPv6 is written in brackets', async () => {
  const server = await listen('::1', 0)
  listening = server
  expect(server.baseUrl).toMatch(/^http:\/\/\[::1\]:\d+$/)
})

describe('closing', () => {
  test('answers what is under way, and ends its connection though the client would keep it', async () => {
    const { server, port } = await openOn()
    let answerNow: () => void = () => undefined
    const asked = new Promise<void>((resolve) => {
      server.serve((_request, response) => {
        answerNow = () => response.end('done')
        resolve()
      })
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n')
    await asked
    const closed = closesInTime(server)
    setImmediate(() => answerNow())
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString()
    })
    await once(socket, 'close')
    expect(received).toContain('done')
    expect(await closed).toBe(true)
  })

  test('is not held up by a connection that never asks', async () => {
    const { server, port } = await openOn()
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    await fetch(server.baseUrl)
    expect(await closesInTime(server)).toBe(true)
    socket.destroy()
  })

  test('refuses new connections', async () => {
    const { server, port } = await openOn()
    expect(await closesInTime(server)).toBe(true)
    const socket = connect(port, '127.0.0.1')
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  })
})
