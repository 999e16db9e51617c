import { createHash } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import { LRUCache } from 'lru-cache'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { AccessTokenClaims, TokenRealm } from './access-token.ts'
import { createTokenReader, isCurrent } from './access-token.ts'
import { createClientReader } from './client-reader.ts'
import type { Client, ClientStore } from './client.ts'
import type { Scope } from './scopes.ts'
import { narrow, parseScopes } from './scopes.ts'

/** Not exported: only this file can make a Requester, and only from a verified token. */
const authenticated: unique symbol = Symbol('authenticated')

/** The system that asks, with all that its registration and its token let it do. */
export interface Requester {
  readonly clientId: string
  readonly organizationId: string
  readonly sector: Client['sector']
  readonly purposeOfUse: readonly string[]
  readonly scopes: readonly Scope[]
  readonly tokenId: string
  readonly [authenticated]: true
}

export interface TokenVerifierOptions extends TokenRealm {
  /** The issuer's public keys; the old and the new one while a key is replaced. */
  readonly keys: JSONWebKeySet
  readonly now: () => Date
  readonly clients: Pick<ClientStore, 'findClient'>
}

export interface TokenVerifier {
  /** Throws `token-missing` or `token-invalid`, and whatever the client store throws when it is away. */
  authenticate(authorizationHeader: string | undefined): Promise<Requester>
}

/** Ours have about 500 characters, and with the most and longest scopes 6,000; nothing longer is hashed or decoded. */
const MAX_TOKEN_CHARS = 8192
/** About 5 MB, and more tokens than live clients can hold in five minutes. */
const MAX_REMEMBERED_TOKENS = 10_000

/**
 * Bearer tokens of https://www.rfc-editor.org/rfc/rfc6750. Verifying ES256 costs 0.2 ms, so its result is remembered by
 * the token's hash, never the token. Time and the client's registration are checked on every request.
 */
export function createTokenVerifier({ now, clients, keys, ...realm }: TokenVerifierOptions): TokenVerifier {
  const readToken = createTokenReader(keys, realm)
  const readClient = createClientReader(clients, now)
  const verified = new LRUCache<string, AccessTokenClaims>({ max: MAX_REMEMBERED_TOKENS })

  async function claimsOf(token: string): Promise<AccessTokenClaims> {
    const key = createHash('sha256').update(token).digest('base64')
    const remembered = verified.get(key)
    const claims = remembered ?? (await readToken(token))
    if (claims === undefined) {
      throw invalid(
        'the access token is damaged or not issued for this gateway: ask the token endpoint for a new one',
      )
    }
    if (!isCurrent(claims, now())) {
      throw invalid('the access token is not valid at this time: ask the token endpoint for a new one')
    }
    if (remembered === undefined) verified.set(key, claims)
    return claims
  }

  return {
    async authenticate(authorizationHeader) {
      const claims = await claimsOf(bearerToken(authorizationHeader))
      const client = await readClient(claims.clientId)
      if (client === undefined || client.disabled) {
        throw invalid('the client of the access token is not active: ask the operator of this gateway')
      }
      return toRequester(claims, client)
    },
  }
}

/** The header of a 401: https://www.rfc-editor.org/rfc/rfc6750#section-3 has no error code when no token was sent. */
export function bearerChallenge({ code }: GatewayError): string {
  return code === 'token-invalid' ? 'Bearer realm="sluse", error="invalid_token"' : 'Bearer realm="sluse"'
}

function bearerToken(header: string | undefined): string {
  if (header === undefined || !/^Bearer(?: |$)/i.test(header)) {
    const text = 'found no bearer token: send `Authorization: Bearer` and a token from the token endpoint'
    throw new GatewayError({ code: 'token-missing', text, expression: 'http:Authorization' })
  }
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1]
  if (token === undefined || token.length > MAX_TOKEN_CHARS)
    throw invalid('the bearer token is malformed: send it as the token endpoint gave it')
  return token
}

function toRequester({ clientId, tokenId, scope }: AccessTokenClaims, client: Client): Requester {
  return {
    clientId,
    organizationId: client.organizationId,
    sector: client.sector,
    purposeOfUse: client.purposeOfUse,
    scopes: narrow(parseScopes(scope.split(' ')), parseScopes(client.scopes)),
    tokenId,
    [authenticated]: true,
  }
}

function invalid(text: string): GatewayError {
  return new GatewayError({ code: 'token-invalid', text, expression: 'http:Authorization' })
}
