import type { JSONWebKeySet, JWK } from 'jose'
import type { AccessTokenClaims, TokenRealm } from './access-token.ts'
import { ACCESS_TOKEN_LIFETIME_S, signAccessToken } from './access-token.ts'
import { readB2b } from './b2b.ts'
import type { ClientKeySource } from './client-assertion.ts'
import { authenticateClient } from './client-assertion.ts'
import type { Client, ClientStore } from './client.ts'
import type { Proof } from './dpop.ts'
import { ProofFault, readProof } from './dpop.ts'
import type { RefusalReason } from './oauth-refusal.ts'
import { OAuthRefusal, refusals } from './oauth-refusal.ts'
import { profiles } from './profiles.ts'
import { covers, parseScopes } from './scopes.ts'
import { publicHalf, readSigningKey } from './signing-key.ts'
import type { AskedScope } from './token-request.ts'
import { readTokenRequest } from './token-request.ts'

export interface TokenIssuerOptions extends TokenRealm {
  /** The absolute URL at which clients reach `token`. */
  readonly tokenUrl: string
  readonly signingKey: JWK
  readonly now: () => Date
  readonly newId: () => string
  readonly clients: ClientStore
  readonly keysOf: ClientKeySource
}

/** For the audit log: every issue and every refusal. It holds no text that a client wrote, but for references that were read. */
export type TokenAudit =
  | {
      readonly outcome: 'issued'
      readonly clientId: string
      readonly organizationId: string
      readonly tokenId: string
      readonly scopes: readonly string[]
      readonly purposeOfUse?: readonly string[]
      readonly consentReferences?: readonly string[]
    }
  | {
      readonly outcome: 'refused'
      readonly reason: RefusalReason
      readonly claimedClientId?: string
      /** Only where a token proved the client: then its organisation reads of it. */
      readonly organizationId?: string
    }

export interface TokenAnswer {
  readonly status: 200 | 400 | 401
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
  readonly audit: TokenAudit
}

export interface TokenIssuer {
  /** Answers a form, with the `DPoP` header if there was one and where it came from; throws only what the client store throws when it is away. */
  token(form: URLSearchParams, proof?: string, address?: string): Promise<TokenAnswer>
  /** The public half of the signing key. */
  jwks(): JSONWebKeySet
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.1: no cache may keep an answer. */
export const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

/** The token endpoint of SMART Backend Services, without HTTP. https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html */
export function createTokenIssuer({ signingKey, now, newId, ...options }: TokenIssuerOptions): TokenIssuer {
  const key = readSigningKey(signingKey)

  async function issue(
    form: URLSearchParams,
    dpop: string | undefined,
    address: string | undefined,
  ): Promise<TokenAnswer> {
    const { assertion, clientId, scopes } = readTokenRequest(form)
    const at = now()
    const { client, claims } = await authenticateClient(assertion, {
      ...options,
      now: at,
      address,
      expectedClientId: clientId,
    })
    const b2b = readB2b(claims.extensions, client, options.issuer)
    const granted = grant(scopes, client)
    const jkt = await bindingOf(client, dpop, options, at)
    const iat = Math.floor(at.getTime() / 1000)
    const exp = iat + ACCESS_TOKEN_LIFETIME_S
    const issued: AccessTokenClaims = {
      clientId: client.id,
      tokenId: newId(),
      scope: granted.join(' '),
      iat,
      exp,
      ...(jkt !== undefined && { jkt }),
      ...(b2b && { b2b }),
    }
    return {
      status: 200,
      headers: NO_STORE,
      body: {
        access_token: await signAccessToken(key, options, issued),
        token_type: profiles[client.profile].tokenType,
        expires_in: ACCESS_TOKEN_LIFETIME_S,
        scope: issued.scope,
      },
      audit: {
        outcome: 'issued',
        clientId: client.id,
        organizationId: client.organizationId,
        tokenId: issued.tokenId,
        scopes: granted,
        ...(b2b && { purposeOfUse: b2b.purposeOfUse, consentReferences: b2b.consentReferences }),
      },
    }
  }

  return {
    async token(form, dpop, address) {
      try {
        return await issue(form, dpop, address)
      } catch (error) {
        if (error instanceof OAuthRefusal) return { ...refusalAnswer(error), audit: refusalAudit(error) }
        throw error
      }
    },
    jwks: () => ({ keys: [publicHalf(key)] }),
  }
}

/** The key that the token will be bound to. https://www.rfc-editor.org/rfc/rfc9449#section-5 */
async function bindingOf(
  client: Client,
  dpop: string | undefined,
  { tokenUrl, clients }: Pick<TokenIssuerOptions, 'tokenUrl' | 'clients'>,
  now: Date,
): Promise<string | undefined> {
  if (profiles[client.profile].senderConstraint === 'none') {
    if (dpop === undefined) return undefined
    const text = 'found a `DPoP` header: your profile has bearer tokens, leave it out'
    throw new OAuthRefusal('proof-unsupported', text, client.id)
  }
  if (dpop === undefined) {
    const text = 'the `DPoP` header is missing: your profile binds tokens to a key, send a proof of it'
    throw new OAuthRefusal('proof-missing', text, client.id)
  }
  const proof = await provenBy(dpop, { method: 'POST', url: tokenUrl, now }, client)
  if (await clients.spendProof(proof.jkt, proof.jti, proof.expiresAt)) return proof.jkt
  const text = 'this DPoP proof was used before: make a new one, with a new `jti`, for every request'
  throw new OAuthRefusal('proof-replayed', text, client.id)
}

async function provenBy(
  dpop: string,
  expected: Parameters<typeof readProof>[1],
  { id }: Client,
): Promise<Proof> {
  try {
    return await readProof(dpop, expected)
  } catch (error) {
    if (error instanceof ProofFault) throw new OAuthRefusal('proof-invalid', error.message, id)
    throw error
  }
}

/** All that was asked for or nothing: a client that silently got less would find out in the middle of its work. */
function grant(asked: readonly AskedScope[], client: Client): readonly string[] {
  const registered = parseScopes(client.scopes)
  const beyond = asked.findIndex(({ scope }) => !covers(registered, scope))
  if (beyond !== -1) {
    const text = `scope number ${beyond + 1} is beyond the registration of this client: ask for less, or ask the operator to register it`
    throw new OAuthRefusal('scope-not-granted', text, client.id)
  }
  return [...new Set(asked.map(({ text }) => text))]
}

/** The same at every endpoint that clients authenticate at. */
export function refusalAnswer({ reason, description }: OAuthRefusal): Omit<TokenAnswer, 'audit'> {
  const { status, error } = refusals[reason]
  return { status, headers: NO_STORE, body: { error, error_description: description } }
}

export function refusalAudit({ reason, claimedClientId }: OAuthRefusal) {
  return {
    outcome: 'refused',
    reason,
    ...(claimedClientId === undefined ? {} : { claimedClientId }),
  } as const
}
