/** Environment to frozen Config: the only reader of process.env. One line per fault, all at once. */
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { envSchema } from 'env-schema'
import { type Setting, settings, statutoryBasisCodes } from './settings.ts'

export interface Config {
  readonly database: { readonly kind: 'embedded' } | { readonly kind: 'url'; readonly url: string }
  readonly redisUrl: string | undefined
  readonly role: 'gateway' | 'worker' | 'all'
  readonly host: string
  readonly port: number
  /** Undefined: host and port, once the port is known. */
  readonly baseUrl: string | undefined
  readonly dataDir: string
  readonly keysFile: string
  /** With the embedded default, missing keys are made; in production they must be there. */
  readonly makeKeys: boolean
  readonly sandbox: boolean
  readonly sandboxPort: number
  readonly egressCidrs: readonly string[]
  /** Absent: no tokens but ours. */
  readonly trustedIssuersFile?: string
  /** Codes of `mappings/law`: each lets data out without consent, as far as the law goes. */
  readonly statutoryBases: readonly string[]
  /** How long a use of broken glass may stand before somebody has looked at it. */
  readonly overrideReviewHours: number
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Requests per minute and process; `http/rate-limit.ts` says of what. */
  readonly rates: {
    readonly address: number
    readonly token: number
    readonly tokenRefused: number
    readonly client: number
    readonly clientConcurrency: number
  }
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly tracing: boolean
}

/** Ends the start; each line names a variable and says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

type Environment = Readonly<Record<string, string | undefined>>

interface Values {
  readonly DATABASE_URL?: string
  readonly REDIS_URL?: string
  readonly SLUSE_ROLE: Config['role']
  readonly SLUSE_HOST: string
  readonly SLUSE_PORT: number
  readonly SLUSE_BASE_URL?: string
  readonly SLUSE_DATA_DIR: string
  readonly SLUSE_KEYS_FILE?: string
  readonly SLUSE_SANDBOX?: 'on' | 'off'
  readonly SLUSE_SANDBOX_PORT: number
  readonly SLUSE_EGRESS_CIDRS: string
  readonly SLUSE_TRUSTED_ISSUERS?: string
  readonly SLUSE_STATUTORY_BASES: string
  readonly SLUSE_OVERRIDE_REVIEW_HOURS: number
  readonly SLUSE_TRUSTED_PROXIES: string
  readonly SLUSE_RATE_ADDRESS: number
  readonly SLUSE_RATE_TOKEN: number
  readonly SLUSE_RATE_TOKEN_REFUSED: number
  readonly SLUSE_RATE_CLIENT: number
  readonly SLUSE_CLIENT_CONCURRENCY: number
  readonly SLUSE_LOG_LEVEL: Config['logLevel']
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string
}

export function readConfig(environment: Environment = process.env): Config {
  const faults = unknownNames(environment)
  const given = givenIn(environment)
  const values = readValues(given, faults)
  faults.push(
    ...missing(given),
    ...cidrFaults('SLUSE_EGRESS_CIDRS', given),
    ...cidrFaults('SLUSE_TRUSTED_PROXIES', given),
    ...basisFaults(given['SLUSE_STATUTORY_BASES'] ?? ''),
  )
  if (!values || faults.length > 0) throw new ConfigError(faults)
  const embedded = values.DATABASE_URL === undefined
  const dataDir = resolve(values.SLUSE_DATA_DIR)
  const config: Config = {
    database:
      values.DATABASE_URL === undefined ? { kind: 'embedded' } : { kind: 'url', url: values.DATABASE_URL },
    redisUrl: values.REDIS_URL,
    role: values.SLUSE_ROLE,
    host: values.SLUSE_HOST,
    port: values.SLUSE_PORT,
    baseUrl: values.SLUSE_BASE_URL,
    dataDir,
    keysFile: values.SLUSE_KEYS_FILE ? resolve(values.SLUSE_KEYS_FILE) : join(dataDir, 'keys.json'),
    makeKeys: embedded,
    sandbox: values.SLUSE_SANDBOX === undefined ? embedded : values.SLUSE_SANDBOX === 'on',
    sandboxPort: values.SLUSE_SANDBOX_PORT,
    egressCidrs: listIn(values.SLUSE_EGRESS_CIDRS),
    ...(values.SLUSE_TRUSTED_ISSUERS && { trustedIssuersFile: resolve(values.SLUSE_TRUSTED_ISSUERS) }),
    statutoryBases: listIn(values.SLUSE_STATUTORY_BASES),
    overrideReviewHours: values.SLUSE_OVERRIDE_REVIEW_HOURS,
    trustedProxies: listIn(values.SLUSE_TRUSTED_PROXIES),
    rates: Object.freeze({
      address: values.SLUSE_RATE_ADDRESS,
      token: values.SLUSE_RATE_TOKEN,
      tokenRefused: values.SLUSE_RATE_TOKEN_REFUSED,
      client: values.SLUSE_RATE_CLIENT,
      clientConcurrency: values.SLUSE_CLIENT_CONCURRENCY,
    }),
    logLevel: values.SLUSE_LOG_LEVEL,
    tracing: values.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
  }
  return Object.freeze(config)
}

/** A misspelt setting would silently be its default. */
function unknownNames(environment: Environment): string[] {
  const known = new Set<string>(settings.map(({ name }) => name))
  return Object.keys(environment)
    .filter((name) => name.startsWith('SLUSE_') && !known.has(name))
    .map(
      (name) =>
        `${name} is not a setting; remove it or correct its spelling (docs/configuration.md lists them all)`,
    )
}

/** An empty variable is how compose files say "not set". */
function givenIn(environment: Environment): Record<string, string> {
  const given: Record<string, string> = {}
  for (const { name } of settings) {
    const value = environment[name]
    if (value !== undefined && value !== '') given[name] = value
  }
  return given
}

function readValues(data: Readonly<Record<string, string>>, faults: string[]): Values | undefined {
  const properties = Object.fromEntries(settings.map(({ name, schema }) => [name, schema]))
  try {
    return envSchema<Values>({ schema: { type: 'object', properties }, data, env: false })
  } catch (error) {
    faults.push(...faultLines(error))
    return undefined
  }
}

function faultLines(error: unknown): string[] {
  const found: unknown = error instanceof Error && 'errors' in error ? error.errors : undefined
  if (!Array.isArray(found)) throw error
  return found.map(
    (fault: { instancePath?: string; message?: string; params?: { allowedValues?: readonly string[] } }) => {
      const name = (fault.instancePath ?? '').replace('/', '')
      const setting: Setting | undefined = settings.find((each) => each.name === name)
      const allowed = fault.params?.allowedValues ? `: ${fault.params.allowedValues.join(', ')}` : ''
      return `${name} ${fault.message ?? 'is not valid'}${allowed}${setting ? ` — ${setting.purpose}` : ''}`
    },
  )
}

/** By what is given, not by what is valid, so that a bad value hides no missing one. */
function missing(given: Readonly<Record<string, string>>): string[] {
  if (given['DATABASE_URL'] === undefined) return []
  const lines: string[] = []
  if (given['SLUSE_SANDBOX'] !== 'on') {
    if (given['SLUSE_BASE_URL'] === undefined)
      lines.push(
        'SLUSE_BASE_URL is missing; with DATABASE_URL it must say how clients reach the gateway, such as https://sluse.example',
      )
    else if (!given['SLUSE_BASE_URL'].startsWith('https:'))
      lines.push('SLUSE_BASE_URL must begin with https: outside the sandbox')
  }
  if (given['SLUSE_KEYS_FILE'] === undefined)
    lines.push(
      'SLUSE_KEYS_FILE is missing; make the file once with `npm run -s sluse -- keys` and give its path',
    )
  return lines
}

function listIn(list: string): string[] {
  return list.split(',').filter((each) => each !== '')
}

function cidrFaults(
  name: 'SLUSE_EGRESS_CIDRS' | 'SLUSE_TRUSTED_PROXIES',
  given: Readonly<Record<string, string>>,
): string[] {
  return listIn(given[name] ?? '').some((cidr) => !isCidr(cidr))
    ? [`${name} must be address ranges separated by commas, such as 10.20.0.0/16,fd00:1::/32`]
    : []
}

function basisFaults(list: string): string[] {
  const known = new Set<string>(statutoryBasisCodes)
  return listIn(list).some((code) => !known.has(code))
    ? [`SLUSE_STATUTORY_BASES must be codes separated by commas, of ${statutoryBasisCodes.join(', ')}`]
    : []
}

function isCidr(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const family = isIP(address)
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)
}
