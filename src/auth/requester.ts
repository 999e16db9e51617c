import { createHash } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import { LRUCache } from 'lru-cache'
import { GatewayError } from '#fhir/gateway-error.ts'
import { isAllowedAddress } from './address-range.ts'
import type { AccessTokenClaims, TokenRealm } from './access-token.ts'
import { createTokenReader, isCurrent } from './access-token.ts'
import { createClientReader } from './client-reader.ts'
import type { Client, ClientStore } from './client.ts'
import { ProofFault, proofAlgorithms, readProof } from './dpop.ts'
import { profiles } from './profiles.ts'
import type { Scope } from './scopes.ts'
import { narrow, parseScopes } from './scopes.ts'

/** Not exported: only this file can make a Requester, and only from a verified token. */
const authenticated: unique symbol = Symbol('authenticated')

/** The system that asks, with all that its registration and its token let it do. */
export interface Requester {
  readonly clientId: string
  readonly organizationId: string
  readonly sector: Client['sector']
  /** Those of the registration, or fewer where the token says why it was asked for. */
  readonly purposeOfUse: readonly string[]
  readonly scopes: readonly Scope[]
  readonly tokenId: string
  /** Where the paper of a consent is, as the client said with its purpose: for the log. */
  readonly consentReferences?: readonly string[]
  readonly [authenticated]: true
}

export interface TokenVerifierOptions extends TokenRealm {
  /** The issuer's public keys; the old and the new one while a key is replaced. */
  readonly keys: JSONWebKeySet
  readonly now: () => Date
  readonly clients: Pick<ClientStore, 'findClient' | 'spendProof'>
  /** A good token came from where its client never is: for the log, before the refusal is answered. */
  readonly onForeignAddress?: (client: Client, presented: Presented) => Promise<void>
  /** Tokens of the issuers that the operator trusts, by the same promise as ours; none when there are none. */
  readonly external?: (token: string) => Promise<AccessTokenClaims | undefined>
}

/** What a request shows of its token. */
export interface Presented {
  readonly authorization: string | undefined
  /** The `DPoP` header. */
  readonly dpop?: string | undefined
  readonly method: string
  /** Of the URL, from the first slash up to the query. */
  readonly path: string
  /** Where the request came from; without one, a client that is bound to addresses is refused. */
  readonly address?: string
  readonly requestId?: string
}

export interface TokenVerifier {
  /** Throws `token-missing`, `token-invalid` or `proof-invalid`, and whatever the client store throws when it is away. */
  authenticate(presented: Presented): Promise<Requester>
  /** A client's registration changed here: the next request reads it anew. Other gateways follow within its staleness. */
  forget(clientId: string): void
}

/** Ours have about 500 characters, and with the most and longest scopes 6,000; nothing longer is hashed or decoded. */
const MAX_TOKEN_CHARS = 8192
/** About 5 MB, and more tokens than live clients can hold in five minutes. */
const MAX_REMEMBERED_TOKENS = 10_000

/**
 * Bearer tokens of https://www.rfc-editor.org/rfc/rfc6750 and DPoP tokens of https://www.rfc-editor.org/rfc/rfc9449.
 * Verifying ES256 costs 0.2 ms, so its result is remembered by the token's hash, never the token. Time, the client's
 * registration and the proof are checked on every request.
 */
export function createTokenVerifier({
  now,
  clients,
  keys,
  external = () => Promise.resolve(undefined),
  onForeignAddress = () => Promise.resolve(),
  ...realm
}: TokenVerifierOptions): TokenVerifier {
  const readToken = createTokenReader(keys, realm)
  const { read: readClient, forget } = createClientReader(clients, now)
  const verified = new LRUCache<string, AccessTokenClaims>({ max: MAX_REMEMBERED_TOKENS })

  async function claimsOf(token: string): Promise<AccessTokenClaims> {
    const key = createHash('sha256').update(token).digest('base64')
    const remembered = verified.get(key)
    const claims = remembered ?? (await readToken(token)) ?? (await external(token))
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

  /** INVARIANT: a token that is bound to a key is good for nobody without it, and a proof is never ignored. */
  async function requireProof({ jkt }: AccessTokenClaims, client: Client, shown: Shown): Promise<void> {
    const { scheme, token, dpop, method, path } = shown
    if (jkt === undefined) {
      if (scheme === 'dpop' || profiles[client.profile].senderConstraint === 'dpop')
        throw invalid('the access token is bound to no key: ask the token endpoint for one with a DPoP proof')
      if (dpop !== undefined)
        throw unproven('a bearer token takes no DPoP proof: leave the `DPoP` header out')
      return
    }
    if (scheme !== 'dpop')
      throw invalid('the access token is bound to a key: send it as `Authorization: DPoP`, with a proof')
    if (dpop === undefined)
      throw unproven('the access token is bound to a key: send a proof of it in the `DPoP` header')
    const expected = { method, url: `${realm.issuer}${path}`, accessToken: token, now: now() }
    const proof = await readProof(dpop, expected).catch((error: unknown) => {
      throw error instanceof ProofFault ? unproven(error.message) : error
    })
    if (proof.jkt !== jkt)
      throw unproven('the DPoP proof is not of the key that the access token is bound to')
    if (!(await clients.spendProof(proof.jkt, proof.jti, proof.expiresAt)))
      throw unproven('this DPoP proof was used before: make a new one, with a new `jti`, for every request')
  }

  return {
    async authenticate(presented) {
      const shown = { ...presented, ...tokenIn(presented.authorization) }
      const claims = await claimsOf(shown.token)
      const client = await readClient(claims.clientId)
      if (client === undefined || client.disabled || client.tokenIssuer !== claims.issuer) {
        throw inactive()
      }
      // The same answer: who has a stolen token is not told where it would be good.
      if (!isAllowedAddress(client.addressRanges ?? [], presented.address ?? '')) {
        await onForeignAddress(client, presented)
        throw inactive()
      }
      if (claims.issuer === undefined && client.revokedTokens?.includes(claims.tokenId) === true) {
        throw invalid('the access token was revoked by its client: ask the token endpoint for a new one')
      }
      await requireProof(claims, client, shown)
      return toRequester(claims, client)
    },
    forget,
  }
}

type Shown = Presented & { readonly scheme: 'bearer' | 'dpop'; readonly token: string }

/** The header of a 401: https://www.rfc-editor.org/rfc/rfc6750#section-3 has no error code when no token was sent. */
export function tokenChallenge({ code }: GatewayError): string {
  const algorithms = `algs="${proofAlgorithms.join(' ')}"`
  const both = (error: string): string =>
    `Bearer realm="sluse"${error}, DPoP realm="sluse"${error}, ${algorithms}`
  // https://www.rfc-editor.org/rfc/rfc9449#section-7.1
  if (code === 'proof-invalid') return `DPoP realm="sluse", error="invalid_dpop_proof", ${algorithms}`
  return both(code === 'token-invalid' ? ', error="invalid_token"' : '')
}

function tokenIn(header: string | undefined): { scheme: 'bearer' | 'dpop'; token: string } {
  const [, scheme = '', rest = ''] = /^(Bearer|DPoP)((?: .*)?)$/i.exec(header ?? '') ?? []
  if (scheme === '') {
    const text = 'found no bearer token: send `Authorization: Bearer` and a token from the token endpoint'
    throw new GatewayError({ code: 'token-missing', text, expression: 'http:Authorization' })
  }
  const token = /^ +([\w.~+/-]+=*)$/.exec(rest)?.[1]
  if (token === undefined || token.length > MAX_TOKEN_CHARS)
    throw invalid('the access token is malformed: send it as the token endpoint gave it')
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token }
}

function toRequester({ clientId, tokenId, scope, b2b }: AccessTokenClaims, client: Client): Requester {
  const { organizationId, sector, purposeOfUse } = client
  return {
    clientId,
    organizationId,
    sector,
    purposeOfUse: b2b ? purposeOfUse.filter((code) => b2b.purposeOfUse.includes(code)) : purposeOfUse,
    scopes: narrow(parseScopes(scope.split(' ')), parseScopes(client.scopes)),
    tokenId,
    ...(b2b && b2b.consentReferences.length > 0 && { consentReferences: b2b.consentReferences }),
    [authenticated]: true,
  }
}

function inactive(): GatewayError {
  return invalid('the client of the access token is not active: ask the operator of this gateway')
}

function invalid(text: string): GatewayError {
  return new GatewayError({ code: 'token-invalid', text, expression: 'http:Authorization' })
}

function unproven(text: string): GatewayError {
  return new GatewayError({ code: 'proof-invalid', text, expression: 'http:DPoP' })
}
