/**
 * The signature algorithms of client assertions and DPoP proofs, each tied to one type of key so that none can pass for
 * another. Never `none`, never a shared secret. https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
export const assertionKeyTypes = {
  RS384: { kty: 'RSA' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES256: { kty: 'EC', crv: 'P-256' },
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
} as const satisfies Record<string, { kty: 'RSA' } | { kty: 'EC'; crv: 'P-256' | 'P-384' }>

export type AssertionAlgorithm = keyof typeof assertionKeyTypes

export const assertionAlgorithms = Object.keys(assertionKeyTypes).filter(isAssertionAlgorithm)

export function isAssertionAlgorithm(value: unknown): value is AssertionAlgorithm {
  return typeof value === 'string' && Object.hasOwn(assertionKeyTypes, value)
}
