/** Requests that are independent of each other: each is decided, stored and audited by itself, in the order given. */
import { GatewayError, toOperationOutcome } from '#fhir/gateway-error.ts'
import type { Answer } from './answer.ts'
import type { EntryRequest } from './bundle-request.ts'
import type { Call, Exchange } from './call.ts'
import { entryCall, type EntryRoute } from './entry-call.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { keepRefused } from './keep-refused.ts'

export async function batch(
  exchange: Exchange,
  call: Call,
  routes: readonly EntryRoute[],
  entries: readonly EntryRequest[],
): Promise<Answer> {
  const answers: Answer[] = []
  let chars = 0
  for (const entry of entries) {
    const answer = chars > MAX_CHARS ? tooMuch() : await answered(exchange, call, routes, entry)
    answers.push(answer)
    chars += sizeOf(answer)
  }
  return { status: 200, bundle: { type: 'batch-response', answers } }
}

/** Of what is released, as of a page: a hundred large answers would be held in memory at once. */
const MAX_CHARS = 16_000_000

function sizeOf(answer: Answer): number {
  return 'disclosure' in answer || 'list' in answer ? JSON.stringify(answer).length : 0
}

/** Nothing of it was done. */
function tooMuch(): Answer {
  const error = new GatewayError({
    code: 'rate-limited',
    text: 'the answers before this one are as much as one Bundle gives, and nothing was done: send this entry in another Bundle',
  })
  return { status: error.status, nonClinical: toOperationOutcome(error) }
}

async function answered(
  exchange: Exchange,
  call: Call,
  routes: readonly EntryRoute[],
  entry: EntryRequest,
): Promise<Answer> {
  try {
    const { route, call: inner } = entryCall(routes, call, entry)
    try {
      return await route.run(exchange, inner)
    } catch (error) {
      // What is refused of a write is kept as it is kept alone.
      const isWrite = route.body === 'resource' || route.body === 'json-patch'
      if (error instanceof GatewayError && isWrite && route.interaction !== '$validate')
        await keepRefused(
          exchange,
          { ...inner, route: `/fhir${route.path}`, interaction: route.interaction },
          error,
        )
      throw error
    }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    // With a key the answers are kept for a day, and none of them may be to come again: then nothing of it is done.
    if (error.status >= 500 && readIdempotencyKey(call) !== undefined) throw error
    return { status: error.status, nonClinical: toOperationOutcome(error) }
  }
}
