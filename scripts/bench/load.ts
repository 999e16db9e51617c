/** A closed-loop load: `connections` requests in flight for `seconds`, or until so many `requests` were sent. */
import { Pool } from 'undici'

export interface LoadResult {
  readonly done: number
  readonly perSecond: number
  readonly latenciesMs: readonly number[]
  readonly refused: number
}

export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export async function load(
  baseUrl: string,
  options: { readonly connections: number; readonly seconds: number; readonly requests?: number },
  next: (index: number) => LoadRequest,
  onAccepted: (headers: Readonly<Record<string, string | string[] | undefined>>) => void = () => undefined,
): Promise<LoadResult> {
  const pool = new Pool(baseUrl, { connections: options.connections, pipelining: 1 })
  const latenciesMs: number[] = []
  let index = 0
  let refused = 0
  const begun = performance.now()
  const until = begun + options.seconds * 1_000
  await Promise.all(
    Array.from({ length: options.connections }, async () => {
      while (performance.now() < until && index < (options.requests ?? Number.POSITIVE_INFINITY)) {
        const { method, path, headers, body } = next(index++)
        const sent = performance.now()
        const answer = await pool.request({ method, path, headers: { ...headers }, body: body ?? null })
        await answer.body.dump()
        if (answer.statusCode >= 300) refused += 1
        else {
          latenciesMs.push(performance.now() - sent)
          onAccepted(answer.headers)
        }
      }
    }),
  )
  const elapsed = (performance.now() - begun) / 1_000
  await pool.close()
  return { done: latenciesMs.length, perSecond: latenciesMs.length / elapsed, latenciesMs, refused }
}
