import { GatewayError } from '#fhir/gateway-error.ts'
import { mask } from './mask.ts'

/**
 * An error as the log shows it: code, class and where it was thrown. Its message only when it is a GatewayError, whose
 * texts never hold patient data; what PostgreSQL, a parser or a library says repeats the value that it stumbled over.
 */
export interface LoggedError {
  readonly type: string
  readonly code?: string
  readonly text?: string
  readonly at?: readonly string[]
  readonly cause?: LoggedError
}

/** Ours first, the library's last: where the two meet is within reach. */
const FRAMES = 8
/** A GatewayError, what caused it, and what caused that. */
const CAUSES = 3

export function describeError(error: unknown, causes = CAUSES): LoggedError {
  if (!(error instanceof Error)) return { type: `a thrown ${error === null ? 'null' : typeof error}` }
  return {
    type: typeName(error),
    ...codeOf(error),
    ...(error instanceof GatewayError ? { text: mask(error.message) } : {}),
    ...framesOf(error),
    ...(error.cause !== undefined && causes > 0 ? { cause: describeError(error.cause, causes - 1) } : {}),
  }
}

/** Of the class, not `error.name`, which anybody may set. */
function typeName(error: Error): string {
  const { name } = error.constructor
  return /^\w{1,64}$/.test(name) ? name : 'Error'
}

/** A system's (`ECONNREFUSED`), PostgreSQL's (`23505`) or our own. */
function codeOf(error: Error): { code?: string } {
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[\w-]{1,64}$/.test(code) ? { code: mask(code) } : {}
}

/** The stack begins with the message, which may have lines that look like frames: so many lines are left out. */
function framesOf(error: Error): { at?: string[] } {
  const { stack } = error
  if (typeof stack !== 'string') return {}
  const messageLines = error.message.split('\n').length
  const at = stack
    .split('\n')
    .slice(messageLines)
    .filter((line) => /^ {4}at \S.*:\d+:\d+\)?$/.test(line))
    .slice(0, FRAMES)
    .map((line) => mask(line.slice('    at '.length)))
  return at.length > 0 ? { at } : {}
}
