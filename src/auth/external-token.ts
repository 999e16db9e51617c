/**
 * An access token of an issuer that the operator trusts, read as strictly as our own. https://www.rfc-editor.org/rfc/rfc9068#section-4
 * Time is left to `isCurrent`, the client and its registration to `requester.ts`.
 */
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose'
import type { AccessTokenClaims } from './access-token.ts'
import { readBinding } from './access-token.ts'
import { VISIBLE } from './assertion-policy.ts'
import { isAssertionAlgorithm } from './algorithms.ts'
import { findClientKey } from './client-keys.ts'
import type { PublishedKeysOptions } from './published-keys.ts'
import { createPublishedKeys, usableKeys } from './published-keys.ts'
import { isRecord } from './public-key.ts'
import type { TrustedIssuer } from './trusted-issuers.ts'

export function createExternalReader(
  issuers: readonly TrustedIssuer[],
  { fetchJson, now }: PublishedKeysOptions,
): (token: string) => Promise<AccessTokenClaims | undefined> {
  const byName = new Map(issuers.map((each) => [each.issuer, each]))
  // By the issuer's name: discovery and keys are one fetch to its memory, with one bound on both.
  const published = createPublishedKeys({
    fetchJson: async (name) => fetchJson(await keysUrlOf(byName.get(name), fetchJson)),
    now,
  })

  return async (token) => {
    try {
      // Unverified: it chooses whose keys are asked, and is claimed by nobody else's.
      const trusted = byName.get(decodeJwt(token).iss ?? '')
      if (trusted === undefined) return undefined
      const { alg, kid, typ } = decodeProtectedHeader(token)
      if (!isAssertionAlgorithm(alg) || !trusted.algorithms.includes(alg)) return undefined
      if (typeof typ !== 'string' || !trusted.types.includes(typ) || typeof kid !== 'string') return undefined
      const keys = await published.at(trusted.issuer, kid)
      const key = keys && findClientKey(usableKeys(keys, trusted.algorithms), kid, alg)
      if (key === undefined) return undefined
      const { payload } = await compactVerify(token, key, { algorithms: [alg] })
      return readClaims(JSON.parse(new TextDecoder().decode(payload)), trusted)
    } catch {
      return undefined
    }
  }
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigValidation: it must say that it is the issuer. */
async function keysUrlOf(
  trusted: TrustedIssuer | undefined,
  fetchJson: PublishedKeysOptions['fetchJson'],
): Promise<string> {
  if (trusted?.jwksUrl !== undefined) return trusted.jwksUrl
  const name = trusted?.issuer ?? ''
  const document = await fetchJson(`${name.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const { issuer, jwks_uri: url } = isRecord(document) ? document : {}
  if (issuer !== name || typeof url !== 'string')
    throw new Error('the discovery document is not of this issuer')
  return url
}

function readClaims(payload: unknown, trusted: TrustedIssuer): AccessTokenClaims | undefined {
  if (!isRecord(payload)) return undefined
  const { iss, aud, jti, exp, iat, nbf, cnf } = payload
  // One audience, as in our own: a token for two is good for whoever of them passes it on.
  const sole: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud
  if (iss !== trusted.issuer || sole !== trusted.audience) return undefined
  const clientId = payload[trusted.clientIdClaim]
  const scope = readScope(payload[trusted.scopeClaim], trusted)
  const jkt = readBinding(cnf)
  if (typeof clientId !== 'string' || !VISIBLE.test(clientId) || scope === undefined) return undefined
  if (typeof jti !== 'string' || !VISIBLE.test(jti) || jkt === 'unreadable') return undefined
  if (trusted.dpop && jkt === undefined) return undefined
  const start = nbf ?? iat
  if (typeof exp !== 'number' || typeof iat !== 'number' || typeof start !== 'number') return undefined
  if (exp <= iat || exp - iat > trusted.maxLifetimeS) return undefined
  const from = Math.max(iat, start)
  return { clientId, tokenId: jti, scope, iat: from, exp, issuer: iss, ...(jkt !== undefined && { jkt }) }
}

/** One text, or a list as IdentityServer and HelseID write it, in our words. */
function readScope(value: unknown, { scopes }: TrustedIssuer): string | undefined {
  const texts: unknown = typeof value === 'string' ? value.split(' ') : value
  if (!Array.isArray(texts)) return undefined
  const given = texts.filter((each) => typeof each === 'string')
  if (given.length < texts.length) return undefined
  return (scopes === undefined ? given : given.flatMap((each) => scopes.get(each) ?? [])).join(' ')
}
