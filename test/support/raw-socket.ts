/** Bytes on a socket, for what no HTTP client would send, and the answers that came back. */
import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Latin-1: a byte for each character. Ends when the other side closes, which it must within `limitMs`. */
export async function sendBytes(
  baseUrl: string,
  parts: string | readonly string[],
  { limitMs = 5_000 } = {},
): Promise<readonly RawAnswer[]> {
  const { hostname, port } = new URL(baseUrl)
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let received = ''
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`the connection was still open after ${limitMs} ms; received: ${received}`))
    }, limitMs)
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
    })
    // The other side may close while we still write: what it had answered counts.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(received)
    })
    for (const part of typeof parts === 'string' ? [parts] : parts) socket.write(Buffer.from(part, 'latin1'))
  })
  return answersIn(text)
}

function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = text; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n')
    const [start = '', ...lines] = rest.slice(0, end).split('\r\n')
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1])
    const untilTheEnd = status < 200 ? 0 : rest.length - end - 4
    const length = Number(headers.get('content-length') ?? untilTheEnd)
    answers.push({ status, headers, body: rest.slice(end + 4, end + 4 + length) })
    rest = rest.slice(end + 4 + length)
  }
  return answers
}
