/**
 * A write that is sent again with its Idempotency-Key is answered again, not done again.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
 *
 * The answer is kept in the transaction of the write, so that there is no moment at which one is there without the other. A
 * refusal keeps nothing: it did nothing, so the same request may be judged again, and a corrected one may take the key. The
 * draft's replay of errors is a SHOULD for operations that had an effect.
 */
import { createHash } from 'node:crypto'
import { GatewayError, toOperationOutcome } from '#fhir/gateway-error.ts'
import { findFirstAnswer, keepFirstAnswer, takeKey } from '#store/first-answers.ts'
import type { Answer } from './answer.ts'
import { asOne } from './as-one.ts'
import type { Call, Exchange } from './call.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { type KeptAnswer, keptAnswer, replayed } from './kept-answer.ts'

type Run = (exchange: Exchange, call: Call) => Promise<Answer>

/** `route` is the method and the address's template. */
export function idempotent(route: string, run: Run): Run {
  return async (exchange, call) => {
    const key = readIdempotencyKey(call)
    if (key === undefined) return run(exchange, call)
    const keySha256 = sha256(call.requester.clientId, key)
    const requestSha256 = fingerprint(route, call)
    return asOne(exchange, async (within, tx) => {
      if (!(await takeKey(tx, keySha256))) return inUse()
      const first = await findFirstAnswer(tx, exchange.seal, keySha256)
      if (first) {
        if (!first.requestSha256.equals(requestSha256)) throw reused()
        return replayed(tx, within, call, JSON.parse(first.answer) as KeptAnswer)
      }
      const answer = await run(within, call)
      // What answers with a refusal, and does not throw it, has audited something: it is committed, and is no first answer.
      if (answer.status >= 400) return answer
      const kept = JSON.stringify(keptAnswer(answer))
      await keepFirstAnswer(tx, exchange.seal, keySha256, { requestSha256, answer: kept })
      return answer
    })
  }
}

/** Headers that make it another request. */
const PRECONDITIONS = ['if-match', 'if-none-match', 'if-none-exist', 'prefer', 'content-type']

function fingerprint(route: string, { id, query, header, body }: Call): Buffer {
  return sha256(
    route,
    id ?? '',
    query.toString(),
    ...PRECONDITIONS.map((name) => header(name) ?? ''),
    createHash('sha256').update(body).digest('hex'),
  )
}

function sha256(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}

/** Returned, not thrown: the twin is under way with the same body, which is not to be quarantined. */
function inUse(): Answer {
  const error = new GatewayError({
    code: 'idempotency-key-in-use',
    expression: 'http:Idempotency-Key',
    text: 'a request with this key is being worked on: send it again in a second to get its answer',
  })
  return { status: error.status, headers: { 'Retry-After': '1' }, nonClinical: toOperationOutcome(error) }
}

function reused(): GatewayError {
  return new GatewayError({
    code: 'idempotency-key-reused',
    expression: 'http:Idempotency-Key',
    text: 'this key was used for another request in the last 24 hours, and nothing was done: send this one with a key of its own',
  })
}
