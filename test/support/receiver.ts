import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A recipient on loopback that remembers what it got. */
export interface Receiver {
  readonly port: number
  readonly requests: ReceivedRequest[]
  /** Every connection, also one on which no request came. */
  readonly connections: Socket[]
}

interface ReceivedRequest {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export async function startReceiver(answer: RequestListener, tls?: ServerOptions): Promise<Receiver> {
  const requests: ReceivedRequest[] = []
  const connections: Socket[] = []
  const listener: RequestListener = (request, response) => {
    void receive(request, response)
  }
  async function receive(...[request, response]: Parameters<RequestListener>): Promise<void> {
    const body = await readAll(request)
    const { method, url, headers } = request
    requests.push({ method, url, headers, body })
    answer(request, response)
  }
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener)
  server.on('connection', (socket: Socket) => connections.push(socket))
  onTestFinished(() => {
    for (const socket of connections) socket.destroy()
    server.close()
  })
  const port = await listen(server)
  return { port, requests, connections }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export function listen(server: {
  listen(port: number, host: string, done: () => void): unknown
  address(): AddressInfo | string | null
}): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
