import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '#config/config.ts'
import { settings } from '#config/settings.ts'

type Environment = Readonly<Record<string, string>>

function linesOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.lines
    throw error
  }
  return []
}

const production: Environment = {
  DATABASE_URL: 'postgresql://sluse@db/sluse',
  REDIS_URL: 'rediss://queue:6380',
  SLUSE_BASE_URL: 'https://sluse.example',
  SLUSE_KEYS_FILE: '/run/secrets/keys.json',
}

const purposeOf = (name: string): string => settings.find((each) => each.name === name)?.purpose ?? ''
const UNKNOWN = (name: string): string =>
  `${name} is not a setting; remove it or correct its spelling (docs/configuration.md lists them all)`
const NO_BASE_URL =
  'SLUSE_BASE_URL is missing; with DATABASE_URL it must say how clients reach the gateway, such as https://sluse.example'
const NO_KEYS =
  'SLUSE_KEYS_FILE is missing; make the file once with `npm run -s sluse -- keys` and give its path'
const CIDRS =
  'SLUSE_EGRESS_CIDRS must be address ranges separated by commas, such as 10.20.0.0/16,fd00:1::/32'
const BASES =
  'SLUSE_STATUTORY_BASES must be codes separated by commas, of SUL-41-2-1, SUL-41-2-2, SUL-41-2-4, SUL-43-2-2, PSL-13c, RSL-12c'

describe('without any setting', () => {
  test('the embedded default, as a sandbox', () => {
    expect(readConfig({})).toEqual({
      database: { kind: 'embedded' },
      redisUrl: undefined,
      role: 'all',
      host: '127.0.0.1',
      port: 8080,
      baseUrl: undefined,
      dataDir: resolve('.sluse'),
      keysFile: resolve('.sluse/keys.json'),
      makeKeys: true,
      sandbox: true,
      sandboxPort: 8081,
      egressCidrs: [],
      statutoryBases: [],
      overrideReviewHours: 72,
      trustedProxies: [],
      rates: { address: 60_000, token: 600, tokenRefused: 60, client: 30_000, clientConcurrency: 64 },
      logLevel: 'info',
      tracing: false,
    })
  })

  test('an empty variable is none', () => {
    expect(readConfig(Object.fromEntries(settings.map(({ name }) => [name, ''])))).toEqual(readConfig({}))
  })

  test('the configuration cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true)
  })
})

test('production: nothing is made, nobody is a test person', () => {
  expect(
    readConfig({
      ...production,
      SLUSE_EGRESS_CIDRS: '10.20.0.0/16,fd00:1::/32',
      SLUSE_STATUTORY_BASES: 'PSL-13c,RSL-12c',
      SLUSE_OVERRIDE_REVIEW_HOURS: '24',
      SLUSE_TRUSTED_PROXIES: '10.1.0.0/30',
      SLUSE_RATE_ADDRESS: '1',
      SLUSE_RATE_TOKEN: '2',
      SLUSE_RATE_TOKEN_REFUSED: '3',
      SLUSE_RATE_CLIENT: '4',
      SLUSE_CLIENT_CONCURRENCY: '5',
    }),
  ).toMatchObject({
    database: { kind: 'url', url: production['DATABASE_URL'] },
    redisUrl: production['REDIS_URL'],
    baseUrl: 'https://sluse.example',
    keysFile: '/run/secrets/keys.json',
    makeKeys: false,
    sandbox: false,
    egressCidrs: ['10.20.0.0/16', 'fd00:1::/32'],
    statutoryBases: ['PSL-13c', 'RSL-12c'],
    overrideReviewHours: 24,
    trustedProxies: ['10.1.0.0/30'],
    rates: { address: 1, token: 2, tokenRefused: 3, client: 4, clientConcurrency: 5 },
  })
})

// prettier-ignore
const cases: readonly { title: string; environment: Environment; want: readonly string[] }[] = [
  { title: 'a misspelt setting', environment: { SLUSE_PROT: '80' }, want: [UNKNOWN('SLUSE_PROT')] },
  { title: 'a misspelt setting that is empty', environment: { SLUSE_PROT: '' }, want: [UNKNOWN('SLUSE_PROT')] },
  { title: 'a setting in lower case is another program\'s', environment: { sluse_port: 'x', PATH: '/bin' }, want: [] },
  { title: 'a port that is none', environment: { SLUSE_PORT: 'http' }, want: [`SLUSE_PORT must be integer — ${purposeOf('SLUSE_PORT')}`] },
  { title: 'a port beyond the last', environment: { SLUSE_PORT: '65536' }, want: [`SLUSE_PORT must be <= 65535 — ${purposeOf('SLUSE_PORT')}`] },
  { title: 'an unknown role', environment: { SLUSE_ROLE: 'both' }, want: [`SLUSE_ROLE must be equal to one of the allowed values: gateway, worker, all — ${purposeOf('SLUSE_ROLE')}`] },
  { title: 'an unknown log level', environment: { SLUSE_LOG_LEVEL: 'loud' }, want: [`SLUSE_LOG_LEVEL must be equal to one of the allowed values: debug, info, warn, error, silent — ${purposeOf('SLUSE_LOG_LEVEL')}`] },
  { title: 'a range that is none', environment: { SLUSE_EGRESS_CIDRS: '10.0.0.0/8,intern' }, want: [CIDRS] },
  { title: 'a proxy without the bits of its range', environment: { SLUSE_TRUSTED_PROXIES: '10.0.0.1' }, want: [CIDRS.replace('EGRESS_CIDRS', 'TRUSTED_PROXIES')] },
  { title: 'no requests at all', environment: { SLUSE_RATE_CLIENT: '0' }, want: [`SLUSE_RATE_CLIENT must be >= 1 — ${purposeOf('SLUSE_RATE_CLIENT')}`] },
  { title: 'a range of too many bits', environment: { SLUSE_EGRESS_CIDRS: '10.0.0.0/33' }, want: [CIDRS] },
  { title: 'a statutory basis that no rule has', environment: { SLUSE_STATUTORY_BASES: 'PSL-13c,SUL-42A' }, want: [BASES] },
  { title: 'a statutory basis in other letters', environment: { SLUSE_STATUTORY_BASES: 'psl-13c' }, want: [BASES] },
  { title: 'a base URL with a path', environment: { SLUSE_BASE_URL: 'https://sluse.example/fhir' }, want: [`SLUSE_BASE_URL must match pattern "^https?://[^/?#]+$" — ${purposeOf('SLUSE_BASE_URL')}`] },
  { title: 'another database', environment: { ...production, DATABASE_URL: 'mysql://sluse:hemmelighed@db' }, want: [`DATABASE_URL must match pattern "^postgres(ql)?://" — ${purposeOf('DATABASE_URL')}`] },
  { title: 'production without its settings', environment: { DATABASE_URL: 'postgres://db' }, want: [NO_BASE_URL, NO_KEYS] },
  { title: 'production without TLS', environment: { ...production, SLUSE_BASE_URL: 'http://sluse.example' }, want: ['SLUSE_BASE_URL must begin with https: outside the sandbox'] },
  { title: 'a sandbox on a database of its own, for tests', environment: { DATABASE_URL: 'postgres://db', SLUSE_SANDBOX: 'on', SLUSE_KEYS_FILE: 'keys.json' }, want: [] },
  {
    title: 'all faults at once, a line for each',
    environment: { DATABASE_URL: 'postgres://db', SLUSE_PROT: '80', SLUSE_ROLE: 'both', SLUSE_PORT: '-1', SLUSE_EGRESS_CIDRS: 'x' },
    want: [
      UNKNOWN('SLUSE_PROT'),
      `SLUSE_ROLE must be equal to one of the allowed values: gateway, worker, all — ${purposeOf('SLUSE_ROLE')}`,
      `SLUSE_PORT must be >= 0 — ${purposeOf('SLUSE_PORT')}`,
      NO_BASE_URL,
      NO_KEYS,
      CIDRS,
    ],
  },
]

describe('faults', () => {
  test.for(cases)('$title', ({ environment, want }) => {
    const lines = linesOf(environment)
    expect(lines).toEqual(want)
    for (const line of lines) expect(line).not.toMatch(/\n|hemmelighed/)
  })
})
