import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** One log line and one measurement per request: method, route template, status, time, and who asked. Never the URL. */
export type RequestLog = (request: LoggedRequest, response: LoggedResponse, next: () => void) => void

/** The parts of Express's request and response that are looked at. */
interface LoggedRequest {
  readonly method: string
}

interface LoggedResponse {
  readonly statusCode: number
  readonly writableFinished: boolean
  /** `requestId`, `route` and, once known, `requester`: set by the handlers. */
  readonly locals: Record<string, unknown>
  once(event: 'close', listener: () => void): unknown
}

/** Asked every few seconds by machines: of interest to somebody who looks for just that. */
const PROBES: ReadonlySet<unknown> = new Set(['/health/live', '/health/ready', '/metrics'])

export function createRequestLog(log: Log, metrics: Metrics): RequestLog {
  return (request, response, next) => {
    const began = performance.now()
    // `close` comes for every request, also for one whose client went away before the answer.
    response.once('close', () => {
      const ms = performance.now() - began
      const route = textOf(response.locals['route']) ?? 'unmatched'
      const { method } = request
      const status = response.writableFinished ? response.statusCode : undefined
      metrics.request(
        { method, route, status: status ? `${Math.floor(status / 100)}xx` : 'aborted' },
        ms / 1000,
      )
      const fields = {
        event: 'request',
        requestId: textOf(response.locals['requestId']),
        clientId: clientOf(response.locals['requester']),
        method,
        route,
        status: status ?? 'aborted',
        ms: Math.round(ms * 10) / 10,
      }
      if (PROBES.has(route)) log.debug(fields)
      else log.info(fields)
    })
    next()
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function clientOf(requester: unknown): string | undefined {
  return typeof requester === 'object' && requester !== null && 'clientId' in requester
    ? textOf(requester.clientId)
    : undefined
}
