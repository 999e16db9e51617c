/** What is read of a recipient's answer: the start of the body, and how long it asks us to wait. */

/** More than an OperationOutcome needs, and little enough that an endless answer costs nothing. */
const ANSWER_LIMIT_BYTES = 64 * 1024

/** Leaving the loop early ends the stream, and with it the connection. */
export async function readStart(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    chunks.push(chunk.subarray(0, ANSWER_LIMIT_BYTES - size))
    size += chunk.length
    if (size >= ANSWER_LIMIT_BYTES) break
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds or a date; anything else is as if it were absent. */
export function readRetryAfter(
  header: string | string[] | undefined,
  nowMs: number,
): { retryAfterMs?: number } {
  if (typeof header !== 'string') return {}
  if (/^\d{1,9}$/.test(header)) return { retryAfterMs: Number(header) * 1000 }
  // Only the one form that senders may use: Date.parse alone would read `5 minutes` as a month.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header)) return {}
  const at = Date.parse(header)
  return Number.isNaN(at) ? {} : { retryAfterMs: Math.max(0, at - nowMs) }
}
