import type { JSONWebKeySet, JWK } from 'jose'
import type { TokenRealm } from './access-token.ts'
import { ACCESS_TOKEN_LIFETIME_S, signAccessToken } from './access-token.ts'
import { authenticateClient } from './client-assertion.ts'
import type { Client, ClientStore } from './client.ts'
import type { RefusalReason } from './oauth-refusal.ts'
import { OAuthRefusal, refusals } from './oauth-refusal.ts'
import { covers, parseScopes } from './scopes.ts'
import { publicHalf, readSigningKey } from './signing-key.ts'
import type { AskedScope } from './token-request.ts'
import { readTokenRequest } from './token-request.ts'

export interface TokenIssuerOptions extends TokenRealm {
  /** The absolute URL at which clients reach `token`; assertions must name it as their audience. */
  readonly tokenUrl: string
  readonly signingKey: JWK
  readonly now: () => Date
  readonly newId: () => string
  readonly clients: ClientStore
}

/** For the audit log: every issue and every refusal. It holds no text that a client wrote. */
export type TokenAudit =
  | {
      readonly outcome: 'issued'
      readonly clientId: string
      readonly organizationId: string
      readonly tokenId: string
      readonly scopes: readonly string[]
    }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly claimedClientId?: string }

export interface TokenAnswer {
  readonly status: 200 | 400 | 401
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
  readonly audit: TokenAudit
}

export interface TokenIssuer {
  /** Answers a form; throws only what the client store throws when it is away. */
  token(form: URLSearchParams): Promise<TokenAnswer>
  /** The public half of the signing key. */
  jwks(): JSONWebKeySet
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.1: no cache may keep an answer. */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

/** The token endpoint of SMART Backend Services, without HTTP. https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html */
export function createTokenIssuer({ signingKey, now, newId, ...options }: TokenIssuerOptions): TokenIssuer {
  const key = readSigningKey(signingKey)

  async function issue(form: URLSearchParams): Promise<TokenAnswer> {
    const { assertion, clientId, scopes } = readTokenRequest(form)
    const at = now()
    const client = await authenticateClient(assertion, { ...options, now: at, expectedClientId: clientId })
    const granted = grant(scopes, client)
    const tokenId = newId()
    const iat = Math.floor(at.getTime() / 1000)
    const exp = iat + ACCESS_TOKEN_LIFETIME_S
    const scope = granted.join(' ')
    const token = await signAccessToken(key, options, { clientId: client.id, tokenId, scope, iat, exp })
    return {
      status: 200,
      headers: NO_STORE,
      body: { access_token: token, token_type: 'bearer', expires_in: ACCESS_TOKEN_LIFETIME_S, scope },
      audit: {
        outcome: 'issued',
        clientId: client.id,
        organizationId: client.organizationId,
        tokenId,
        scopes: granted,
      },
    }
  }

  return {
    async token(form) {
      try {
        return await issue(form)
      } catch (error) {
        if (error instanceof OAuthRefusal) return refuse(error)
        throw error
      }
    },
    jwks: () => ({ keys: [publicHalf(key)] }),
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

function refuse({ reason, description, claimedClientId }: OAuthRefusal): TokenAnswer {
  const { status, error } = refusals[reason]
  return {
    status,
    headers: NO_STORE,
    body: { error, error_description: description },
    audit: { outcome: 'refused', reason, ...(claimedClientId === undefined ? {} : { claimedClientId }) },
  }
}
