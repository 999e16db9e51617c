import type { JSONWebKeySet } from 'jose'
import { SignJWT, compactVerify, createLocalJWKSet } from 'jose'
import { CLOCK_TOLERANCE_S } from './assertion-policy.ts'
import { isRecord } from './public-key.ts'
import type { SigningKey } from './signing-key.ts'
import { ACCESS_TOKEN_ALGORITHM } from './signing-key.ts'

/** "SHOULD NOT exceed 300." https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html#issue-access-token */
export const ACCESS_TOKEN_LIFETIME_S = 300
/** What a token says. All else about a client is read from its registration, where a change takes effect. */
export interface AccessTokenClaims {
  readonly clientId: string
  readonly tokenId: string
  /** The granted scopes, separated by spaces. */
  readonly scope: string
  /** Seconds since 1970, as `exp`. */
  readonly iat: number
  readonly exp: number
}

/** Who issues the tokens, and the FHIR base URL that they are for. */
export interface TokenRealm {
  readonly issuer: string
  readonly audience: string
}

/** https://www.rfc-editor.org/rfc/rfc9068#section-2 */
export async function signAccessToken(
  key: SigningKey,
  realm: TokenRealm,
  claims: AccessTokenClaims,
): Promise<string> {
  return new SignJWT({ client_id: claims.clientId, scope: claims.scope })
    .setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.kid })
    .setIssuer(realm.issuer)
    .setAudience(realm.audience)
    .setSubject(claims.clientId)
    .setJti(claims.tokenId)
    .setIssuedAt(claims.iat)
    .setExpirationTime(claims.exp)
    .sign(key)
}

/**
 * A check of all that time does not change: signature, `typ`, issuer, audience and shape. It answers undefined when one
 * fails. Time is left to `isCurrent`, so that a result may be remembered. https://www.rfc-editor.org/rfc/rfc9068#section-4
 */
export function createTokenReader(
  keys: JSONWebKeySet,
  realm: TokenRealm,
): (token: string) => Promise<AccessTokenClaims | undefined> {
  const keySet = createLocalJWKSet(keys)
  return async (token) => {
    try {
      const { payload, protectedHeader } = await compactVerify(token, keySet, {
        algorithms: [ACCESS_TOKEN_ALGORITHM],
      })
      // Another kind of JWT, signed by the same key, is no access token (RFC 8725, section 3.11).
      if (protectedHeader.typ !== 'at+jwt') return undefined
      return readClaims(JSON.parse(new TextDecoder().decode(payload)), realm)
    } catch {
      return undefined
    }
  }
}

/** Our own tokens get no tolerance at their end; at their start another gateway's clock may be ahead. */
export function isCurrent({ iat, exp }: AccessTokenClaims, now: Date): boolean {
  const nowS = now.getTime() / 1000
  return nowS < exp && iat <= nowS + CLOCK_TOLERANCE_S
}

function readClaims(payload: unknown, realm: TokenRealm): AccessTokenClaims | undefined {
  if (!isRecord(payload)) return undefined
  const { iss, aud, sub, client_id: clientId, jti: tokenId, scope, iat, exp } = payload
  if (iss !== realm.issuer || aud !== realm.audience || sub !== clientId) return undefined
  if (typeof clientId !== 'string' || typeof tokenId !== 'string' || typeof scope !== 'string')
    return undefined
  if (typeof iat !== 'number' || typeof exp !== 'number' || exp - iat > ACCESS_TOKEN_LIFETIME_S)
    return undefined
  return { clientId, tokenId, scope, iat, exp }
}
