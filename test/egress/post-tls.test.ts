import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createEgress } from '#egress/post.ts'
import type { EgressPolicy } from '#egress/post.ts'
import { listen, startReceiver } from '#test/receiver.ts'

const pem = (name: string) => readFileSync(join(import.meta.dirname, 'tls', name), 'utf8')
const certificate = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) })

const policy: EgressPolicy = {
  allowHttp: false,
  allowedCidrs: ['127.0.0.0/8'],
  authorities: [pem('authority.pem')],
  lookup: async () => ['127.0.0.1'],
}

function post(port: number, options: Partial<EgressPolicy> = {}, host = 'receiver.test') {
  const egress = createEgress({ ...policy, ...options })
  onTestFinished(() => egress.close())
  return egress.post({ url: `https://${host}:${port}/hook`, headers: {}, timeoutMs: 5_000 }, 'patient-134418')
}

test('the connection goes to the checked address, under the name of the endpoint', async () => {
  const names: unknown[] = []
  const receiver = await startReceiver((request, response) => {
    names.push('servername' in request.socket ? request.socket.servername : 'no TLS')
    response.writeHead(204).end()
  }, certificate('receiver'))

  expect(await post(receiver.port)).toEqual({ status: 204, bodyStart: '' })
  expect(names).toEqual(['receiver.test'])
  expect(receiver.requests[0]?.headers.host).toBe(`receiver.test:${receiver.port}`)
})

const untrusted = { code: 'tls', message: '`receiver.test` has no certificate that we trust for this name' }

test.each([
  { title: 'has expired', name: 'expired' },
  { title: 'is for another name', name: 'other-name' },
  { title: 'is from an authority that we do not know', name: 'unknown-authority' },
])('no byte of the body is sent when the certificate $title', async ({ name }) => {
  const receiver = await startReceiver((_, response) => response.end(), certificate(name))
  await expect(post(receiver.port)).rejects.toMatchObject(untrusted)
  expect(receiver.requests).toEqual([])
})

test('the built-in authorities do not know ours', async () => {
  const receiver = await startReceiver((_, response) => response.end(), certificate('receiver'))
  const { authorities: _ours, ...builtIn } = policy
  const egress = createEgress(builtIn)
  onTestFinished(() => egress.close())
  const target = { url: `https://receiver.test:${receiver.port}/`, headers: {}, timeoutMs: 5_000 }
  await expect(egress.post(target, '{}')).rejects.toMatchObject(untrusted)
})

test('an environment that switches certificate checks off does not switch ours off', async () => {
  const receiver = await startReceiver((_, response) => response.end(), certificate('unknown-authority'))
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => void vi.unstubAllEnvs())
  await expect(post(receiver.port)).rejects.toMatchObject(untrusted)
  expect(receiver.requests).toEqual([])
})

test('TLS 1.1 is too old', async () => {
  const server = createTlsServer({
    ...certificate('receiver'),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  })
  server.on('tlsClientError', () => {})
  onTestFinished(() => void server.close())
  await expect(post(await listen(server))).rejects.toMatchObject(untrusted)
})

test('a recipient that speaks plain HTTP where TLS is due gets nothing', async () => {
  const receiver = await startReceiver((_, response) => response.end())
  await expect(post(receiver.port)).rejects.toMatchObject({ code: 'tls' })
  expect(receiver.requests).toEqual([])
})

test('an address as the endpoint needs a certificate for the address', async () => {
  const receiver = await startReceiver((_, response) => response.end(), certificate('receiver'))
  await expect(post(receiver.port, {}, '127.0.0.1')).rejects.toMatchObject({ code: 'tls' })
  expect(receiver.requests).toEqual([])
})
