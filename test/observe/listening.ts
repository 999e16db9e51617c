import type { Server } from 'node:http'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** The origin of a server on loopback, which is closed when the test ends. */
export async function originOf(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}
