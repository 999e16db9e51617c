import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { destination as openDestination, pino, stdTimeFunctions } from 'pino'
import type { DestinationStream } from 'pino'
import { describeError } from './describe-error.ts'
import { mask, maskNumber } from './mask.ts'

/** The structured log: JSON lines of named fields. What is not on the list of fields does not get into it. */
export interface Log {
  debug(fields: LogFields): void
  info(fields: LogFields): void
  warn(fields: LogFields): void
  error(fields: LogFields): void
}

/**
 * Every field there is. None may ever hold what a client or a patient wrote: ids that we made, codes, counts, and the
 * templates of routes, never URLs.
 */
const FIELDS = [
  'event',
  'requestId',
  'clientId',
  'method',
  'route',
  'status',
  'ms',
  'resourceType',
  'subscriptionId',
  'deliveryId',
  'attempt',
  'reason',
  'count',
] as const

type Field = (typeof FIELDS)[number]

type LogFields = { readonly event: string; readonly err?: unknown } & {
  readonly [field in Exclude<Field, 'event'>]?: string | number | boolean | undefined
}

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Appended to, and made when missing. Standard output when both are left out. */
  readonly file?: string
  readonly destination?: DestinationStream
}

/** Lines that wait for a reader who has stopped reading; what is beyond it is lost rather than the gateway stopped. */
const BUFFER_LIMIT_BYTES = 4 * 1024 * 1024

export function createLog({ level, file, destination }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? openOutput(file),
  )
  return {
    debug: (fields) => logger.debug(allowed(fields)),
    info: (fields) => logger.info(allowed(fields)),
    warn: (fields) => logger.warn(allowed(fields)),
    error: (fields) => logger.error(allowed(fields)),
  }
}

/** Not written at once: a disk that hangs, or a reader that has stopped, must not hold up a request. */
function openOutput(file: string | undefined): DestinationStream {
  return openDestination({ dest: openFile(file), sync: false, maxLength: BUFFER_LIMIT_BYTES })
}

/** Opened here and now, so that a line which is followed by an exit is still written. */
function openFile(file: string | undefined): number {
  if (file === undefined) return 1
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return openSync(file, 'a', 0o600)
}

/** INVARIANT: a new object of listed fields. Whatever else was handed in, by spreading a request say, stays behind. */
function allowed(fields: LogFields): Record<string, unknown> {
  const line: Record<string, unknown> = {}
  for (const name of FIELDS) {
    const value: unknown = fields[name]
    if (typeof value === 'string') line[name] = mask(value)
    else if (typeof value === 'number') line[name] = maskNumber(value)
    else if (typeof value === 'boolean') line[name] = value
  }
  if (fields.err !== undefined) line['err'] = describeError(fields.err)
  return line
}
