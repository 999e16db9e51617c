/**
 * What a client's profile asks of an assertion beyond `assertion-policy.ts`. It is told only to who proved to hold the
 * client's key: to anybody else it would tell which profile a client has, and that there is one.
 */
import type { AssertionAudiences, AssertionClaims } from './assertion-policy.ts'
import { CLOCK_TOLERANCE_S } from './assertion-policy.ts'
import type { Client } from './client.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import { profiles } from './profiles.ts'

export function holdToProfile(
  claims: AssertionClaims,
  client: Client,
  audiences: AssertionAudiences,
  now: Date,
): void {
  const { types, audience, lifetimeS, required } = profiles[client.profile]
  if (!types.includes(claims.typ)) {
    const text = `the header's \`typ\` is not what your profile asks for: set it to \`${types[0] ?? ''}\``
    throw new OAuthRefusal('assertion-header', text, client.id)
  }
  // https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html: the registered URL or none.
  if (claims.jku !== undefined && (client.jwksUrl === undefined || claims.jku !== client.jwksUrl)) {
    const text =
      "the header's `jku` is not the URL that your client is registered with: send that or leave it out"
    throw new OAuthRefusal('assertion-header', text, client.id)
  }
  const expected = audience === 'issuer' ? audiences.issuer : audiences.tokenUrl
  if (claims.aud !== expected) {
    const text = `\`aud\` is not what your profile asks for: send \`${expected}\``
    throw new OAuthRefusal('assertion-audience', text, client.id)
  }
  const missing = required.find((name) => claims[name] === undefined)
  if (missing !== undefined) {
    throw new OAuthRefusal(
      'assertion-lifetime',
      `\`${missing}\` is missing: your profile asks for it`,
      client.id,
    )
  }
  const { exp, iat } = claims
  const tooLate = exp > now.getTime() / 1000 + lifetimeS + CLOCK_TOLERANCE_S
  if (tooLate || (iat !== undefined && exp - iat > lifetimeS)) {
    const text = `\`exp\` is too far ahead: your profile allows ${lifetimeS} s`
    throw new OAuthRefusal('assertion-lifetime', text, client.id)
  }
}
