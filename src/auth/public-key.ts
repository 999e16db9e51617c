import type { JsonWebKey } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import type { JWK } from 'jose'
import type { Fault } from '#fhir/gateway-error.ts'
import { describe, describeCode } from '#fhir/gateway-error.ts'
import type { AssertionAlgorithm } from './algorithms.ts'
import { assertionKeyTypes } from './algorithms.ts'

/** Short and without separators, so that a `kid` can be no path, URL or query. */
export const KID = /^[\w-]{1,128}$/

/** Shorter RSA keys are disallowed: https://doi.org/10.6028/NIST.SP.800-131Ar2 */
const MIN_RSA_BITS = 2048

const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

/** One key of a registration, reduced to its public members. https://www.rfc-editor.org/rfc/rfc7517#section-4 */
export function readPublicKey(
  value: unknown,
  at: string,
  algorithms: readonly AssertionAlgorithm[],
): { key: JWK } | { faults: readonly Fault[] } {
  const fault = (member: string, text: string): Fault => ({
    code: 'field-invalid',
    text,
    expression: `${at}${member}`,
  })
  if (!isRecord(value))
    return { faults: [fault('', `found ${describe(value)}: give a public key as an object`)] }
  const secret = SECRET_MEMBERS.find((member) => member in value)
  if (secret !== undefined) {
    const text = `\`${secret}\` is a secret part: discard this key, make a new pair and register its public half alone`
    return { faults: [fault(`/${secret}`, text)] }
  }
  const material = readMaterial(value)
  const signsWith = material ? algorithms.filter((alg) => fitsKey(material, alg)) : []
  if (material === undefined || signsWith.length === 0) {
    const text = `found a key of type ${describeCode(value['kty'])} that cannot be used: register ${usable(algorithms)}`
    return { faults: [fault('', text)] }
  }
  const { kid, alg, use, key_ops: operations } = value
  const faults: Fault[] = []
  if (typeof kid !== 'string' || !KID.test(kid)) {
    faults.push(
      fault('/kid', `found ${describe(kid)}: name the key with 1 to 128 letters, digits, \`_\` or \`-\``),
    )
  }
  const named = signsWith.find((each) => each === alg)
  if (alg !== undefined && named === undefined) {
    const names = signsWith.join('` or `')
    faults.push(fault('/alg', `found ${describeCode(alg)}: this key signs with \`${names}\``))
  }
  if (use !== undefined && use !== 'sig') {
    faults.push(fault('/use', `found ${describeCode(use)}: register a key for signatures, \`sig\``))
  }
  if (
    operations !== undefined &&
    !(Array.isArray(operations) && operations.length === 1 && operations[0] === 'verify')
  ) {
    faults.push(
      fault('/key_ops', `found ${describe(operations)}: the one operation of a public key is \`verify\``),
    )
  }
  if (faults.length > 0 || typeof kid !== 'string') return { faults }
  // One that names no algorithm is held to the only one there is for it, or else to those of its client.
  const only = named ?? (signsWith.length === 1 ? signsWith[0] : undefined)
  return { key: { kid, use: 'sig', ...material, ...(only && { alg: only }) } }
}

function usable(algorithms: readonly AssertionAlgorithm[]): string {
  const curves = algorithms.flatMap((alg) => {
    const type = assertionKeyTypes[alg]
    return 'crv' in type ? [type.crv] : []
  })
  const rsa = algorithms.some((alg) => assertionKeyTypes[alg].kty === 'RSA')
  return [
    ...(rsa ? [`RSA with ${MIN_RSA_BITS} bits or more`] : []),
    ...(curves.length > 0 ? [`EC on ${curves.join(' or ')}`] : []),
  ].join(', or ')
}

/** The type of key, and for EC the curve, that an algorithm needs. */
export function fitsKey({ kty, crv }: JWK, alg: AssertionAlgorithm): boolean {
  const type = assertionKeyTypes[alg]
  return kty === type.kty && (!('crv' in type) || crv === type.crv)
}

/** Whether a key holds a part that only its owner may have. */
export function hasSecret(key: Readonly<Record<string, unknown>>): boolean {
  return SECRET_MEMBERS.some((member) => member in key)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Only the members that make the key: whatever else a registration carries (`jku`, `x5u`, …) is never looked at. */
export function readMaterial({ kty, crv, x, y, n, e }: Readonly<Record<string, unknown>>): JWK | undefined {
  const curve = crv === 'P-384' || crv === 'P-256'
  if (kty === 'EC' && curve && typeof x === 'string' && typeof y === 'string') {
    const jwk = { kty, crv, x, y }
    return publicKeyBits(jwk) === undefined ? undefined : jwk
  }
  if (kty === 'RSA' && typeof n === 'string' && typeof e === 'string') {
    const jwk = { kty, n, e }
    return (publicKeyBits(jwk) ?? 0) < MIN_RSA_BITS ? undefined : jwk
  }
  return undefined
}

/** Undefined when it is no key, for example a point that is not on the curve; 0 for a curve, whose size is its name. */
function publicKeyBits(jwk: JsonWebKey): number | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' }).asymmetricKeyDetails?.modulusLength ?? 0
  } catch {
    return undefined
  }
}
