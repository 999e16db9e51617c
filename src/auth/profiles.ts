/**
 * Whose rules a client's assertions and tokens follow: SMART, UDAP and HelseID disagree about audience, algorithms,
 * lifetime and kind of token, so the rules are data, chosen by the registration and never by a request.
 *
 * smart: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
 * udap: https://hl7.org/fhir/us/udap-security/b2b.html
 * helseid: https://openid.net/specs/fapi-security-profile-2_0.html with https://www.rfc-editor.org/rfc/rfc9449
 */
import type { AssertionAlgorithm } from './algorithms.ts'

export const profileNames = ['smart', 'udap', 'helseid'] as const
export type ProfileName = (typeof profileNames)[number]

/** https://datatracker.ietf.org/doc/draft-ietf-oauth-rfc7523bis/ gave assertions a type of their own; HelseID asks for it. */
export const assertionTypes = ['JWT', 'client-authentication+jwt'] as const
type AssertionType = (typeof assertionTypes)[number]

export interface ClientProfile {
  readonly algorithms: readonly AssertionAlgorithm[]
  /** Only where the registration names them too. */
  readonly registrable: readonly AssertionAlgorithm[]
  /** What the header's `typ` may be; undefined where it may be left out. */
  readonly types: readonly (AssertionType | undefined)[]
  /** The one string that `aud` must be. */
  readonly audience: 'token-url' | 'issuer'
  /** From now to `exp`, and from `iat` to `exp`. */
  readonly lifetimeS: number
  /** Claims that must be there; whoever sends one that need not is held to it. */
  readonly required: readonly ('iat' | 'nbf')[]
  readonly tokenType: 'bearer' | 'Bearer' | 'DPoP'
  /** `dpop`: a proof at the token endpoint and at each request; `none`: a proof is refused, never ignored. */
  readonly senderConstraint: 'none' | 'dpop'
  /** Whether `extensions.hl7-b2b` says for whom and why. */
  readonly b2b: 'required' | 'refused'
}

export const profiles: Readonly<Record<ProfileName, ClientProfile>> = {
  smart: {
    algorithms: ['ES384', 'RS384'],
    registrable: ['ES256', 'RS256', 'PS256'],
    types: ['JWT', undefined],
    audience: 'token-url',
    lifetimeS: 300,
    required: [],
    // In small letters, as SMART's own examples have it.
    tokenType: 'bearer',
    senderConstraint: 'none',
    b2b: 'refused',
  },
  udap: {
    // RS256 every UDAP server must take.
    algorithms: ['RS256', 'ES384', 'RS384', 'ES256'],
    registrable: ['PS256'],
    types: ['JWT', undefined],
    audience: 'token-url',
    lifetimeS: 300,
    required: ['iat'],
    tokenType: 'Bearer',
    senderConstraint: 'none',
    b2b: 'required',
  },
  helseid: {
    // FAPI 2.0 has no RSA with PKCS #1 v1.5; HelseID's own clients sign with it, so a registration may name it.
    algorithms: ['PS256', 'ES256', 'ES384'],
    registrable: ['RS256', 'RS384'],
    types: ['client-authentication+jwt', 'JWT'],
    audience: 'issuer',
    lifetimeS: 60,
    required: ['iat', 'nbf'],
    tokenType: 'DPoP',
    senderConstraint: 'dpop',
    b2b: 'refused',
  },
}

interface Registered {
  readonly profile: ProfileName
  readonly assertionAlgorithms?: readonly AssertionAlgorithm[]
}

/** What a client may sign with: what its profile has, and what its registration adds within the profile. */
export function algorithmsOf({
  profile,
  assertionAlgorithms = [],
}: Registered): readonly AssertionAlgorithm[] {
  const { algorithms, registrable } = profiles[profile]
  return [...algorithms, ...registrable.filter((alg) => assertionAlgorithms.includes(alg))]
}
