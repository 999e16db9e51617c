/**
 * What every assertion must be, whoever signed it: all that can be said without a key and without the registration.
 * `jose` verifies signatures and leaves this to its caller: without it an assertion is accepted without `exp`, with several
 * audiences, or used before. What a client's profile asks beyond it: `assertion-profile.ts`.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { AssertionAlgorithm } from './algorithms.ts'
import { assertionAlgorithms, isAssertionAlgorithm } from './algorithms.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import { assertionTypes } from './profiles.ts'
import { KID } from './public-key.ts'

/** What an assertion claims, before anything is proven. */
export interface AssertionClaims {
  readonly alg: AssertionAlgorithm
  readonly kid: string
  readonly typ: (typeof assertionTypes)[number] | undefined
  /** Where it says that its key is: counts only when it is where the client is registered with. */
  readonly jku: unknown
  readonly clientId: string
  readonly jti: string
  /** The URL of the token endpoint, or our issuer. */
  readonly aud: string
  /** Seconds since 1970. */
  readonly exp: number
  readonly iat: number | undefined
  readonly nbf: number | undefined
  readonly extensions: unknown
}

/** Whom an assertion may be for: which of the two, its profile says. */
export interface AssertionAudiences {
  readonly tokenUrl: string
  readonly issuer: string
}

/** Two clocks may differ by this much, in seconds; the whole tolerance of every check here. */
export const CLOCK_TOLERANCE_S = 5
/** Of the profile that allows most: "no more than five minutes in the future". */
const MAX_LIFETIME_S = 300
/** A real assertion has under 1 kB; a longer one is refused before it is decoded. */
const MAX_ASSERTION_CHARS = 8192
/** Header members that bring or point to a key. Keys come from the registration alone. */
const FOREIGN_KEY_SOURCES = ['jwk', 'x5u', 'x5c'] as const
/** Visible ASCII: what goes on to the database has no control character and no lone surrogate. */
export const VISIBLE = /^[\x21-\x7e]{1,255}$/

export function readAssertion(assertion: string, audiences: AssertionAudiences, now: Date): AssertionClaims {
  const { header, claims } = decode(assertion)
  return {
    ...readHeader(header),
    ...readParties(claims, audiences),
    ...readLifetime(claims, now),
    extensions: claims['extensions'],
  }
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

function readHeader(header: Members): Pick<AssertionClaims, 'alg' | 'kid' | 'typ' | 'jku'> {
  const { alg, kid, jku } = header
  if (!isAssertionAlgorithm(alg)) {
    const names = assertionAlgorithms.join('`, `')
    throw new OAuthRefusal(
      'assertion-algorithm',
      `the header's \`alg\` is none of those that are read, \`${names}\`: sign with one that your client is registered with`,
    )
  }
  const typ = assertionTypes.find((each) => each === header['typ'])
  if (typ === undefined && header['typ'] !== undefined) {
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
  return { alg, kid, typ, jku }
}

function readParties(
  claims: Members,
  { tokenUrl, issuer }: AssertionAudiences,
): Pick<AssertionClaims, 'clientId' | 'jti' | 'aud'> {
  const { iss, sub, aud, jti } = claims
  if (typeof iss !== 'string' || iss !== sub || !VISIBLE.test(iss)) {
    throw new OAuthRefusal('assertion-issuer', '`iss` and `sub` must both be your client id')
  }
  // Exactly one string: in a list, an assertion made for another server could name this one too.
  if (typeof aud !== 'string' || (aud !== tokenUrl && aud !== issuer)) {
    const text =
      '`aud` must be one string: the URL of the token endpoint, or our issuer where your profile asks for it'
    throw new OAuthRefusal('assertion-audience', text)
  }
  if (typeof jti !== 'string' || !VISIBLE.test(jti)) {
    const text = '`jti` is missing or unusable: send 1 to 255 visible ASCII characters, new for every request'
    throw new OAuthRefusal('assertion-jti', text)
  }
  return { clientId: iss, jti, aud }
}

function readLifetime(claims: Members, now: Date): Pick<AssertionClaims, 'exp' | 'iat' | 'nbf'> {
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
  // Not every profile asks for iat; who sends it is held to it. With exp > now this also bounds its age.
  if (iat !== undefined && (typeof iat !== 'number' || iat > nowS + CLOCK_TOLERANCE_S)) {
    throw lifetime('`iat` is no number or in the future: set it to the current time or leave it out')
  }
  if (typeof iat === 'number' && (exp <= iat || exp - iat > MAX_LIFETIME_S)) {
    throw lifetime(`\`exp\` is not 1 to ${MAX_LIFETIME_S} s after \`iat\`: set it so`)
  }
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > nowS + CLOCK_TOLERANCE_S)) {
    throw lifetime('`nbf` is no number or in the future: set it to the current time or leave it out')
  }
  return { exp, iat, nbf }
}

function lifetime(description: string): OAuthRefusal {
  return new OAuthRefusal('assertion-lifetime', description)
}
