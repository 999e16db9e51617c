import type { JSONWebKeySet, JWK } from 'jose'
import type { Fault } from '#fhir/gateway-error.ts'
import { GatewayError, describe } from '#fhir/gateway-error.ts'
import type { AssertionAlgorithm } from './algorithms.ts'
import { profiles } from './profiles.ts'
import { fitsKey, isRecord, readPublicKey } from './public-key.ts'

/** Room to rotate keys, and a bound on what a registration costs. */
export const MAX_KEYS = 20

/**
 * Checks the keys of a registration and keeps only their public members; every fault is told at once.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys
 */
export function readClientKeys(
  jwks: unknown,
  algorithms: readonly AssertionAlgorithm[] = profiles.smart.algorithms,
): JSONWebKeySet {
  const values: unknown = isRecord(jwks) ? jwks['keys'] : undefined
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_KEYS) {
    const text = `found ${describe(values)}: give a JSON Web Key Set with 1 to ${MAX_KEYS} public keys`
    throw new GatewayError({ code: 'field-invalid', text, expression: '/keys' })
  }
  const read = values.map((value: unknown, index) => readPublicKey(value, `/keys/${index}`, algorithms))
  const keys = read.flatMap((result) => ('key' in result ? [result.key] : []))
  const [first, ...others] = [
    ...read.flatMap((result) => ('faults' in result ? result.faults : [])),
    ...repeatedKids(values),
  ]
  if (first) throw new GatewayError([first, ...others])
  return { keys }
}

/** The one key that a header names: with none or several, SMART has the verification fail. */
export function findClientKey(jwks: JSONWebKeySet, kid: string, alg: AssertionAlgorithm): JWK | undefined {
  const [key, second] = jwks.keys.filter((candidate) => candidate.kid === kid)
  if (key === undefined || second !== undefined) return undefined
  // The registration was checked when it was stored; a row that was changed since must still not let a secret verify.
  const fits =
    fitsKey(key, alg) && (key.alg === undefined || key.alg === alg) && !('d' in key) && !('k' in key)
  return fits ? key : undefined
}

function repeatedKids(values: readonly unknown[]): readonly Fault[] {
  const kids = values.map((value) => (isRecord(value) ? value['kid'] : undefined))
  return kids.flatMap((kid, index) =>
    kid !== undefined && kids.indexOf(kid) < index
      ? [
          {
            code: 'field-invalid' as const,
            text: 'an earlier key has the same `kid`: give every key its own',
            expression: `/keys/${index}/kid`,
          },
        ]
      : [],
  )
}
