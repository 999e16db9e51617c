/**
 * All or nothing, in one PostgreSQL transaction: in the order of R4, with references between its entries and to the sender's own records
 * made into ids. https://hl7.org/fhir/R4/http.html#trules
 */
import { GatewayError, toOperationOutcome } from '#fhir/gateway-error.ts'
import type { Answer } from './answer.ts'
import { asOne } from './as-one.ts'
import { blaming } from './blaming.ts'
import type { EntryRequest } from './bundle-request.ts'
import { resolveReferences } from './bundle-references.ts'
import type { Call, Exchange } from './call.ts'
import { entryCall, type EntryRoute } from './entry-call.ts'

/** https://hl7.org/fhir/R4/http.html#trules */
const ORDER: readonly string[] = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET']

export async function transaction(
  exchange: Exchange,
  call: Call,
  routes: readonly EntryRoute[],
  entries: readonly EntryRequest[],
): Promise<Answer> {
  refuseTwice(entries)
  // Before anything is locked: what has no address, no scope or no body.
  for (const entry of entries) await blaming(entry, () => entryCall(routes, call, entry))
  const answers = await asOne(exchange, async (within, tx) => {
    const done = new Map<number, Answer>()
    const run = async (entry: EntryRequest, idToCreate?: string): Promise<Answer> => {
      const { route, call: inner } = entryCall(routes, call, entry, idToCreate)
      const answer = await unlessNothing(entry, () => route.run(within, inner))
      done.set(entry.index, answer)
      return answer
    }
    const resolved = await resolveReferences(within, tx, call, entries, async (entry) =>
      citizenIn(await run(entry)),
    )
    for (const { entry, idToCreate } of inOrder(resolved)) await blaming(entry, () => run(entry, idToCreate))
    return entries.map(({ index }): Answer => done.get(index) ?? { status: 500, empty: true })
  })
  return { status: 200, bundle: { type: 'transaction-response', answers } }
}

/** As any client learns it. https://hl7.org/fhir/R4/http.html#create */
function citizenIn({ headers }: Answer): string {
  const [reference] = /Patient\/[0-9a-f-]{36}/.exec(headers?.['Location'] ?? '') ?? []
  if (reference === undefined) throw new Error('a Patient was stored without saying where')
  return reference
}

/** A read that finds nothing has changed nothing: it is answered by itself, and does not undo the rest. */
async function unlessNothing({ method }: EntryRequest, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (method !== 'GET' || !(error instanceof GatewayError) || ![404, 410].includes(error.status))
      throw error
    return { status: error.status, nonClinical: toOperationOutcome(error) }
  }
}

/** Of one method by address: two transactions that change the same resources take their locks in one order, and none has to give way. */
function inOrder<T extends { readonly entry: EntryRequest }>(resolved: readonly T[]): readonly T[] {
  const placeOf = ({ entry: { method, path } }: T) =>
    [ORDER.indexOf(method), method === 'POST' || method === 'GET' ? '' : path] as const
  return resolved.toSorted((a, b) => {
    const [[turn, path], [otherTurn, otherPath]] = [placeOf(a), placeOf(b)]
    return turn - otherTurn || (path < otherPath ? -1 : path > otherPath ? 1 : 0)
  })
}

/** What is done to one resource twice would depend on the order in which it is done. */
function refuseTwice(entries: readonly EntryRequest[]): void {
  const seen = new Map<string, number>()
  for (const { index, method, path } of entries) {
    if (!['PUT', 'PATCH', 'DELETE'].includes(method) || path.split('/').length < 3) continue
    const before = seen.get(path)
    if (before !== undefined) {
      throw new GatewayError({
        code: 'field-invalid',
        expression: `Bundle.entry[${index}].request.url`,
        text: `entry ${before} changes the same resource: a transaction changes each once`,
      })
    }
    seen.set(path, index)
  }
}
