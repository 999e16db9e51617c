/**
 * docker-compose.yml and Dockerfile, by their form: there is no Docker engine where this is developed. The topology itself
 * is run by hand in test/journeys.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '#config/config.ts'
import { settings } from '#config/settings.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

interface Service {
  readonly image: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly networks: readonly string[]
  readonly secrets?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly deploy?: { readonly replicas: number }
  readonly user?: string
  readonly init?: boolean
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly restart: string
}

interface Compose {
  readonly services: Readonly<Record<'postgres' | 'redis' | 'migrate' | 'gateway' | 'worker', Service>>
  readonly volumes: Readonly<Record<string, object>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly secrets: Readonly<Record<string, { readonly file?: string; readonly environment?: string }>>
}

const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
const compose: Compose = parse(text, { merge: true, strict: true, uniqueKeys: true })
const { services } = compose
const ours = ['migrate', 'gateway', 'worker'] as const

/** `${NAME:?why}`, `${NAME:-default}`, `${NAME}`. */
function interpolate(value: string, given: Readonly<Record<string, string>>): string {
  return value.replaceAll(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_all, name: string, kind: string, rest: string) => {
      const found = given[name]
      if (found !== undefined && found !== '') return found
      if (kind === '-') return rest
      throw new Error(`${name} is not set: ${rest}`)
    },
  )
}

function environmentOf(service: Service, given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, interpolate(value, given)]),
  )
}

const given = { POSTGRES_PASSWORD: 'madeforthistest', SLUSE_BASE_URL: 'https://sluse.example' }

describe('docker-compose.yml', () => {
  test('has PostgreSQL, Redis, one migration, one gateway and two workers', () => {
    expect(Object.keys(services).toSorted()).toEqual(['gateway', 'migrate', 'postgres', 'redis', 'worker'])
    expect(services.gateway.deploy).toBeUndefined()
    expect(services.worker.deploy).toEqual({ replicas: 2 })
    expect(services.migrate.command).toEqual(['node', 'src/cli.ts', 'migrate'])
    expect(services.migrate.restart).toBe('no')
    expect(services.gateway.environment?.['SLUSE_ROLE']).toBe('gateway')
    expect(services.worker.environment?.['SLUSE_ROLE']).toBe('worker')
  })

  test.each(ours)('gives %s settings that a start accepts, and no unknown one', (name) => {
    const environment = environmentOf(services[name], given)
    const known: readonly string[] = settings.map((setting) => setting.name)
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([])
    const config = readConfig(environment)
    expect(config).toMatchObject({
      database: { kind: 'url', url: 'postgres://sluse:madeforthistest@postgres:5432/sluse' },
      redisUrl: 'redis://redis:6379',
      host: '0.0.0.0',
      port: 8080,
      baseUrl: 'https://sluse.example',
      keysFile: '/run/secrets/keys',
      makeKeys: false,
      sandbox: false,
      egressCidrs: [],
      statutoryBases: [],
      overrideReviewHours: 72,
      tracing: false,
    })
  })

  test.each(Object.keys(given))('does not start without %s, and says why', (name) => {
    const { [name]: _left, ...rest } = given as Record<string, string>
    for (const service of ours) {
      expect(() => environmentOf(services[service], rest)).toThrow(new RegExp(`^${name} is not set: .{10}`))
    }
  })

  test('holds no secret and no default for one', () => {
    const values = Object.values(services).flatMap(({ environment = {} }) => Object.entries(environment))
    const secret = values.filter(([name]) => /PASSWORD|SECRET|TOKEN|KEY/.test(name))
    expect(secret.map(([, value]) => value).filter((value) => !value.startsWith('/run/secrets/'))).toEqual([])
    const credentials = values.filter(([, value]) => /:\/\/[^/]*@/.test(value))
    expect(credentials.map(([, value]) => value)).toEqual(
      ours.map(() =>
        expect.stringMatching(/^postgres:\/\/sluse:\$\{POSTGRES_PASSWORD:\?[^}]+\}@postgres:5432\/sluse$/),
      ),
    )
    expect(text).not.toMatch(/\$\{\w*(PASSWORD|SECRET|TOKEN)\w*(:-|-|\})/)
    expect(compose.secrets['postgres-password']).toEqual({ environment: 'POSTGRES_PASSWORD' })
  })

  test('gives each secret to those alone that need it', () => {
    expect(services.postgres.secrets).toEqual(['postgres-password'])
    for (const name of ours) expect(services[name].secrets).toEqual(['keys'])
    expect(services.redis.secrets).toBeUndefined()
  })

  test('pins every image by its version, never latest', () => {
    for (const { image } of Object.values(services)) expect(image).toMatch(/^[a-z]+:\d+(\.\d+)*$/)
    expect(services.postgres.image).toBe('postgres:17')
    expect(services.redis.image).toBe('redis:7')
  })

  test('keeps data in named volumes', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes)
    expect(mounted).toEqual(['postgres-data:/var/lib/postgresql/data', 'redis-data:/data'])
    expect(Object.keys(compose.volumes)).toEqual(['postgres-data', 'redis-data'])
  })

  test('runs Redis so that it neither evicts nor forgets', () => {
    const command = services.redis.command?.join(' ') ?? ''
    expect(command).toContain('--appendonly yes')
    expect(command).toContain('--maxmemory-policy noeviction')
  })

  test.each(['postgres', 'redis', 'gateway', 'worker'] as const)(
    'checks the health of %s, without curl',
    (name) => {
      const [how, program] = services[name].healthcheck?.test ?? []
      expect(how).toBe('CMD')
      expect(['pg_isready', 'redis-cli', 'node']).toContain(program)
    },
  )

  test('starts in order: databases, then the migration, then gateway and workers', () => {
    expect(services.migrate.depends_on).toEqual({ postgres: { condition: 'service_healthy' } })
    for (const name of ['gateway', 'worker'] as const) {
      expect(services[name].depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        postgres: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
      })
    }
  })

  test.each(ours)('gives %s no more than it needs', (name) => {
    const service = services[name]
    expect(service).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    expect(service.user).toBeUndefined()
  })

  test('publishes the gateway alone, on loopback, and shuts the databases in', () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined)
    expect(published.map(([name, { ports }]) => [name, ports])).toEqual([
      ['gateway', ['127.0.0.1:8080:8080']],
    ])
    expect(compose.networks['inside']).toEqual({ internal: true })
    expect(services.postgres.networks).toEqual(['inside'])
    expect(services.redis.networks).toEqual(['inside'])
  })
})

describe('Dockerfile', () => {
  const lines = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split('\n')
  const instructions = lines.filter((line) => /^[A-Z]/.test(line))
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')))

  test('runs Node itself, as a user that is not root', () => {
    expect(last.at(-1)).toBe('CMD ["node", "src/main.ts"]')
    expect(last.filter((line) => line.startsWith('USER'))).toEqual(['USER node'])
    expect(last.findIndex((line) => line.startsWith('USER'))).toBeGreaterThan(
      last.findLastIndex((line) => line.startsWith('COPY')),
    )
  })

  test('pins its base by the major version that TypeScript needs', () => {
    const bases = instructions.filter((line) => line.startsWith('FROM')).map((line) => line.split(' ')[1])
    expect(bases).toEqual(['node:24-slim', 'node:24-slim'])
  })

  test('installs from the lockfile what runs, and no scripts', () => {
    expect(instructions).toContain('RUN npm ci --omit=dev --omit=optional --ignore-scripts')
  })

  test('copies what a start reads, and nothing else, past .dockerignore', () => {
    const copied = last
      .filter((line) => /^COPY (?!--from)/.test(line))
      .map((line) => line.split(' ')[1] ?? '')
    expect(copied).toEqual(['package.json', 'profiles/generated', 'mappings', 'src'])
    for (const path of copied) expect(existsSync(join(ROOT, path))).toBe(true)
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').trim().split('\n')
    expect(ignored[0]).toBe('*')
    expect(ignored).toEqual(expect.arrayContaining(copied.map((path) => `!${path}`)))
  })
})
