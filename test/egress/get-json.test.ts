import type { RequestListener } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { EgressError } from '#egress/egress-error.ts'
import { createJsonFetcher, type JsonFetcher } from '#egress/get-json.ts'
import { startReceiver } from '#test/receiver.ts'

function fetcher(policy: { allowHttp?: boolean; allowedCidrs?: string[] } = {}): JsonFetcher {
  const made = createJsonFetcher({ allowHttp: true, allowedCidrs: ['127.0.0.0/8'], ...policy })
  onTestFinished(() => made.close())
  return made
}

async function faultOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof EgressError) return error.code
    throw error
  }
  return 'none'
}

const json =
  (text: string, type = 'application/json'): RequestListener =>
  (_, response) =>
    response.setHeader('content-type', type).end(text)

describe('an answer', () => {
  test('is read when it is JSON, and the request tells nothing of us', async () => {
    const receiver = await startReceiver(json('{"keys":[]}', 'application/jwk-set+json; charset=utf-8'))
    expect(await fetcher().getJson(`http://127.0.0.1:${receiver.port}/a?b=c#d`)).toEqual({ keys: [] })
    expect(receiver.requests).toEqual([
      {
        method: 'GET',
        url: '/a?b=c',
        headers: {
          host: `127.0.0.1:${receiver.port}`,
          connection: 'keep-alive',
          accept: 'application/json',
          'accept-encoding': 'identity',
        },
        body: '',
      },
    ])
  })

  const padded = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`
  // prettier-ignore
  const cases: readonly [title: string, answer: RequestListener, code: string][] = [
    ['of 64 kB',            json(padded(64 * 1024)),                                                                        'none'],
    ['of a byte more',      json(padded(64 * 1024 + 1)),                                                                    'too-large'],
    ['of 10 MB',            json(padded(10_000_000)),                                                                       'too-large'],
    ['that is a page',      json('{}', 'text/html'),                                                                        'protocol'],
    ['without a type',      (_, response) => void response.end('{}'),                                                       'protocol'],
    ['that is no JSON',     json('{'),                                                                                      'protocol'],
    ['that is empty',       json(''),                                                                                       'protocol'],
    ['that is compressed',  (_, response) => void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('{}'), 'protocol'],
    ['that is no UTF-8',    (_, response) => void response.setHeader('content-type', 'application/json').end(Buffer.from([0x22, 0xff, 0x22])), 'broken'],
    ['with 301',            (_, response) => void response.writeHead(301, { location: '/' }).end(),                         'protocol'],
    ['with 302 and a body', (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/', 'content-type': 'application/json' }).end('{"keys":[]}'), 'protocol'],
    ['with 204',            (_, response) => void response.writeHead(204).end(),                                            'protocol'],
    ['with 404',            (_, response) => void response.writeHead(404, { 'content-type': 'application/json' }).end('{}'), 'protocol'],
    ['that breaks off',     (_, response) => void response.writeHead(200, { 'content-type': 'application/json', 'content-length': '9' }).write('{', () => response.destroy()), 'broken'],
  ]
  test.each(cases)('%s: %#', async (_, answer, code) => {
    const receiver = await startReceiver(answer)
    expect(await faultOf(fetcher().getJson(`http://127.0.0.1:${receiver.port}/`))).toBe(code)
    expect(receiver.requests).toHaveLength(1)
  })

  test('that drips is cut off after 5 s in all', async () => {
    const receiver = await startReceiver((_, response) => {
      response.setHeader('content-type', 'application/json')
      const drip = setInterval(() => response.write(' '), 50)
      response.on('close', () => clearInterval(drip))
    })
    const start = performance.now()
    expect(await faultOf(fetcher().getJson(`http://127.0.0.1:${receiver.port}/`))).toBe('timeout')
    expect(performance.now() - start).toBeLessThan(7_000)
  })
})

describe('the guard', () => {
  const outside = { allowHttp: false, allowedCidrs: [] }
  test.each([
    'http://keys.example/jwks.json',
    'https://127.0.0.1/jwks.json',
    'https://[::1]/jwks.json',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/jwks.json',
    'https://0x7f000001/jwks.json',
    'https://[::ffff:127.0.0.1]/jwks.json',
    'https://user:secret@keys.example/jwks.json',
    'https://keys.example:22/jwks.json',
    'file:///etc/passwd',
    'data:application/json,{}',
    'jwks.json',
    `https://keys.example/${'a'.repeat(2_048)}`,
  ])('%s is not fetched', async (url) => {
    expect(await faultOf(fetcher(outside).getJson(url))).toBe('blocked')
  })
})
