import { decodeJwt, decodeProtectedHeader } from 'jose'
import { OAuthRefusal } from './oauth-refusal.ts'
import type { AssertionAlgorithm } from './public-key.ts'
import { KID, assertionKeyTypes } from './public-key.ts'

/** What an assertion claims, before anything is proven. */
export interface AssertionClaims {
  readonly alg: AssertionAlgorithm
  readonly kid: string
  readonly clientId: string
  readonly jti: string
  /** Seconds since 1970. */
  readonly exp: number
}

/** Two clocks may differ by this much, in seconds; the whole tolerance of every check here. */
export const CLOCK_TOLERANCE_S = 5
/** "No more than five minutes in the future." https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html#authentication-jwt-claims */
const MAX_LIFETIME_S = 300
/** A real assertion has under 1 kB; a longer one is refused before it is decoded. */
const MAX_ASSERTION_CHARS = 8192
/** Header members that bring or point to a key. Keys come from the registration alone. */
const FOREIGN_KEY_SOURCES = ['jku', 'jwk', 'x5u', 'x5c'] as const
/** Visible ASCII: what goes on to the database has no control character and no lone surrogate. */
const VISIBLE = /^[\x21-\x7e]{1,255}$/

/**
 * SMART's rules on header and claims, all that can be said without a key. `jose` verifies signatures and leaves these
 * to its caller: without them it accepts an assertion without `exp`, with several audiences, or used before.
 */
export function readAssertion(assertion: string, tokenUrl: string, now: Date): AssertionClaims {
  const { header, claims } = decode(assertion)
  return { ...readHeader(header), ...readParties(claims, tokenUrl), ...readLifetime(claims, now) }
}

type Members = Readonly<Record<string, unknown>>

function decode(assertion: string): { header: Members; claims: Members } {
  const text =
    '`client_assertion` is not a signed JWT in compact form: send three base64url parts, joined by `.`'
  if (assertion.length > MAX_ASSERTION_CHARS) {
    throw new OAuthRefusal('assertion-unreadable', text)
  }
  try {
    return { header: { ...decodeProtectedHeader(assertion) }, claims: { ...decodeJwt(assertion) } }
  } catch {
    throw new OAuthRefusal('assertion-unreadable', text)
  }
}

function readHeader(header: Members): Pick<AssertionClaims, 'alg' | 'kid'> {
  const { alg, kid, typ } = header
  if (alg !== 'RS384' && alg !== 'ES384') {
    const names = Object.keys(assertionKeyTypes).join('` or `')
    throw new OAuthRefusal(
      'assertion-algorithm',
      `the header's \`alg\` is not accepted: sign with \`${names}\``,
    )
  }
  if (typ !== undefined && typ !== 'JWT') {
    throw new OAuthRefusal('assertion-header', "the header's `typ` is not `JWT`: set it so or leave it out")
  }
  const source = FOREIGN_KEY_SOURCES.find((member) => member in header)
  if (source !== undefined) {
    const text = `the header has \`${source}\`: leave it out, since only the keys of your registration count`
    throw new OAuthRefusal('assertion-header', text)
  }
  if ('crit' in header) {
    throw new OAuthRefusal(
      'assertion-header',
      'the header has `crit`: leave it out, since no extension is supported',
    )
  }
  if (typeof kid !== 'string' || !KID.test(kid)) {
    const text = "the header's `kid` is missing or unusable: send the `kid` of your registered key"
    throw new OAuthRefusal('assertion-kid', text)
  }
  return { alg, kid }
}

function readParties(claims: Members, tokenUrl: string): Pick<AssertionClaims, 'clientId' | 'jti'> {
  const { iss, sub, aud, jti } = claims
  if (typeof iss !== 'string' || iss !== sub || !VISIBLE.test(iss)) {
    throw new OAuthRefusal('assertion-issuer', '`iss` and `sub` must both be your client id')
  }
  // Exactly one string: in a list, an assertion made for another server could name this one too.
  if (aud !== tokenUrl) {
    throw new OAuthRefusal('assertion-audience', '`aud` must be one string, the URL of this token endpoint')
  }
  if (typeof jti !== 'string' || !VISIBLE.test(jti)) {
    const text = '`jti` is missing or unusable: send 1 to 255 visible ASCII characters, new for every request'
    throw new OAuthRefusal('assertion-jti', text)
  }
  return { clientId: iss, jti }
}

function readLifetime(claims: Members, now: Date): Pick<AssertionClaims, 'exp'> {
  const { exp, iat, nbf } = claims
  const nowS = now.getTime() / 1000
  if (typeof exp !== 'number') {
    throw lifetime(`\`exp\` is missing or no number: set it at most ${MAX_LIFETIME_S} s ahead`)
  }
  if (exp <= nowS - CLOCK_TOLERANCE_S) {
    throw lifetime('`exp` is past: make a new assertion for every request and check your clock')
  }
  if (exp > nowS + MAX_LIFETIME_S + CLOCK_TOLERANCE_S) {
    throw lifetime(`\`exp\` is too far ahead: set it at most ${MAX_LIFETIME_S} s ahead and check your clock`)
  }
  // SMART does not ask for iat; who sends it is held to it. With exp > now this also bounds its age.
  if (iat !== undefined && (typeof iat !== 'number' || iat > nowS + CLOCK_TOLERANCE_S)) {
    throw lifetime('`iat` is no number or in the future: set it to the current time or leave it out')
  }
  if (typeof iat === 'number' && (exp <= iat || exp - iat > MAX_LIFETIME_S)) {
    throw lifetime(`\`exp\` is not 1 to ${MAX_LIFETIME_S} s after \`iat\`: set it so`)
  }
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > nowS + CLOCK_TOLERANCE_S)) {
    throw lifetime('`nbf` is no number or in the future: set it to the current time or leave it out')
  }
  return { exp }
}

function lifetime(description: string): OAuthRefusal {
  return new OAuthRefusal('assertion-lifetime', description)
}
