/** Environment to frozen Config: the only reader of process.env. One line per fault, all at once. */
import { join, resolve } from 'node:path'
import { envSchema } from 'env-schema'
import { type Setting, settings } from './settings.ts'

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
  readonly SLUSE_LOG_LEVEL: Config['logLevel']
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string
}

export function readConfig(environment: Environment = process.env): Config {
  const faults = unknownNames(environment)
  const values = readValues(environment, faults)
  if (values) faults.push(...missing(values))
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
    egressCidrs: values.SLUSE_EGRESS_CIDRS.split(',').filter((cidr) => cidr !== ''),
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

function readValues(environment: Environment, faults: string[]): Values | undefined {
  const data: Record<string, string> = {}
  for (const { name } of settings) {
    const value = environment[name]
    // An empty variable is how compose files say "not set".
    if (value !== undefined && value !== '') data[name] = value
  }
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

function missing(values: Values): string[] {
  if (values.DATABASE_URL === undefined) return []
  const lines: string[] = []
  if (values.SLUSE_SANDBOX !== 'on') {
    if (values.SLUSE_BASE_URL === undefined)
      lines.push(
        'SLUSE_BASE_URL is missing; with DATABASE_URL it must say how clients reach the gateway, such as https://sluse.example',
      )
    else if (!values.SLUSE_BASE_URL.startsWith('https:'))
      lines.push('SLUSE_BASE_URL must begin with https: outside the sandbox')
  }
  if (values.SLUSE_KEYS_FILE === undefined)
    lines.push(
      'SLUSE_KEYS_FILE is missing; make the file once with `npm run -s sluse -- keys` and give its path',
    )
  return lines
}
