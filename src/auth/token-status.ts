/**
 * What a client may ask about a token, and how it gives one back: https://www.rfc-editor.org/rfc/rfc7662 and
 * https://www.rfc-editor.org/rfc/rfc7009, without HTTP. A token that is unknown, another's, expired or revoked is one answer.
 */
import type { JSONWebKeySet } from 'jose'
import type { AccessTokenClaims, TokenRealm } from './access-token.ts'
import { createTokenReader, isCurrent, saidOf } from './access-token.ts'
import type { AssertionContext } from './client-assertion.ts'
import { authenticateClient } from './client-assertion.ts'
import type { Client } from './client.ts'
import type { RefusalReason } from './oauth-refusal.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import { profiles } from './profiles.ts'
import { NO_STORE, refusalAnswer, refusalAudit } from './token-endpoint.ts'
import { readTokenQuestion } from './token-request.ts'

export interface TokenStatusOptions
  extends TokenRealm, Omit<AssertionContext, 'now' | 'expectedClientId' | 'issuer' | 'address'> {
  /** The issuer's public keys. */
  readonly keys: JSONWebKeySet
  readonly now: () => Date
}

export type StatusAudit =
  | { readonly outcome: 'answered'; readonly clientId: string; readonly organizationId: string }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly claimedClientId?: string }

export interface StatusAnswer {
  readonly status: 200 | 400 | 401
  readonly headers: Readonly<Record<string, string>>
  /** None where it was revoked: the status says all. */
  readonly body?: object
  readonly audit: StatusAudit
  /** What must be stored, with the audit row, before the answer is given. */
  readonly revoked?: { readonly clientId: string; readonly tokenId: string; readonly expiresAt: Date }
}

export interface TokenStatus {
  /** With where the request came from. */
  introspect(form: URLSearchParams, address?: string): Promise<StatusAnswer>
  revoke(form: URLSearchParams, address?: string): Promise<StatusAnswer>
}

export function createTokenStatus({ keys, now, ...options }: TokenStatusOptions): TokenStatus {
  const readToken = createTokenReader(keys, options)

  async function authenticated(
    form: URLSearchParams,
    address: string | undefined,
  ): Promise<{ asker: Client; token: string; at: Date }> {
    const { assertion, clientId, token } = readTokenQuestion(form)
    const at = now()
    const context = { ...options, now: at, expectedClientId: clientId, address }
    return { asker: (await authenticateClient(assertion, context)).client, token, at }
  }

  /** INVARIANT: read from the database now, not from a memory: a token that was given back is inactive at once. */
  async function activeToken(
    token: string,
    at: Date,
  ): Promise<{ claims: AccessTokenClaims; owner: Client } | undefined> {
    const claims = await readToken(token)
    if (claims === undefined || !isCurrent(claims, at)) return undefined
    const owner = await options.clients.findClient(claims.clientId)
    if (owner === undefined || owner.disabled || owner.tokenIssuer !== undefined) return undefined
    return owner.revokedTokens?.includes(claims.tokenId) === true ? undefined : { claims, owner }
  }

  async function introspect(form: URLSearchParams, address?: string): Promise<StatusAnswer> {
    const { asker, token, at } = await authenticated(form, address)
    const found = await activeToken(token, at)
    const body = found !== undefined && mayAsk(asker, found.owner) ? described(found) : { active: false }
    return { status: 200, headers: NO_STORE, body, audit: answered(asker) }

    function described({ claims, owner }: { claims: AccessTokenClaims; owner: Client }): object {
      const { issuer, audience } = options
      const { clientId, tokenId, scope, iat, exp } = claims
      return {
        active: true,
        scope,
        client_id: clientId,
        token_type: profiles[owner.profile].tokenType,
        iss: issuer,
        sub: clientId,
        aud: audience,
        jti: tokenId,
        iat,
        exp,
        ...saidOf(claims),
      }
    }
  }

  /** "The authorization server responds with HTTP status code 200", also for a token that it does not know (section 2.2). */
  async function revoke(form: URLSearchParams, address?: string): Promise<StatusAnswer> {
    const { asker, token, at } = await authenticated(form, address)
    const found = await activeToken(token, at)
    const answer = { status: 200, headers: NO_STORE, audit: answered(asker) } as const
    if (found?.owner.id !== asker.id) return answer
    const { tokenId, exp } = found.claims
    return { ...answer, revoked: { clientId: asker.id, tokenId, expiresAt: new Date(exp * 1000) } }
  }

  return { introspect: refusing(introspect), revoke: refusing(revoke) }
}

/** Its own tokens; all of them for who is registered as a resource server and belongs to the oversight. */
function mayAsk(asker: Client, owner: Client): boolean {
  return asker.id === owner.id || (asker.resourceServer === true && asker.sector === 'oversight')
}

function answered({ id, organizationId }: Client): StatusAudit {
  return { outcome: 'answered', clientId: id, organizationId }
}

function refusing(answer: TokenStatus['introspect']): TokenStatus['introspect'] {
  return async (form, address) => {
    try {
      return await answer(form, address)
    } catch (error) {
      if (error instanceof OAuthRefusal) return { ...refusalAnswer(error), audit: refusalAudit(error) }
      throw error
    }
  }
}
