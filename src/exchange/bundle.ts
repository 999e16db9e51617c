/** A batch or a transaction. https://hl7.org/fhir/R4/http.html#transaction */
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Answer } from './answer.ts'
import { batch } from './batch.ts'
import { type EntryRequest, readBundle } from './bundle-request.ts'
import type { Call, Exchange } from './call.ts'
import type { EntryRoute } from './entry-call.ts'
import { findRoute } from './match-route.ts'
import { transaction } from './transaction.ts'

/** `routes`: the table that the Bundle's own row is part of. */
export function bundle(
  routes: () => readonly EntryRoute[],
): (exchange: Exchange, call: Call) => Promise<Answer> {
  return async (exchange, call) => {
    const { type, entries } = readBundle(call)
    // What was read or decided is so when it is said, and cannot be said again from the first time.
    if (call.header('idempotency-key') !== undefined && entries.some(isQuestion)) {
      throw new GatewayError({
        code: 'parameter-invalid',
        expression: 'http:Idempotency-Key',
        text: 'a Bundle under an Idempotency-Key only writes: send its reads in another, without a key',
      })
    }
    await call.charge?.(entries.map((entry) => interactionOf(routes(), entry)))
    return type === 'batch'
      ? batch(exchange, call, routes(), entries)
      : transaction(exchange, call, routes(), entries)
  }
}

function isQuestion({ method, path }: EntryRequest): boolean {
  return method === 'GET' || /\/\$(?:decide|validate)$/.test(path)
}

/** None for an address that leads nowhere: that costs nothing. */
function interactionOf(routes: readonly EntryRoute[], { method, path }: EntryRequest): string | undefined {
  return findRoute(routes, method, path)?.route.interaction
}
