/** A client that says exactly what a test wants said: assertions, proofs and forms, over HTTP. */
import { createHash, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { type Received, sendRaw } from './http.ts'

export interface TestKey {
  readonly alg: string
  readonly privateKey: JWK
  readonly publicKey: JWK
}

export async function makeKey(alg: string, kid: string): Promise<TestKey> {
  const pair = await generateKeyPair(alg, { extractable: true })
  return {
    alg,
    privateKey: { ...(await exportJWK(pair.privateKey)), kid },
    publicKey: { ...(await exportJWK(pair.publicKey)), kid, alg },
  }
}

type Claims = Readonly<Record<string, unknown>>

/** SMART's: `exp` five minutes ahead and no `iat`, as Inferno sends it. A claim that is undefined is left out. */
export async function assertionFor(
  baseUrl: string,
  clientId: string,
  { alg, privateKey }: TestKey,
  { claims = {}, header = {} }: { readonly claims?: Claims; readonly header?: Claims } = {},
): Promise<string> {
  const said = {
    iss: clientId,
    sub: clientId,
    aud: `${baseUrl}/oauth/token`,
    exp: Math.floor(Date.now() / 1000) + 300,
    jti: randomUUID(),
    ...claims,
  }
  return new SignJWT(said)
    .setProtectedHeader({ alg, typ: 'JWT', ...(privateKey.kid && { kid: privateKey.kid }), ...header })
    .sign(await importJWK(privateKey, alg))
}

/** HelseID's and FAPI's: our issuer as audience, a minute, both times. */
export function helseidClaims(baseUrl: string): Claims {
  const now = Math.floor(Date.now() / 1000)
  return { aud: baseUrl, iat: now, nbf: now, exp: now + 60 }
}

export function sendForm(
  baseUrl: string,
  path: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Received> {
  const body = new URLSearchParams(form).toString()
  return sendRaw(baseUrl, path, { method: 'POST', type: 'application/x-www-form-urlencoded', body, headers })
}

export function withAssertion(assertion: string): Readonly<Record<string, string>> {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  }
}

export function askToken(
  baseUrl: string,
  assertion: string,
  scope: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Received> {
  const form = { grant_type: 'client_credentials', scope, ...withAssertion(assertion) }
  return sendForm(baseUrl, '/oauth/token', form, headers)
}

export async function proofFor(
  method: string,
  url: string,
  { alg, publicKey, privateKey }: TestKey,
  token?: string,
): Promise<string> {
  const { kid: _kid, alg: _alg, ...jwk } = publicKey
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }
  return new SignJWT({ htm: method, htu: url, jti: randomUUID(), iat: Math.floor(Date.now() / 1000), ...ath })
    .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk })
    .sign(await importJWK(privateKey, alg))
}
