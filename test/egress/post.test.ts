import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createEgress } from '#egress/post.ts'
import type { Egress } from '#egress/post.ts'
import { listen, startReceiver } from '#test/receiver.ts'

function sandboxEgress(connectionsPerOrigin = 16): Egress {
  const egress = createEgress({ allowHttp: true, allowedCidrs: ['127.0.0.0/8'], connectionsPerOrigin })
  onTestFinished(() => egress.close())
  return egress
}

const at = (port: number, path = '/hook') => ({
  url: `http://127.0.0.1:${port}${path}`,
  headers: {},
  timeoutMs: 5_000,
})

/** A server that writes bytes of its own making. */
async function rawServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return listen(server)
}

test('the body arrives as it is, with the headers given, and the answer comes back', async () => {
  const receiver = await startReceiver((_, response) =>
    response.writeHead(202, { 'retry-after': '120' }).end('noted — tak'),
  )
  const answer = await sandboxEgress().post(
    {
      ...at(receiver.port, '/hook?a=1#fragment'),
      headers: { 'Content-Type': 'application/fhir+json', 'webhook-id': 's-7' },
    },
    '{"æ":1}',
  )

  expect(answer).toEqual({ status: 202, retryAfterMs: 120_000, bodyStart: 'noted — tak' })
  expect(receiver.requests).toEqual([
    {
      method: 'POST',
      url: '/hook?a=1',
      headers: {
        host: `127.0.0.1:${receiver.port}`,
        connection: 'keep-alive',
        'content-type': 'application/fhir+json',
        'webhook-id': 's-7',
        'accept-encoding': 'identity',
        'content-length': '8',
      },
      body: '{"æ":1}',
    },
  ])
})

test.each([301, 302, 303, 307, 308])('a redirect is an answer and is not followed: %i', async (status) => {
  const elsewhere = await startReceiver((_, response) => response.end())
  const receiver = await startReceiver((_, response) =>
    response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end(),
  )
  expect(await sandboxEgress().post(at(receiver.port), '{}')).toEqual({ status, bodyStart: '' })
  expect(elsewhere.connections).toEqual([])
  expect(receiver.requests).toHaveLength(1)
})

test('each post is sent once, whatever the answer', async () => {
  const receiver = await startReceiver((_, response) => response.writeHead(503).end('later'))
  expect(await sandboxEgress().post(at(receiver.port), '{}')).toEqual({ status: 503, bodyStart: 'later' })
  expect(receiver.requests).toHaveLength(1)
})

test.each([
  { title: 'seconds', header: '120', want: { retryAfterMs: 120_000 } },
  { title: 'none to wait', header: '0', want: { retryAfterMs: 0 } },
  { title: 'a date that is past', header: 'Wed, 21 Oct 2015 07:28:00 GMT', want: { retryAfterMs: 0 } },
  { title: 'negative', header: '-5', want: {} },
  { title: 'a fraction', header: '1.5', want: {} },
  { title: 'beyond any calendar', header: '9'.repeat(30), want: {} },
  { title: 'words', header: '5 minutes', want: {} },
  { title: 'a date that is none', header: 'Wed, 99 Oct 2015 07:28:00 GMT', want: {} },
])('Retry-After: $title', async ({ header, want }) => {
  const receiver = await startReceiver((_, response) =>
    response.writeHead(429, { 'retry-after': header }).end(),
  )
  expect(await sandboxEgress().post(at(receiver.port), '{}')).toEqual({ status: 429, bodyStart: '', ...want })
})

test('Retry-After: a date to come', async () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString()
  const receiver = await startReceiver((_, response) =>
    response.writeHead(503, { 'retry-after': date }).end(),
  )
  const { retryAfterMs = 0 } = await sandboxEgress().post(at(receiver.port), '{}')
  expect(retryAfterMs).toBeGreaterThan(3_500_000)
  expect(retryAfterMs).toBeLessThanOrEqual(3_600_000)
})

test('of an endless answer 64 KB are read, then the connection is ended', async () => {
  let written = 0
  const closed = Promise.withResolvers<void>()
  const receiver = await startReceiver((_, response) => {
    response.writeHead(200)
    const chunk = Buffer.alloc(16 * 1024, 'x')
    const write = () => {
      while (response.write(chunk)) written += chunk.length
      written += chunk.length
    }
    response.on('drain', write).on('close', () => closed.resolve())
    write()
  })
  const answer = await sandboxEgress().post(at(receiver.port), '{}')
  await closed.promise

  expect(answer.status).toBe(200)
  expect(answer.bodyStart).toBe('x'.repeat(64 * 1024))
  // What lies in the buffers of two sockets, not the gigabytes that were to come.
  expect(written).toBeLessThan(32 * 1024 * 1024)
})

test('an answer of exactly 64 KB is whole', async () => {
  const receiver = await startReceiver((_, response) => response.end('x'.repeat(64 * 1024)))
  expect((await sandboxEgress().post(at(receiver.port), '{}')).bodyStart).toHaveLength(64 * 1024)
})

test('an answer cut inside a letter is still text', async () => {
  const receiver = await startReceiver((_, response) => response.end('x' + 'æ'.repeat(40_000)))
  expect((await sandboxEgress().post(at(receiver.port), '{}')).bodyStart.endsWith('æ\ufffd')).toBe(true)
})

test('compression is not asked for and not undone', async () => {
  const receiver = await startReceiver((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
  )
  expect(await sandboxEgress().post(at(receiver.port), '{}')).toEqual({ status: 200, bodyStart: 'not gzip' })
})

test.each([
  { title: 'nothing is answered', onConnection: () => {} },
  {
    title: 'the head drips',
    onConnection: (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-slow: ' + 'x'.repeat(1000)),
  },
  {
    title: 'the body drips',
    onConnection: (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
      drip(socket, 'x'.repeat(1000))
    },
  },
])('the deadline is total: $title', async ({ onConnection }) => {
  const port = await rawServer(onConnection)
  const before = performance.now()
  await expect(sandboxEgress().post({ ...at(port), timeoutMs: 100 }, '{}')).rejects.toMatchObject({
    code: 'timeout',
    message: '`127.0.0.1` did not answer in time',
  })
  expect(performance.now() - before).toBeLessThan(1_000)
})

function drip(socket: Socket, text: string): void {
  let sent = 0
  const timer = setInterval(() => socket.write(text.charAt(sent++)), 5)
  socket.on('close', () => clearInterval(timer))
}

test.each([
  {
    title: 'the connection is ended without an answer',
    onConnection: (socket: Socket) => socket.on('data', () => socket.end()),
    code: 'broken',
    message: '`127.0.0.1` ended the connection before its answer',
  },
  {
    title: 'the connection is reset',
    onConnection: (socket: Socket) => socket.on('data', () => socket.resetAndDestroy()),
    code: 'broken',
    message: '`127.0.0.1` ended the connection before its answer',
  },
  {
    title: 'the body ends early',
    onConnection: (socket: Socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx')),
    code: 'broken',
    message: '`127.0.0.1` ended the connection before its answer',
  },
  {
    title: 'the answer is not HTTP',
    onConnection: (socket: Socket) => socket.on('data', () => socket.end('220 mail.test ESMTP\r\n')),
    code: 'protocol',
    message: 'what `127.0.0.1` answered is not HTTP',
  },
  {
    title: 'the head of the answer is too large',
    onConnection: (socket: Socket) =>
      socket.on('data', () => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(10_000)}\r\n\r\n`)),
    code: 'too-large',
    message: 'the headers that `127.0.0.1` answered are too large',
  },
])('$title', async ({ onConnection, code, message }) => {
  const port = await rawServer((socket) => void onConnection(socket))
  await expect(sandboxEgress().post(at(port), '{}')).rejects.toMatchObject({
    name: 'EgressError',
    code,
    message,
  })
})

test('nobody listens', async () => {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  await expect(sandboxEgress().post(at(port), '{}')).rejects.toMatchObject({
    code: 'refused',
    message: '`127.0.0.1` accepts no connection',
  })
})

test.each([
  'Host',
  'connection',
  'Content-Length',
  'transfer-encoding',
  'Expect',
  'keep-alive',
  'proxy-authorization',
  'Proxy-Connection',
  'TE',
  'trailer',
  'Upgrade',
])('the header %s is not for a subscriber to set', async (name) => {
  const receiver = await startReceiver((_, response) => response.end())
  await expect(
    sandboxEgress().post({ ...at(receiver.port), headers: { [name]: '1' } }, '{}'),
  ).rejects.toMatchObject({
    code: 'blocked',
    message: `the header \`${name.toLowerCase()}\` cannot be set: remove it from the subscription`,
  })
  expect(receiver.connections).toEqual([])
})

test.each([
  { title: 'a line break in the value', headers: { 'x-a': '1\r\nx-b: 2' } },
  { title: 'a bare line feed in the value', headers: { 'x-a': '1\nx-b: 2' } },
  { title: 'a zero byte in the value', headers: { 'x-a': '1\0' } },
  { title: 'a letter beyond Latin-1 in the value', headers: { 'x-a': 'ł' } },
  { title: 'a line break in the name', headers: { 'x-a\r\nx-b': '1' } },
  { title: 'a space in the name', headers: { 'x a': '1' } },
  { title: 'no name', headers: { '': '1' } },
])('a header that is not valid in HTTP is refused: $title', async ({ headers }) => {
  const receiver = await startReceiver((_, response) => response.end())
  await expect(sandboxEgress().post({ ...at(receiver.port), headers }, '{}')).rejects.toMatchObject({
    code: 'blocked',
    message: 'a header of the endpoint is not valid in HTTP: correct the subscription',
  })
  expect(receiver.connections).toEqual([])
})

test('of headers that differ in case alone the later one is sent', async () => {
  const receiver = await startReceiver((_, response) => response.end())
  const headers = { 'Webhook-Id': 'forged', 'webhook-id': 's-7', 'Accept-Encoding': 'gzip' }
  await sandboxEgress().post({ ...at(receiver.port), headers }, '{}')
  expect(receiver.requests[0]?.headers).toMatchObject({ 'webhook-id': 's-7', 'accept-encoding': 'identity' })
})

test('connections are kept and bounded per origin', async () => {
  const receiver = await startReceiver((_, response) => response.end())
  const egress = sandboxEgress(3)
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 12 }, () => egress.post(at(receiver.port), '{}')))
  }
  expect(receiver.requests).toHaveLength(36)
  expect(receiver.connections.length).toBeLessThanOrEqual(3)
})

test('a recipient that hangs does not hold up another', async () => {
  const hanging = await rawServer(() => {})
  const receiver = await startReceiver((_, response) => response.writeHead(204).end())
  const egress = sandboxEgress(2)
  const stuck = Array.from({ length: 10 }, () =>
    egress.post({ ...at(hanging), timeoutMs: 300 }, '{}').catch((error: unknown) => error),
  )
  expect(await egress.post(at(receiver.port), '{}')).toMatchObject({ status: 204 })
  for (const outcome of await Promise.all(stuck)) expect(outcome).toMatchObject({ code: 'timeout' })
})

test('closing ends what is under way', async () => {
  const hanging = await rawServer(() => {})
  const egress = sandboxEgress()
  const stuck = egress.post(at(hanging), '{}')
  const outcome = expect(stuck).rejects.toMatchObject({
    code: 'closed',
    message: 'the gateway is shutting down',
  })
  await egress.close()
  await outcome
  await expect(egress.post(at(hanging), '{}')).rejects.toMatchObject({ code: 'closed' })
})

test('closing ends a post that still waits for a name', async () => {
  const egress = createEgress({
    allowHttp: false,
    allowedCidrs: [],
    lookup: () => new Promise<string[]>(() => {}),
  })
  const stuck = egress.post({ url: 'https://receiver.test/', headers: {}, timeoutMs: 20_000 }, '{}')
  const outcome = expect(stuck).rejects.toMatchObject({ code: 'closed' })
  await egress.close()
  await outcome
})

test('a connection that comes up after the deadline sends nothing', async () => {
  const receiver = await startReceiver((_, response) => response.end())
  const slow = Promise.withResolvers<string[]>()
  const egress = createEgress({ allowHttp: true, allowedCidrs: ['127.0.0.0/8'], lookup: () => slow.promise })
  onTestFinished(() => egress.close())
  const target = { url: `http://receiver.test:${receiver.port}/`, headers: {} }
  await expect(egress.post({ ...target, timeoutMs: 20 }, 'late')).rejects.toMatchObject({ code: 'timeout' })
  slow.resolve(['127.0.0.1'])
  await egress.post({ ...target, timeoutMs: 5_000 }, 'in time')

  expect(receiver.requests.map(({ body }) => body)).toEqual(['in time'])
})

test('an error names the host and nothing else of the endpoint', async () => {
  const port = await rawServer((socket) => socket.end())
  const outcome = await sandboxEgress()
    .post(
      { ...at(port, '/secret-134418?key=134418'), headers: { authorization: 'Bearer 134418' } },
      'patient-134418',
    )
    .catch((error: unknown) => String(error))
  expect(outcome).toBe('EgressError: `127.0.0.1` ended the connection before its answer')
})
