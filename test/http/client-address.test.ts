/** T9: a caller cannot choose its address. What it is shows in whose requests are counted together. */
import express from 'express'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { clientAddress } from '#http/client-address.ts'
import { sendRaw } from '#test/http.ts'

const closing: (() => void)[] = []
afterAll(() => closing.forEach((close) => close()))

/** Asked from loopback, which is then the proxy. */
async function addressSeen(
  trusted: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const app = express()
  app.set('trust proxy', [...trusted])
  app.get('/', (request, response) => void response.send(clientAddress(request)))
  const server = app.listen(0, '127.0.0.1')
  closing.push(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return (await sendRaw(`http://127.0.0.1:${port}`, '/', { headers })).text
}

const forged: readonly (readonly [string, string])[] = [
  ['X-Forwarded-For', '203.0.113.9'],
  ['Forwarded', 'for=203.0.113.9;proto=https;host=other.example'],
  ['X-Real-IP', '203.0.113.9'],
  ['X-Client-IP', '203.0.113.9'],
  ['True-Client-IP', '203.0.113.9'],
  ['CF-Connecting-IP', '203.0.113.9'],
  ['X-Cluster-Client-IP', '203.0.113.9'],
  ['X-Forwarded-Host', '203.0.113.9'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Original-URL', '/health/live'],
  ['X-Forwarded-Client-Cert', 'Subject="CN=hospital-ehr"'],
  ['X-SSL-Client-Cert', 'MIIB'],
  ['SSL-Client-Verify', 'SUCCESS'],
]

describe('without a trusted proxy', () => {
  test.each(forged)('%s is not believed', async (name, value) => {
    expect(await addressSeen([], { [name]: value })).toBe('127.0.0.1')
  })

  test.each(forged)(
    '%s is not believed of a proxy that is not among the trusted ones',
    async (name, value) => {
      expect(await addressSeen(['10.0.0.0/8'], { [name]: value })).toBe('127.0.0.1')
    },
  )
})

describe('behind a trusted proxy', () => {
  const trusted = ['127.0.0.0/8', '10.1.0.0/30', 'fd00:1::/32']
  test.each([
    ['what it says', '203.0.113.9', '203.0.113.9'],
    ['the last one, since the others may be made up', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['the last one before the trusted ones', '198.51.100.1, 203.0.113.9, 10.1.0.2', '203.0.113.9'],
    ['another address of a trusted range’s neighbour', '203.0.113.9, 10.1.0.4', '10.1.0.4'],
    ['IPv6', '2001:DB8::7', '2001:db8::7'],
    ['IPv4 in IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
    ['the proxy’s own for words', 'hospital-ehr', '127.0.0.1'],
    ['the proxy’s own for an address with a port', '203.0.113.9:4711', '127.0.0.1'],
    ['the proxy’s own for nothing', '', '127.0.0.1'],
  ])('it is %s', async (_title, sent, want) => {
    expect(await addressSeen(trusted, { 'X-Forwarded-For': sent })).toBe(want)
  })

  test.each(forged.slice(1))('%s is not believed all the same', async (name, value) => {
    expect(await addressSeen(trusted, { [name]: value })).toBe('127.0.0.1')
  })
})

test('a socket that is gone has no address, and so is in no range', () => {
  const gone = { ip: undefined, socket: { remoteAddress: undefined } } as Parameters<typeof clientAddress>[0]
  expect(clientAddress(gone)).toBe('unknown')
})
