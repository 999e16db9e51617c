/** What an audit row says of a registration, field by field: enough to know who was let in, and nothing that lets anybody in. */
import { createHash } from 'node:crypto'
import type { Client } from '#auth/client.ts'
import type { ClientRegistration } from './client-registrations.ts'
import type { Organization } from './organizations.ts'

export interface FieldChange {
  readonly name: string
  readonly before?: string
  readonly after?: string
}

/** What is compared, and what of it is told. */
interface Field {
  readonly value: string
  readonly told: string
}

export type Fields = ReadonlyMap<string, Field>

export function organizationFields(organization: Organization): Fields {
  const { id: _id, identifiers, ...rest } = organization
  return fieldsOf({ ...rest, identifiers: identifiers.map(({ system, value }) => `${system}|${value}`) })
}

export function clientFields(client: ClientRegistration): Fields {
  const { id: _id, jwks, overridePersons, ...rest } = client
  const fields = new Map(fieldsOf({ ...rest, keys: keysTold(jwks) }))
  if (overridePersons.length > 0)
    // Who works where is the staff's; the client's history has their numbers.
    fields.set('overridePersons', {
      value: JSON.stringify(overridePersons),
      told: `${overridePersons.length} persons, sha256 ${sha256(JSON.stringify(overridePersons)).slice(0, 16)}`,
    })
  return fields
}

/** Each by its `kid` and its thumbprint (RFC 7638): the same name for another key is another key. */
export function keysTold(jwks: Client['jwks']): string[] {
  return jwks.keys.map((key) => {
    const { kty, crv, x, y, n, e } = key
    const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }
    return `${key.kid ?? ''} (${sha256(JSON.stringify(members), 'base64url')})`
  })
}

/** Absent, empty and false are the same: not there. */
function fieldsOf(object: Readonly<Record<string, unknown>>): Fields {
  return new Map(
    Object.entries(object).flatMap(([name, value]) => {
      if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return []
      const told = Array.isArray(value)
        ? value.join(', ')
        : typeof value === 'string'
          ? value
          : JSON.stringify(value)
      return [[name, { value: JSON.stringify(value), told }] as const]
    }),
  )
}

export function changedFields(before: Fields | undefined, after: Fields): FieldChange[] {
  const names = [...new Set([...(before?.keys() ?? []), ...after.keys()])].sort()
  return names.flatMap((name) => {
    const was = before?.get(name)
    const is = after.get(name)
    if (was?.value === is?.value) return []
    return [{ name, ...(was ? { before: was.told } : {}), ...(is ? { after: is.told } : {}) }]
  })
}

function sha256(text: string, encoding: 'hex' | 'base64url' = 'hex'): string {
  return createHash('sha256').update(text).digest(encoding)
}
