/** Requests that two readers could cut in different places, on raw sockets: none of them is served, and nothing after them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, type Listening } from '#http/listen.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn } from '#test/http.ts'
import { sendBytes } from '#test/raw-socket.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
})
afterAll(() => gateway.close())

/** After each: a request that must never be answered, since it would be the smuggled one. */
const SMUGGLED = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'
const CHUNKS = '5\r\na=b&c\r\n0\r\n\r\n'
const FORM = 'Content-Type: application/x-www-form-urlencoded'
const post = (...headers: readonly string[]): string =>
  `POST /oauth/token HTTP/1.1\r\n${['Host: x', ...headers, FORM].join('\r\n')}\r\n\r\n`

interface Case {
  readonly title: string
  readonly bytes: string
  readonly status?: number
  readonly code?: string
}

// https://www.rfc-editor.org/rfc/rfc9112#section-6.3 and the forms that have split real proxies from their servers.
// prettier-ignore
const cases: readonly Case[] = [
  { title: 'a length and chunks', bytes: post('Content-Length: 4', 'Transfer-Encoding: chunked') + CHUNKS },
  { title: 'chunks and a length', bytes: post('Transfer-Encoding: chunked', 'Content-Length: 4') + CHUNKS },
  { title: 'a length of nothing and chunks', bytes: post('Content-Length: 0', 'Transfer-Encoding: chunked') + CHUNKS },
  { title: 'two lengths that differ', bytes: `${post('Content-Length: 1', 'Content-Length: 2')}ab` },
  { title: 'two lengths that agree', bytes: `${post('Content-Length: 1', 'Content-Length: 1')}a` },
  { title: 'a list of lengths', bytes: `${post('Content-Length: 1, 1')}a` },
  { title: 'a length with a sign', bytes: `${post('Content-Length: +1')}a` },
  { title: 'a length below nothing', bytes: `${post('Content-Length: -1')}a` },
  { title: 'a length in base 16', bytes: `${post('Content-Length: 0x1')}a` },
  { title: 'a length with a blank in it', bytes: `${post('Content-Length: 1 1')}a` },
  { title: 'a length that no number holds', bytes: `${post(`Content-Length: ${'9'.repeat(30)}`)}a` },
  { title: 'a length that is empty', bytes: `${post('Content-Length:')}a` },
  { title: 'another coding', bytes: post('Transfer-Encoding: xchunked') + CHUNKS },
  { title: 'a coding in quotes', bytes: post('Transfer-Encoding: "chunked"') + CHUNKS },
  { title: 'chunked twice', bytes: post('Transfer-Encoding: chunked, chunked') + CHUNKS },
  { title: 'chunked first', bytes: post('Transfer-Encoding: chunked, identity') + CHUNKS },
  { title: 'compressed chunks', bytes: post('Transfer-Encoding: gzip, chunked') + CHUNKS },
  { title: 'a coding in two headers', bytes: post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') + CHUNKS },
  { title: 'a blank before the colon', bytes: post('Transfer-Encoding : chunked') + CHUNKS },
  { title: 'a vertical tab before the coding', bytes: post('Transfer-Encoding: \x0bchunked') + CHUNKS },
  { title: 'chunks in HTTP/1.0', bytes: post('Transfer-Encoding: chunked').replace('1.1', '1.0') + CHUNKS },
  { title: 'a chunk size that is none', bytes: `${post('Transfer-Encoding: chunked')}zz\r\na\r\n0\r\n\r\n` },
  { title: 'a chunk size beyond every number', bytes: `${post('Transfer-Encoding: chunked')}FFFFFFFFFFFFFFFFF\r\na\r\n0\r\n\r\n` },
  { title: 'a chunk longer than it says', bytes: `${post('Transfer-Encoding: chunked')}1\r\nab\r\n0\r\n\r\n` },
  { title: 'a chunk that ends in LF alone', bytes: `${post('Transfer-Encoding: chunked')}1\na\n0\n\n` },
  { title: 'endless chunk extensions', bytes: `${post('Transfer-Encoding: chunked')}1;${'a'.repeat(20_000)}\r\na\r\n0\r\n\r\n`, status: 413, code: 'body-too-large' },
  { title: 'lines that end in LF alone', bytes: 'GET / HTTP/1.1\nHost: x\n\n' },
  { title: 'CR in a header', bytes: 'GET / HTTP/1.1\r\nHost: x\r\nA: b\rc: d\r\n\r\n' },
  { title: 'NUL in a header', bytes: 'GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n' },
  { title: 'a header that goes on in the next line', bytes: 'GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n' },
  { title: 'a header without a name', bytes: 'GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n' },
  { title: 'a name with a blank', bytes: 'GET / HTTP/1.1\r\nHost: x\r\nA B: b\r\n\r\n' },
  { title: 'a first line that goes on', bytes: 'GET / HTTP/1.1 \r\nHost: x\r\n\r\n' },
  { title: 'a blank in the address', bytes: 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n' },
  { title: 'NUL in the address', bytes: 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n' },
  { title: 'Latin-1 in the address', bytes: 'GET /fhir/\xe6 HTTP/1.1\r\nHost: x\r\n\r\n' },
  { title: 'no Host', bytes: 'GET / HTTP/1.1\r\n\r\n' },
  { title: 'two Hosts', bytes: 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n' },
  { title: 'another server’s address', bytes: 'GET http://other.example/fhir/metadata HTTP/1.1\r\nHost: x\r\n\r\n' },
  { title: 'two tokens', bytes: 'GET /fhir/CarePlan/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n' },
  { title: 'two types', bytes: `${post('content-type: text/plain', 'Content-Length: 1')}a` },
  { title: 'HTTP/0.9', bytes: 'GET /fhir/metadata\r\n\r\n' },
  { title: 'HTTP/2 without TLS', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  { title: 'HTTP/3.0', bytes: 'GET / HTTP/3.0\r\nHost: x\r\n\r\n' },
  { title: 'a version in two digits', bytes: 'GET / HTTP/1.10\r\nHost: x\r\n\r\n' },
  { title: 'a method that there is not', bytes: 'STEAL / HTTP/1.1\r\nHost: x\r\n\r\n' },
  { title: 'a method in lower case', bytes: 'get / HTTP/1.1\r\nHost: x\r\n\r\n' },
  { title: 'TLS where none is spoken', bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' },
  { title: 'a tunnel', bytes: 'CONNECT db:5432 HTTP/1.1\r\nHost: x\r\n\r\n', status: 405, code: 'method-not-allowed' },
  { title: 'another expectation', bytes: post('Expect: 200-ok', 'Content-Length: 0'), status: 417, code: 'expectation-unsupported' },
  { title: '17 kB of headers', bytes: `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`, status: 431, code: 'headers-too-large' },
  { title: '101 headers', bytes: `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(100)}\r\n`, status: 431, code: 'headers-too-large' },
]

describe('is refused, and what follows is not read', () => {
  test.for(cases)('$title', async ({ bytes, status = 400, code = 'request-malformed' }) => {
    const [answer, ...others] = await sendBytes(gateway.baseUrl, bytes + SMUGGLED)
    expect([answer?.status, faultsIn(JSON.parse(answer?.body ?? ''))[0]?.code]).toEqual([status, code])
    expect(answer?.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8')
    expect(answer?.headers.get('cache-control')).toBe('no-store')
    expect(answer?.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(others).toEqual([])
  })

  test('what never was a request is in the log by its reason, without a byte of it', async () => {
    const lines = gateway.logged.length
    await sendBytes(gateway.baseUrl, 'GET /2509479989 HTTP/9.9\r\nHost: x\r\n\r\n')
    const logged = gateway.logged.slice(lines).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(logged).toMatchObject([{ event: 'request-unreadable', reason: 'request-malformed' }])
    expect(JSON.stringify(logged)).not.toContain('2509479989')
  })
})

describe('is served', () => {
  test('a request at each limit', async () => {
    const headers = 'A: b\r\n'.repeat(98)
    const [answer] = await sendBytes(
      gateway.baseUrl,
      `GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`,
    )
    expect(answer?.status).toBe(200)
  })

  test('the body of a GET is no next request', async () => {
    const bytes = `GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`
    expect((await sendBytes(gateway.baseUrl, bytes)).map(({ status }) => status)).toEqual([200])
  })

  // https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1: whoever has no token never sends the body.
  test('a body that waits for the word is asked for after the token', async () => {
    const token = await gateway.client('hospital-ehr').token()
    const bytes = (authorization: string): string =>
      `POST /fhir/CarePlan HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${authorization}Content-Type: application/fhir+json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`
    const refused = await sendBytes(gateway.baseUrl, bytes(''))
    expect(refused.map(({ status }) => status)).toEqual([401])
    const asked = await sendBytes(gateway.baseUrl, `${bytes(`Authorization: Bearer ${token}\r\n`)}{}`)
    expect(asked.map(({ status }) => status)).toEqual([100, 422])
  })
})

describe('a socket that is held', () => {
  const limits = {
    headersTimeout: 200,
    requestTimeout: 400,
    keepAliveTimeout: 200,
    connectionsCheckingInterval: 50,
    requestsPerSocket: 3,
    maxConnections: 4,
  }
  let server: Listening
  beforeAll(async () => {
    server = await listen('127.0.0.1', 0, { limits })
    server.serve((request, response) => {
      request.resume().on('end', () => response.end('done'))
    })
  })
  afterAll(() => server.close())

  const slow = [
    { title: 'never says a word', bytes: '' },
    { title: 'never ends its headers', bytes: 'GET / HTTP/1.1\r\nHost: x\r\n' },
    { title: 'never ends its body', bytes: 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\na' },
    {
      title: 'never ends its chunks',
      bytes: 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
    },
  ]
  test.for(slow)('by a client that $title is closed with 408', async ({ bytes }) => {
    const [answer] = await sendBytes(server.baseUrl, bytes, { limitMs: 2_500 })
    expect([answer?.status, faultsIn(JSON.parse(answer?.body ?? ''))]).toEqual([
      408,
      [{ code: 'request-timeout' }],
    ])
  })

  test('is closed when nothing more comes on it', async () => {
    const answers = await sendBytes(server.baseUrl, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', { limitMs: 2_500 })
    expect(answers.map(({ status }) => status)).toEqual([200])
  })

  test('is closed after as many requests as one socket may bring', async () => {
    const answers = await sendBytes(server.baseUrl, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5))
    expect(answers.map(({ status, headers }) => [status, headers.get('connection')])).toEqual([
      [200, 'keep-alive'],
      [200, 'keep-alive'],
      [200, 'close'],
    ])
  })

  test('by more clients than may be: the next ones are closed, and served when others have gone', async () => {
    const silent = Array.from({ length: 4 }, () => sendBytes(server.baseUrl, 'GET / HTTP/1.1\r\nHost: x\r\n'))
    const ask = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    expect(await sendBytes(server.baseUrl, ask)).toEqual([])
    expect((await Promise.all(silent)).map(([answer]) => answer?.status)).toEqual([408, 408, 408, 408])
    expect((await sendBytes(server.baseUrl, ask)).map(({ status }) => status)).toEqual([200])
  })
})
