/** A port before a server, that a test can cut, or let go silent: a database or a Redis that is away without being stopped. */
import { once } from 'node:events'
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /** Ends every connection, and refuses new ones until `restore`. */
  cut(): Promise<void>
  /** Takes bytes and passes none on, in either direction, until `restore` ends these connections. */
  silence(): void
  restore(): Promise<void>
  close(): Promise<void>
}

export async function startTcpProxy(target: NetConnectOpts): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let silent = false
  const listening = (port: number) => {
    const server = createServer((client) => {
      const upstream = connect(target)
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(from)
        from.on('data', (chunk: Buffer) => {
          if (!silent) to.write(chunk)
        })
        from.on('error', () => undefined)
        from.on('close', () => {
          sockets.delete(from)
          to.destroy()
        })
      }
    })
    server.listen(port, '127.0.0.1')
    return server
  }
  let server = listening(0)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  async function cut(): Promise<void> {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  return {
    port,
    cut,
    silence: () => {
      silent = true
    },
    restore: async () => {
      if (server.listening) await cut()
      silent = false
      server = listening(port)
      await once(server, 'listening')
    },
    close: async () => {
      if (server.listening) await cut()
    },
  }
}
