/** The listening socket, with the limits that keep a slow or endless request from holding it. */
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'

export interface Listening {
  /** `http://127.0.0.1:8080`: with the port that was given, also when 0 was asked for. */
  readonly baseUrl: string
  serve(app: RequestListener): void
  /** Ends idle and silent connections at once, busy ones when they have been answered. */
  close(): Promise<void>
}

/** Ten seconds for the headers, thirty for the whole request: enough for 2 MB over a poor line. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  maxHeaderSize: 16_384,
  keepAliveTimeout: 10_000,
}

/** @throws with code EADDRINUSE when the port is taken. */
export async function listen(host: string, port: number): Promise<Listening> {
  let app: RequestListener | undefined
  let closing = false
  const underWay = new Set<ServerResponse>()
  /** Node counts a connection that never asked as busy: one of them would hold the close for longer than a stop may take. */
  const endTheRest = (): void => {
    if (closing && underWay.size === 0) server.closeAllConnections()
  }
  const server = createServer(LIMITS, (request, response) => {
    // A kept connection would otherwise go on bringing requests: the client is told to open the next one elsewhere.
    if (closing) response.shouldKeepAlive = false
    underWay.add(response)
    response.once('close', () => {
      underWay.delete(response)
      endTheRest()
    })
    if (app) app(request, response)
    // Between the socket and the app lies less than a second of reading profiles and maps.
    else response.writeHead(503, { 'Retry-After': '1' }).end()
  })
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
