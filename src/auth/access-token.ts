import type { JSONWebKeySet } from 'jose'
import { SignJWT, compactVerify, createLocalJWKSet } from 'jose'
import { CLOCK_TOLERANCE_S } from './assertion-policy.ts'
import type { B2b } from './b2b.ts'
import { B2B } from './b2b.ts'
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
  /** The key that it is bound to: it is good only with a proof of that key (RFC 9449). */
  readonly jkt?: string
  /** For whom and why, as the assertion said. */
  readonly b2b?: B2b
  /** The external issuer that it is from; absent in our own. */
  readonly issuer?: string
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
  return new SignJWT({
    client_id: claims.clientId,
    scope: claims.scope,
    ...saidOf(claims),
    ...purpose(claims),
  })
    .setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.kid })
    .setIssuer(realm.issuer)
    .setAudience(realm.audience)
    .setSubject(claims.clientId)
    .setJti(claims.tokenId)
    .setIssuedAt(claims.iat)
    .setExpirationTime(claims.exp)
    .sign(key)
}

/** What a token says beside who and what: the key that it is bound to (RFC 9449, section 6.1), for whom and why. */
export function saidOf(claims: AccessTokenClaims): object {
  return { ...(claims.jkt !== undefined && { cnf: { jkt: claims.jkt } }), ...purpose(claims) }
}

/** In the words of the assertion, but for the purposes, which were read. */
function purpose({ b2b }: AccessTokenClaims): object {
  if (b2b === undefined) return {}
  const { organizationId, purposeOfUse, consentReferences } = b2b
  const said = {
    version: '1',
    organization_id: organizationId,
    purpose_of_use: purposeOfUse,
    ...(consentReferences.length > 0 && { consent_reference: consentReferences }),
  }
  return { extensions: { [B2B]: said } }
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
  const jkt = readBinding(payload['cnf'])
  const b2b = readPurpose(payload['extensions'])
  if (jkt === 'unreadable' || b2b === 'unreadable') return undefined
  return { clientId, tokenId, scope, iat, exp, ...(jkt && { jkt }), ...(b2b && { b2b }) }
}

/** INVARIANT: a token that is bound in a way that we cannot check is no token. */
export function readBinding(cnf: unknown): string | undefined {
  if (cnf === undefined) return undefined
  if (!isRecord(cnf) || Object.keys(cnf).length !== 1) return 'unreadable'
  const { jkt } = cnf
  return typeof jkt === 'string' && /^[\w-]{43}$/.test(jkt) ? jkt : 'unreadable'
}

/** Signed by us, so its form is ours; one that is not, limits nothing that we know of, and is no token. */
function readPurpose(extensions: unknown): B2b | undefined | 'unreadable' {
  if (extensions === undefined) return undefined
  const said = isRecord(extensions) ? extensions[B2B] : undefined
  if (!isRecord(said)) return 'unreadable'
  const { organization_id: organizationId, purpose_of_use: purposeOfUse, consent_reference: sent } = said
  const consentReferences = sent ?? []
  if (typeof organizationId !== 'string' || !isTexts(purposeOfUse) || !isTexts(consentReferences))
    return 'unreadable'
  return { organizationId, purposeOfUse, consentReferences }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
