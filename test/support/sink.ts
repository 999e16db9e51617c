/** A subscriber's endpoint on loopback, that answers as it is told and lets a test wait for what arrives. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { Bundle, Parameters, Resource } from '@medplum/fhirtypes'

export interface Arrived {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly bundle: Bundle
  readonly type: 'handshake' | 'event-notification'
  /** Of an event: the first resource that is no status. */
  readonly focus: Resource | undefined
  readonly eventNumber: number | undefined
}

export interface Sink {
  readonly url: string
  readonly arrived: readonly Arrived[]
  /** The next one that fits and was not returned before; rejects after `timeoutMs`. */
  next(fits?: (arrived: Arrived) => boolean, timeoutMs?: number): Promise<Arrived>
  /** Answers the coming requests with this status; called for each, before it is answered. */
  answer(status: number | ((arrived: Arrived) => number | Promise<number>)): void
  close(): Promise<void>
}

export async function startSink(): Promise<Sink> {
  const arrived: Arrived[] = []
  const returned = new Set<Arrived>()
  let waiting: (() => void)[] = []
  let answerWith: (one: Arrived) => number | Promise<number> = () => 200
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = read(request.url ?? '', request.headers, Buffer.concat(chunks).toString())
      arrived.push(one)
      const wake = waiting
      waiting = []
      for (const go of wake) go()
      void Promise.resolve(answerWith(one)).then((status) => response.writeHead(status).end())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  return {
    url: `http://127.0.0.1:${port}/`,
    arrived,
    next: async (fits = () => true, timeoutMs = 10_000) => {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const found = arrived.find((one) => !returned.has(one) && fits(one))
        if (found) {
          returned.add(found)
          return found
        }
        const left = deadline - Date.now()
        if (left <= 0)
          throw new Error(`nothing that fits arrived within ${timeoutMs} ms; ${arrived.length} came in all`)
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
          timer = setTimeout(resolve, left)
        })
        clearTimeout(timer)
      }
    },
    answer: (status) => {
      answerWith = typeof status === 'number' ? () => status : status
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function read(path: string, headers: IncomingHttpHeaders, body: string): Arrived {
  const bundle = JSON.parse(body) as Bundle
  const [status, ...rest] = bundle.entry ?? []
  const parameter = (status?.resource as Parameters | undefined)?.parameter ?? []
  const type = parameter.find(({ name }) => name === 'type')?.valueCode
  const event = parameter.find(({ name }) => name === 'notification-event')?.part
  const number = event?.find(({ name }) => name === 'event-number')?.valueString
  return {
    path,
    headers,
    body,
    bundle,
    type: type === 'handshake' ? 'handshake' : 'event-notification',
    focus: rest[0]?.resource,
    eventNumber: number === undefined ? undefined : Number(number),
  }
}
