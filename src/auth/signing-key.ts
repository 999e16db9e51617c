import { createHash } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'jose'

/** The gateway's own key for access tokens: EC P-256, because it is verified on requests and ES384 costs three times as much. */
export const ACCESS_TOKEN_ALGORITHM = 'ES256'

/** A new key; every gateway of one installation needs the same. */
export async function createSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ACCESS_TOKEN_ALGORITHM, { extractable: true })
  return exportJWK(privateKey)
}

/** A private key that was checked, with the id that its public half is published under. */
export interface SigningKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly d: string
  readonly alg: typeof ACCESS_TOKEN_ALGORITHM
  readonly kid: string
}

/** Refuses at start what would fail at the first token. */
export function readSigningKey({ kty, crv, x, y, d }: JWK): SigningKey {
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined || d === undefined) {
    throw new Error('the signing key is no private EC key on P-256: make one with `createSigningKey()`')
  }
  // https://www.rfc-editor.org/rfc/rfc7638: the required members in alphabetical order, without spaces.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { kty: 'EC', crv, x, y, d, alg: ACCESS_TOKEN_ALGORITHM, kid }
}

/** Built from the public members, not by taking the private one away. */
export function publicHalf({ kty, crv, x, y, alg, kid }: SigningKey): JWK {
  return { kty, crv, x, y, alg, use: 'sig', kid }
}
