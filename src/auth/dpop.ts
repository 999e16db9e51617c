/**
 * A DPoP proof: that whoever sends a request holds the key that its token is bound to.
 * https://www.rfc-editor.org/rfc/rfc9449#section-4.3. That it is new is for its reader to ask the database.
 */
import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, compactVerify, decodeJwt, decodeProtectedHeader } from 'jose'
import type { JWK } from 'jose'
import { isAssertionAlgorithm } from './algorithms.ts'
import { CLOCK_TOLERANCE_S, VISIBLE } from './assertion-policy.ts'
import { profiles } from './profiles.ts'
import { fitsKey, hasSecret, isRecord, readMaterial } from './public-key.ts'

/** What proofs may be signed with: by anybody's key, so no more than the profile that asks for them. */
export const proofAlgorithms = profiles.helseid.algorithms

/** A proof is made for one request: older than this it was kept. */
export const PROOF_AGE_S = 30
/** A real proof has under 1 kB; with an RSA key 1.5. */
const MAX_PROOF_CHARS = 4096

export interface ProofExpectation {
  readonly method: string
  /** Of the request, without query. */
  readonly url: string
  /** The token that it goes with; none at the token endpoint. */
  readonly accessToken?: string
  readonly now: Date
}

export interface Proof {
  /** RFC 7638 thumbprint of its key. */
  readonly jkt: string
  readonly jti: string
  /** The end of its record: outlives the proof by twice the tolerance. */
  readonly expiresAt: Date
}

/** Why a proof proves nothing; the text is for the client and holds nothing that it sent. */
export class ProofFault extends Error {
  override readonly name = 'ProofFault'
}

/** @throws ProofFault */
export async function readProof(proof: string, expected: ProofExpectation): Promise<Proof> {
  const { header, claims } = decode(proof)
  const { alg, key } = readKey(header)
  const { jti, iat } = readClaims(claims, expected)
  try {
    await compactVerify(proof, key, { algorithms: [alg] })
  } catch {
    throw new ProofFault('the signature of the DPoP proof is not of the key in its `jwk`')
  }
  const expiresAt = new Date((iat + PROOF_AGE_S + 2 * CLOCK_TOLERANCE_S) * 1000)
  return { jkt: await calculateJwkThumbprint(key), jti, expiresAt }
}

type Members = Readonly<Record<string, unknown>>

function decode(proof: string): { header: Members; claims: Members } {
  const text = 'the `DPoP` header is not one signed JWT in compact form'
  if (proof.length > MAX_PROOF_CHARS) throw new ProofFault(text)
  try {
    return { header: { ...decodeProtectedHeader(proof) }, claims: { ...decodeJwt(proof) } }
  } catch {
    throw new ProofFault(text)
  }
}

function readKey(header: Members): { alg: string; key: JWK } {
  const { alg, typ, jwk } = header
  // An assertion or an access token is no proof (RFC 8725, section 3.11).
  if (typ !== 'dpop+jwt') throw new ProofFault("the proof's `typ` is not `dpop+jwt`")
  if (!isAssertionAlgorithm(alg) || !proofAlgorithms.includes(alg)) {
    throw new ProofFault(`the proof's \`alg\` is not accepted: sign with \`${proofAlgorithms.join('`, `')}\``)
  }
  if ('crit' in header) throw new ProofFault('the proof has `crit`: leave it out')
  if (!isRecord(jwk) || hasSecret(jwk)) {
    throw new ProofFault("the proof's `jwk` is missing, or holds a secret part: send the public key alone")
  }
  const key = readMaterial(jwk)
  if (key === undefined || !fitsKey(key, alg)) {
    throw new ProofFault("the proof's `jwk` is not a key for its `alg`")
  }
  return { alg, key }
}

function readClaims(claims: Members, expected: ProofExpectation): { jti: string; iat: number } {
  const { jti, htm, htu, iat, ath } = claims
  if (htm !== expected.method) throw new ProofFault("the proof's `htm` is not the method of this request")
  if (typeof htu !== 'string' || !sameUrl(htu, expected.url)) {
    throw new ProofFault("the proof's `htu` is not the URL of this request, without query and fragment")
  }
  const nowS = expected.now.getTime() / 1000
  if (typeof iat !== 'number' || iat < nowS - PROOF_AGE_S || iat > nowS + CLOCK_TOLERANCE_S) {
    const text = `the proof's \`iat\` is missing or not within ${PROOF_AGE_S} s: make a proof for every request and check your clock`
    throw new ProofFault(text)
  }
  if (typeof jti !== 'string' || !VISIBLE.test(jti)) {
    throw new ProofFault("the proof's `jti` is missing or unusable: send 1 to 255 visible ASCII characters")
  }
  if (expected.accessToken !== undefined && ath !== hashOf(expected.accessToken)) {
    throw new ProofFault("the proof's `ath` is not the SHA-256 of the access token in base64url")
  }
  return { jti, iat }
}

/** https://www.rfc-editor.org/rfc/rfc9449#section-4.3: after normalisation; a query is not ignored, since it was not asked for. */
function sameUrl(htu: string, url: string): boolean {
  if (htu.length > MAX_PROOF_CHARS || /[?#]/.test(htu)) return false
  const [sent, expected] = [URL.parse(htu), URL.parse(url)]
  return sent !== null && sent.username === '' && sent.password === '' && sent.href === expected?.href
}

function hashOf(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest('base64url')
}
