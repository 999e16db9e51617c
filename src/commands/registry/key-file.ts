/** Keys as files: public ones that are registered, and a private one that is made for who asked, and shown to nobody. */
import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AssertionAlgorithm } from '#auth/algorithms.ts'
import { GatewayError } from '#fhir/gateway-error.ts'

/** A key set as it is; one key or a public key as PEM becomes one. What is in it is checked with the rest of the registration. */
export function readKeyFile(file: string, expression: string): object {
  const text = readText(file, expression)
  if (text.includes('PRIVATE KEY'))
    throw fault(
      expression,
      'the file holds a private key, which is its owner’s alone; send the public half, `openssl pkey -pubout`',
    )
  if (text.includes('-----BEGIN')) return { keys: [pemKey(text, expression)] }
  const parsed = parse(text, expression)
  return 'keys' in parsed ? parsed : { keys: [parsed] }
}

function readText(file: string, expression: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw fault(expression, 'the file cannot be read; name one that holds the public keys', cause)
  }
}

function parse(text: string, expression: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Said below: the parser's own words would repeat a part of the file.
  }
  throw fault(
    expression,
    'the file is neither JSON nor PEM; send a JSON Web Key Set, a key, or a public key as PEM',
  )
}

/** PEM has no name for the key: its thumbprint is one (RFC 7638). */
function pemKey(text: string, expression: string): object {
  try {
    const jwk = createPublicKey(text).export({ format: 'jwk' })
    return { ...jwk, kid: thumbprint(jwk) }
  } catch (cause) {
    throw fault(expression, 'the PEM holds no public key that can be read; send one of RSA or EC', cause)
  }
}

function thumbprint({ kty, crv, x, y, n, e }: JsonWebKey): string {
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

export interface MadeKey {
  /** For the registration. */
  readonly publicKey: JsonWebKey & { readonly kid: string; readonly alg: AssertionAlgorithm }
  /** When the registration fails, nobody needs it. */
  discard(): void
}

/**
 * A new pair, of which the private half goes into a file of mode 0600 and nowhere else. ES384, which each profile has.
 * @throws when there is a file already: it may be the key that is in use.
 */
export function makeKeyFile(file: string): MadeKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const jwk = privateKey.export({ format: 'jwk' })
  const { d: _private, ...rest } = jwk
  const publicKey = { ...rest, kid: thumbprint(jwk), alg: 'ES384' as const }
  try {
    writeFileSync(file, `${JSON.stringify({ ...publicKey, d: jwk.d }, null, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
    })
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw fault(
      '--generate-key',
      exists
        ? 'there is a file of that name already, and it may hold a key that is in use; name another'
        : 'the file cannot be written; name one in a folder that is there and yours',
      cause,
    )
  }
  return { publicKey, discard: () => rmSync(file, { force: true }) }
}

function fault(expression: string, text: string, cause?: unknown): GatewayError {
  return new GatewayError({ code: 'field-invalid', expression, text }, { cause })
}
