/** One value for all that a decision was made from: the same inputs, months later, have the same hash (RFC 8785, SHA-256). */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

export function inputsHash(inputs: object): string {
  const canonical = canonicalize(inputs)
  if (canonical === undefined) throw new TypeError('inputs must be an object')
  return createHash('sha256').update(canonical).digest('hex')
}
