/** A Bundle's entry as a request of its own: its scope is asked for, and it is answered as it would be alone. */
import { allows, allowsAll, type ScopeInteraction } from '#auth/scopes.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Answer } from './answer.ts'
import type { EntryRequest } from './bundle-request.ts'
import type { Call, Exchange } from './call.ts'
import { LEGAL_BASIS_HEADER } from './legal-basis.ts'
import { matchRoute } from './match-route.ts'
import { OVERRIDE_HEADER } from './override-use.ts'
import { needsWholeScope } from './within-scope.ts'

/** What a batch needs of the table that it stands in itself. */
export interface EntryRoute {
  readonly method: string
  readonly path: string
  readonly resourceType: string
  readonly interaction: string
  readonly scope: ScopeInteraction
  readonly body: 'none' | 'resource' | 'form' | 'json-patch'
  readonly run: (exchange: Exchange, call: Call) => Promise<Answer>
}

/** Said of the Bundle, they hold for each of its entries. */
const INHERITED: ReadonlySet<string> = new Set([
  'prefer',
  LEGAL_BASIS_HEADER.toLowerCase(),
  OVERRIDE_HEADER.toLowerCase(),
])

export interface EntryCall {
  readonly route: EntryRoute
  readonly call: Call
}

/** @throws GatewayError when nothing is at the address, the client may not, or the body is not what the address takes. */
export function entryCall(
  routes: readonly EntryRoute[],
  bundle: Call,
  entry: EntryRequest,
  idToCreate?: string,
): EntryCall {
  const { route, parameters } = matchRoute(routes, entry.method, entry.path)
  requireScope(bundle, route)
  return {
    route,
    call: {
      requester: bundle.requester,
      requestId: bundle.requestId,
      resourceType: route.resourceType,
      id: parameters['id'],
      versionId: parameters['vid'],
      query: entry.query,
      queryInUrl: true,
      header: (name) => {
        const asked = name.toLowerCase()
        return entry.headers.get(asked) ?? (INHERITED.has(asked) ? bundle.header(asked) : undefined)
      },
      body: bodyOf(route, entry),
      bundle,
      ...(idToCreate !== undefined && { idToCreate }),
    },
  }
}

function requireScope({ requester }: Call, route: EntryRoute): void {
  const { resourceType, scope } = route
  if ((needsWholeScope(route) ? allowsAll : allows)(requester.scopes, resourceType, scope)) return
  throw new GatewayError({
    code: 'scope-insufficient',
    text: `this needs the scope \`system/${resourceType}.${scope}\`; ask the token endpoint for it, or the operator to register it for your client`,
  })
}

const JSON_PATCH = 'application/json-patch+json'

function bodyOf({ body }: EntryRoute, { resource }: EntryRequest): Uint8Array {
  if (body === 'none') return new Uint8Array()
  if (resource === undefined)
    throw new GatewayError({
      code: 'body-empty',
      text: 'the entry has no resource; send what is to be stored in it',
    })
  if (body !== 'json-patch') return new TextEncoder().encode(JSON.stringify(resource))
  // https://hl7.org/fhir/R4/http.html#jsonpatch-transaction: a patch travels as a Binary.
  if (
    resource.resourceType === 'Binary' &&
    resource.contentType === JSON_PATCH &&
    typeof resource.data === 'string'
  )
    return Buffer.from(resource.data, 'base64')
  throw new GatewayError({
    code: 'media-type-unsupported',
    expression: 'resource',
    text: `send the patch as a Binary with contentType \`${JSON_PATCH}\` and the operations in \`data\`, base64`,
  })
}
