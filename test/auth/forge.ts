import type { JWK } from 'jose'
import { CompactSign, exportJWK, generateKeyPair, importJWK } from 'jose'
import { readClientKeys } from '#auth/client-keys.ts'
import type { ClientKeySource } from '#auth/client-assertion.ts'
import type { Client } from '#auth/client.ts'
import { createSigningKey } from '#auth/signing-key.ts'

/** A world with one registered client that signs with ES384 and RS384, a stranger, and a clock that stands still. */
export const NOW = new Date('2026-11-21T12:00:00.000Z')
export const NOW_S = NOW.getTime() / 1000
export const ISSUER = 'https://sluse.example'
export const AUDIENCE = 'https://sluse.example/fhir'
export const TOKEN_URL = 'https://sluse.example/oauth/token'

export interface KeyPair {
  readonly privateKey: JWK
  readonly publicKey: JWK
}

export async function makeKeyPair(alg: string, kid: string, options: object = {}): Promise<KeyPair> {
  const pair = await generateKeyPair(alg, { extractable: true, ...options })
  return {
    privateKey: { ...(await exportJWK(pair.privateKey)), kid, alg },
    publicKey: { ...(await exportJWK(pair.publicKey)), kid, alg },
  }
}

export const keys = {
  ec: await makeKeyPair('ES384', 'ec-1'),
  rsa: await makeKeyPair('RS384', 'rsa-1'),
  stranger: await makeKeyPair('ES384', 'ec-1'),
  /** The gateway's own. */
  signing: await createSigningKey(),
}

export const client: Client = {
  id: 'hospital-ehr',
  organizationId: '0b6f3f0a-6b1e-4b0e-9a53-1f0f5f3f0001',
  sector: 'hospital',
  profile: 'smart',
  jwks: readClientKeys({ keys: [keys.ec.publicKey, keys.rsa.publicKey] }),
  scopes: ['system/CarePlan.cruds', 'system/Encounter.rs'],
  purposeOfUse: ['TREAT'],
  disabled: false,
}

/** Keys by value, as most clients register them. */
export const keysOf: ClientKeySource = ({ jwks }) => Promise.resolve(jwks)

/** JSON members; one that is set to undefined is left out, as JSON does. */
export type Members = Readonly<Record<string, unknown>>

export interface Forgery {
  readonly header?: Members
  readonly claims?: Members
  /** The claims as text, for what `JSON.stringify` cannot write, such as `1e999`. */
  readonly payload?: string
  /** Signs with this key instead of the client's; the `alg` of the header stays as it is written. */
  readonly key?: JWK
}

/** A good assertion of the client, or one that differs from it in what is given. */
export async function assertion({
  header,
  claims,
  payload,
  key = keys.ec.privateKey,
}: Forgery = {}): Promise<string> {
  const good = { iss: client.id, sub: client.id, aud: TOKEN_URL, exp: NOW_S + 300, jti: 'assertion-134418' }
  return signed(
    { alg: 'ES384', typ: 'JWT', kid: 'ec-1', ...header },
    payload ?? JSON.stringify({ ...good, ...claims }),
    key,
  )
}

/** A good access token, or one that differs from it in what is given. */
export async function accessToken({
  header,
  claims,
  payload,
  key = keys.signing,
}: Forgery = {}): Promise<string> {
  const good = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: client.id,
    client_id: client.id,
    jti: 'token-551207',
    scope: 'system/CarePlan.rs',
    iat: NOW_S,
    exp: NOW_S + 300,
  }
  return signed(
    { alg: 'ES256', typ: 'at+jwt', ...header },
    payload ?? JSON.stringify({ ...good, ...claims }),
    key,
  )
}

export function unsigned(header: Members, claims: Members): string {
  return [header, claims].map((part) => encode(JSON.stringify(part))).join('.') + '.'
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

export async function signed(header: Members, payload: string, key: JWK): Promise<string> {
  const alg = typeof header['alg'] === 'string' ? header['alg'] : 'ES384'
  // jose signs no unknown `crit` unless it is told that the signer knows it.
  const known = header['crit'] === undefined ? {} : { crit: { 'sluse-unknown': true } }
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ ...header, alg })
    .sign(await importJWK(key, alg), known)
}
