import { expect, onTestFinished, test } from 'vitest'
import { createEgress, EgressError } from '#egress/post.ts'
import type { EgressPolicy } from '#egress/post.ts'
import { startReceiver } from '#test/receiver.ts'

/** What `egress.post` says of a URL under a policy, with nothing of ours listening anywhere. */
async function verdict(url: string, policy: Partial<EgressPolicy> = {}) {
  const egress = createEgress({ allowHttp: false, allowedCidrs: [], ...policy })
  onTestFinished(() => egress.close())
  return egress.post({ url, headers: {}, timeoutMs: 2_000 }, '{}').then(
    (answer) => ({ answered: answer.status }),
    (error: unknown) =>
      error instanceof EgressError ? { code: error.code, message: error.message } : { error },
  )
}

const notPublic = {
  code: 'blocked',
  message:
    'the endpoint is at an address that is not public: register a public one, or let the operator allow its range',
}

/** IANA's registries of special-purpose addresses, and the ways to write them: https://url.spec.whatwg.org/#host-parsing */
const closedHosts = [
  { title: 'loopback', host: '127.0.0.1' },
  { title: 'loopback, last address', host: '127.255.255.254' },
  { title: 'loopback, short', host: '127.1' },
  { title: 'loopback, decimal', host: '2130706433' },
  { title: 'loopback, octal', host: '0177.0.0.1' },
  { title: 'loopback, octal in one', host: '017700000001' },
  { title: 'loopback, hexadecimal', host: '0x7f.0.0.1' },
  { title: 'loopback, hexadecimal in one', host: '0x7f000001' },
  { title: 'loopback, mixed', host: '0x7f.1' },
  { title: 'loopback with a final dot', host: '127.0.0.1.' },
  { title: 'loopback in full-width digits', host: '１２７.０.０.１' },
  { title: 'loopback, percent-encoded', host: '%31%32%37.0.0.1' },
  { title: 'this host', host: '0.0.0.0' },
  { title: 'this host, one digit', host: '0' },
  { title: 'this network', host: '0.1.2.3' },
  { title: 'private, 10/8', host: '10.0.0.1' },
  { title: 'private, 172.16/12 first', host: '172.16.0.0' },
  { title: 'private, 172.16/12 last', host: '172.31.255.255' },
  { title: 'private, 192.168/16', host: '192.168.1.1' },
  { title: 'shared address space (CGNAT)', host: '100.64.0.1' },
  { title: 'link-local', host: '169.254.1.1' },
  { title: 'cloud metadata', host: '169.254.169.254' },
  { title: 'cloud metadata, decimal', host: '2852039166' },
  { title: 'metadata of a cloud at a public-looking address', host: '168.63.129.16' },
  { title: 'IETF protocol assignments', host: '192.0.0.8' },
  { title: 'documentation', host: '192.0.2.1' },
  { title: '6to4 relay', host: '192.88.99.1' },
  { title: 'benchmarking', host: '198.18.0.1' },
  { title: 'multicast', host: '224.0.0.1' },
  { title: 'reserved', host: '240.0.0.1' },
  { title: 'broadcast', host: '255.255.255.255' },
  { title: 'IPv6 loopback', host: '[::1]' },
  { title: 'IPv6 loopback, long', host: '[0:0:0:0:0:0:0:1]' },
  { title: 'IPv6 unspecified', host: '[::]' },
  { title: 'IPv4-mapped loopback', host: '[::ffff:127.0.0.1]' },
  { title: 'IPv4-mapped loopback in hexadecimal', host: '[::ffff:7f00:1]' },
  { title: 'IPv4-mapped public address', host: '[::ffff:1.1.1.1]' },
  { title: 'IPv4-compatible loopback (deprecated)', host: '[::127.0.0.1]' },
  { title: 'IPv4-translated loopback', host: '[::ffff:0:127.0.0.1]' },
  { title: 'NAT64 of loopback', host: '[64:ff9b::127.0.0.1]' },
  { title: 'NAT64 of metadata', host: '[64:ff9b::a9fe:a9fe]' },
  { title: 'local-use NAT64', host: '[64:ff9b:1::1]' },
  { title: '6to4 of loopback', host: '[2002:7f00:1::]' },
  { title: 'Teredo', host: '[2001::1]' },
  { title: 'ORCHIDv2', host: '[2001:20::1]' },
  { title: 'IPv6 documentation', host: '[2001:db8::1]' },
  { title: 'IPv6 documentation, new', host: '[3fff::1]' },
  { title: 'unique local', host: '[fd00::1]' },
  { title: 'unique local, metadata', host: '[fd00:ec2::254]' },
  { title: 'IPv6 link-local', host: '[fe80::1]' },
  { title: 'site-local (deprecated)', host: '[fec0::1]' },
  { title: 'IPv6 multicast', host: '[ff02::1]' },
  { title: 'discard only', host: '[100::1]' },
  { title: 'segment routing', host: '[5f00::1]' },
  { title: 'not given out to anybody', host: '[4000::1]' },
]

test.each(closedHosts)('$title is blocked: $host', async ({ host }) => {
  expect(await verdict(`https://${host}/hook`)).toEqual(notPublic)
})

test.each(closedHosts)('a name that leads to it is blocked: $title', async ({ host }) => {
  const address = new URL(`https://${host}/`).hostname.replace(/^\[|\]$/g, '')
  expect(await verdict('https://receiver.test/hook', { lookup: async () => [address] })).toEqual(notPublic)
})

test.each([
  { title: 'a private one behind a public one', addresses: ['1.1.1.1', '10.0.0.1'] },
  { title: 'a public one behind a private one', addresses: ['10.0.0.1', '1.1.1.1'] },
  { title: 'an IPv6 one beside a public IPv4 one', addresses: ['1.1.1.1', '::1'] },
  { title: 'one that is no address at all', addresses: ['receiver.invalid'] },
])('a name is blocked for one bad address: $title', async ({ addresses }) => {
  expect(await verdict('https://receiver.test/', { lookup: async () => addresses })).toEqual(notPublic)
})

test('an address in the endpoint is not looked up', async () => {
  expect(await verdict('https://10.0.0.1/', { lookup: async () => ['1.1.1.1'] })).toEqual(notPublic)
})

test('localhost, resolved by the system, is blocked', async () => {
  expect(await verdict('https://localhost/')).toEqual(notPublic)
})

test.each([
  {
    title: 'no URL',
    url: 'receiver.test/hook',
    message: 'the endpoint is not a URL: register one that begins with `https://`',
  },
  { title: 'empty', url: '', message: 'the endpoint is not a URL: register one that begins with `https://`' },
  {
    title: 'no host',
    url: 'https://',
    message: 'the endpoint is not a URL: register one that begins with `https://`',
  },
  {
    title: 'an IPv4 address out of range',
    url: 'https://256.0.0.1/',
    message: 'the endpoint is not a URL: register one that begins with `https://`',
  },
  {
    title: 'an IPv6 zone',
    url: 'https://[fe80::1%25eth0]/',
    message: 'the endpoint is not a URL: register one that begins with `https://`',
  },
  { title: 'http', url: 'http://receiver.test/', message: 'the endpoint must be an `https:` URL' },
  { title: 'a file', url: 'file:///etc/passwd', message: 'the endpoint must be an `https:` URL' },
  { title: 'gopher', url: 'gopher://127.0.0.1:6379/_x', message: 'the endpoint must be an `https:` URL' },
  { title: 'data', url: 'data:text/plain,x', message: 'the endpoint must be an `https:` URL' },
  {
    title: 'a user',
    url: 'https://user@receiver.test/',
    message: 'the endpoint holds a user or password: send credentials in a header',
  },
  {
    title: 'a password alone',
    url: 'https://:word@receiver.test/',
    message: 'the endpoint holds a user or password: send credentials in a header',
  },
  {
    title: 'a public host as the user of a private one',
    url: 'https://1.1.1.1@127.0.0.1/',
    message: 'the endpoint holds a user or password: send credentials in a header',
  },
  {
    title: 'ssh',
    url: 'https://1.1.1.1:22/',
    message: 'port 22 is reserved for other services: use 443, or 1024 and above',
  },
  {
    title: 'mail',
    url: 'https://1.1.1.1:25/',
    message: 'port 25 is reserved for other services: use 443, or 1024 and above',
  },
  {
    title: 'port 0',
    url: 'https://1.1.1.1:0/',
    message: 'port 0 is reserved for other services: use 443, or 1024 and above',
  },
  {
    title: 'the last reserved port',
    url: 'https://1.1.1.1:1023/',
    message: 'port 1023 is reserved for other services: use 443, or 1024 and above',
  },
])('an endpoint is refused before anything is resolved: $title', async ({ url, message }) => {
  let asked = false
  const lookup = async () => {
    asked = true
    return ['1.1.1.1']
  }
  expect(await verdict(url, { lookup })).toEqual({ code: 'blocked', message })
  expect(asked).toBe(false)
})

const sandbox = { allowHttp: true, allowedCidrs: ['127.0.0.0/8', '::1/128'] }

test('the sandbox reaches loopback over http, by literal and by name', async () => {
  const { port } = await startReceiver((_, response) => response.writeHead(204).end())

  expect(await verdict(`http://127.0.0.1:${port}/`, sandbox)).toEqual({ answered: 204 })
  expect(await verdict(`http://2130706433:${port}/`, sandbox)).toEqual({ answered: 204 })
  expect(
    await verdict(`http://receiver.test:${port}/`, { ...sandbox, lookup: async () => ['127.0.0.1'] }),
  ).toEqual({ answered: 204 })
})

test.each([
  { title: 'another private address', url: 'https://10.0.0.1/' },
  { title: 'metadata', url: 'https://169.254.169.254/' },
  { title: 'an IPv4-mapped loopback address', url: 'https://[::ffff:127.0.0.1]/' },
  { title: 'the address after the allowed one', url: 'https://[::2]/' },
])('what the sandbox allows does not open $title', async ({ url }) => {
  expect(await verdict(url, sandbox)).toEqual(notPublic)
})

test('http never leaves for a public address, also where the sandbox allows http', async () => {
  expect(await verdict('http://1.1.1.1/', sandbox)).toEqual({
    code: 'blocked',
    message: '`http:` is for the sandbox alone: register an `https:` endpoint',
  })
})

test.each([
  { title: 'before', address: '10.19.255.255', want: 'blocked' },
  { title: 'at the first', address: '10.20.0.0', want: 'timeout or refused' },
  { title: 'at the last', address: '10.20.255.255', want: 'timeout or refused' },
  { title: 'after', address: '10.21.0.0', want: 'blocked' },
])("a health network's range has edges: $title", async ({ address, want }) => {
  const found = await verdict('https://receiver.test/', {
    allowedCidrs: ['10.20.0.0/16'],
    lookup: async () => [address],
  })
  const code = 'code' in found ? found.code : 'answered'
  expect(code === 'blocked' ? 'blocked' : 'timeout or refused').toBe(want)
})

test.each(['10.20.0.0', '10.20.0.0/33', 'fd00::/129', 'sdn', ''])(
  'a range that is none ends the start: %j',
  (cidr) => {
    expect(() => createEgress({ allowHttp: false, allowedCidrs: [cidr] })).toThrow(
      `\`${cidr}\` is not an address range: write it as \`10.20.0.0/16\` or \`fd12:3456::/32\``,
    )
  },
)

test('a name that changes its address after the check is not resolved again', async () => {
  const { port, connections } = await startReceiver((_, response) => response.writeHead(204).end())
  const answers = [['127.0.0.1'], ['10.0.0.1']]
  const asked: string[] = []
  const lookup = async (name: string) => {
    asked.push(name)
    return answers.shift() ?? []
  }
  expect(await verdict(`http://receiver.test:${port}/`, { ...sandbox, lookup })).toEqual({ answered: 204 })
  expect(asked).toEqual(['receiver.test'])
  expect(connections).toHaveLength(1)
})

test('a name is checked again for every new connection', async () => {
  const { port, connections } = await startReceiver((_, response) =>
    response.writeHead(204, { connection: 'close' }).end(),
  )
  const answers = [['127.0.0.1'], ['10.0.0.1']]
  const egress = createEgress({ ...sandbox, lookup: async () => answers.shift() ?? [] })
  onTestFinished(() => egress.close())
  const post = () =>
    egress.post({ url: `http://receiver.test:${port}/`, headers: {}, timeoutMs: 2_000 }, '{}')

  expect(await post()).toMatchObject({ status: 204 })
  await expect(post()).rejects.toMatchObject({ code: 'blocked' })
  expect(connections).toHaveLength(1)
})

test('the next address is tried when one does not answer', async () => {
  const { port } = await startReceiver((_, response) => response.writeHead(204).end())
  // Nothing listens on this port of 127.0.0.2.
  expect(
    await verdict(`http://receiver.test:${port}/`, {
      ...sandbox,
      lookup: async () => ['127.0.0.2', '127.0.0.1'],
    }),
  ).toEqual({ answered: 204 })
})

test('many posts to one name ask for it once at a time', async () => {
  const { port } = await startReceiver((_, response) => response.writeHead(204).end())
  let asking = 0
  let most = 0
  const lookup = async () => {
    most = Math.max(most, ++asking)
    await new Promise((resolve) => setImmediate(resolve))
    asking--
    return ['127.0.0.1']
  }
  const egress = createEgress({ ...sandbox, lookup })
  onTestFinished(() => egress.close())
  const posts = Array.from({ length: 20 }, () =>
    egress.post({ url: `http://receiver.test:${port}/`, headers: {}, timeoutMs: 2_000 }, '{}'),
  )
  await Promise.all(posts)
  expect(most).toBe(1)
})

test.each([
  {
    title: 'no address',
    lookup: async () => [],
    message: 'the name `receiver.test` has no address: check the endpoint',
  },
  {
    title: 'an error',
    lookup: () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })),
    message: 'the name `receiver.test` cannot be resolved: check the endpoint',
  },
])('a name without an answer: $title', async ({ lookup, message }) => {
  expect(await verdict('https://receiver.test/', { lookup })).toEqual({ code: 'dns', message })
})

test('a resolver that hangs costs no more than the deadline', async () => {
  const egress = createEgress({
    allowHttp: false,
    allowedCidrs: [],
    lookup: () => new Promise<string[]>(() => {}),
  })
  onTestFinished(() => egress.close())
  await expect(
    egress.post({ url: 'https://receiver.test/', headers: {}, timeoutMs: 50 }, '{}'),
  ).rejects.toMatchObject({ code: 'timeout' })
})
