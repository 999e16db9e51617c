/**
 * The sandbox organisations' own side: an HTTP endpoint on loopback where each receives its notifications, and keeps
 * them as files to look at. It is a subscriber like any other; the gateway reaches it through the egress guard only.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Bundle } from '@medplum/fhirtypes'

export interface Received {
  readonly inbox: string
  readonly kind: 'handshake' | 'event'
  readonly webhookId: string
  readonly bundle: Bundle
  /** Absent for a handshake and for a repeated event. */
  readonly file?: string
}

export interface Receiver {
  /** `http://127.0.0.1:8081/inbox/` */
  readonly baseUrl: string
  /** Called for each notification, a repeated one included. */
  onReceived(listener: (received: Received) => void): void
  close(): Promise<void>
}

/** The largest plan is far below it. */
const MAX_BODY = 4 * 1024 * 1024
const INBOX = /^\/inbox\/([a-z-]{1,40})$/

export async function startReceiver(options: {
  readonly port: number
  readonly folder: string
}): Promise<Receiver> {
  const listeners: ((received: Received) => void)[] = []
  const server = createServer((request, response) => {
    receive(request, options.folder)
      .then((received) => {
        response.writeHead(received ? 200 : 404).end()
        return received && listeners.forEach((listener) => listener(received))
      })
      .catch(() => response.writeHead(400).end())
  })
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `http://127.0.0.1:${portOf(server)}/inbox/`,
    onReceived: (listener) => void listeners.push(listener),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function receive(request: IncomingMessage, folder: string): Promise<Received | undefined> {
  const inbox = INBOX.exec(request.url ?? '')?.[1]
  const body = await bodyOf(request)
  if (!inbox || request.method !== 'POST') return undefined
  const bundle = JSON.parse(body) as Bundle
  const webhookId = String(request.headers['webhook-id'])
  if (typeOf(bundle) !== 'event-notification') return { inbox, kind: 'handshake', webhookId, bundle }
  const file = keep(join(folder, inbox), webhookId, body)
  return { inbox, kind: 'event', webhookId, bundle, ...(file ? { file } : {}) }
}

/** At least once means that the same event may come twice: its id is the name of its file. */
function keep(folder: string, webhookId: string, body: string): string | undefined {
  mkdirSync(folder, { recursive: true })
  const safeId = webhookId.replace(/[^A-Za-z0-9-]/g, '')
  const known = readdirSync(folder)
  if (known.some((name) => name.endsWith(`-${safeId}.json`))) return undefined
  const file = join(folder, `${String(known.length + 1).padStart(3, '0')}-${safeId}.json`)
  writeFileSync(file, `${JSON.stringify(JSON.parse(body), null, 2)}\n`)
  return file
}

export function typeOf(bundle: Bundle): string | undefined {
  const [first] = bundle.entry ?? []
  if (first?.resource?.resourceType !== 'Parameters') return undefined
  return first.resource.parameter?.find(({ name }) => name === 'type')?.valueCode
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new Error('too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
