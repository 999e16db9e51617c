/** The listening socket, with the limits that keep a slow or endless request from holding it. */
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { GatewayError } from '#fhir/gateway-error.ts'
import { answerError } from './errors.ts'
import { type RawRefusal, rawRefusal, refusalOf } from './raw-refusal.ts'

export interface Listening {
  /** `http://127.0.0.1:8080`: with the port that was given, also when 0 was asked for. */
  readonly baseUrl: string
  serve(app: RequestListener): void
  /** Ends idle and silent connections at once, busy ones when they have been answered. */
  close(): Promise<void>
}

/** In milliseconds, bytes and counts. */
export interface SocketLimits {
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly keepAliveTimeout: number
  /** How often the timeouts above are looked at. */
  readonly connectionsCheckingInterval: number
  readonly maxHeaderSize: number
  /** Then the connection is closed, so that the load spreads over replicas again. */
  readonly requestsPerSocket: number
  /** One more is closed unanswered: each holds a descriptor and some kB. */
  readonly maxConnections: number
}

/** Ten seconds for the headers, thirty for the whole request: enough for 2 MB over a poor line. */
const LIMITS: SocketLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
  requestsPerSocket: 1_000,
  maxConnections: 2_000,
}

export interface ListenOptions {
  readonly limits?: Partial<SocketLimits>
  /** Told of what never became a request, and so is in no request log. */
  readonly onRefused?: (code: RawRefusal) => void
}

/** @throws with code EADDRINUSE when the port is taken. */
export async function listen(host: string, port: number, options: ListenOptions = {}): Promise<Listening> {
  const { requestsPerSocket, maxConnections, ...timeouts } = { ...LIMITS, ...options.limits }
  let app: RequestListener | undefined
  let closing = false
  const underWay = new Set<ServerResponse>()
  const served = new WeakMap<Duplex, number>()
  /** Node counts a connection that never asked as busy: one of them would hold the close for longer than a stop may take. */
  const endTheRest = (): void => {
    if (closing && underWay.size === 0) server.closeAllConnections()
  }
  const onRequest: RequestListener = (request, response) => {
    const count = (served.get(request.socket) ?? 0) + 1
    served.set(request.socket, count)
    // A kept connection would otherwise go on bringing requests: the client is told to open the next one elsewhere.
    if (closing || count >= requestsPerSocket) response.shouldKeepAlive = false
    underWay.add(response)
    response.once('close', () => {
      underWay.delete(response)
      endTheRest()
    })
    if (app) app(request, response)
    // Between the socket and the app lies less than a second of reading profiles and maps.
    else answerStarting(response)
  }
  const refuse = (socket: Duplex, code: RawRefusal): void => {
    const begun = [...underWay].some((response) => response.socket === socket && response.headersSent)
    if (begun || !socket.writable) {
      socket.destroy()
      return
    }
    options.onRefused?.(code)
    socket.end(rawRefusal(code))
  }
  // What Node would answer by itself has no body: Host is looked at in `headers.ts`, Expect too.
  const server = createServer({ ...timeouts, requireHostHeader: false, insecureHTTPParser: false }, onRequest)
  server.maxConnections = maxConnections
  server.on('clientError', (error: Error, socket) => refuse(socket, refusalOf(error)))
  server.on('connect', (_request, socket) => refuse(socket, 'method-not-allowed'))
  server.on('checkExpectation', onRequest)
  // `readBody` asks for the body: nobody sends two megabytes before the token was read.
  server.on('checkContinue', onRequest)
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  const actual = typeof address === 'object' && address ? address.port : port
  return {
    baseUrl: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    serve: (listener) => {
      app = listener
    },
    close: async () => {
      closing = true
      for (const response of underWay) response.shouldKeepAlive = false
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      endTheRest()
      await closed
    },
  }
}

function answerStarting(response: ServerResponse): void {
  response.setHeader('Retry-After', '1')
  response.setHeader('Cache-Control', 'no-store')
  answerError(
    response,
    new GatewayError({
      code: 'store-unavailable',
      text: 'the gateway is starting; send the same request again after the seconds in Retry-After',
    }),
  )
}
