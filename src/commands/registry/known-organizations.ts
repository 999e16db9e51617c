/** The organisations there are, by id and by number, with those that the same command adds. */
import { describe, type Fault } from '#fhir/gateway-error.ts'
import {
  isOrganizationScheme,
  organizationSchemes,
  readOrganizationIdentifier,
} from '#fhir/organization-identifier.ts'
import { normalizeSystem } from '#label/code-system.ts'
import type { Queryable } from '#store/database.ts'
import { allOrganizations, type Organization } from '#store/organizations.ts'

export interface KnownOrganizations {
  readonly byId: Map<string, Organization>
  /** `<system>|<value>` to id. */
  readonly byNumber: Map<string, string>
}

export async function knownOrganizations(db: Queryable): Promise<KnownOrganizations> {
  const known: KnownOrganizations = { byId: new Map(), byNumber: new Map() }
  for (const organization of await allOrganizations(db)) remember(known, organization)
  return known
}

export function remember({ byId, byNumber }: KnownOrganizations, organization: Organization): void {
  byId.set(organization.id, organization)
  for (const identifier of organization.identifiers) byNumber.set(numberOf(identifier), organization.id)
}

/** The GLN has three names, and is one number. */
export function numberOf({ system, value }: { readonly system: string; readonly value: string }): string {
  return `${normalizeSystem(system)}|${value}`
}

/** By id, or by `scheme:number`. */
export function findOrganization(
  { byId, byNumber }: KnownOrganizations,
  reference: string,
  expression: string,
): { readonly organization: Organization } | { readonly fault: Fault } {
  const refuse = (text: string): { fault: Fault } => ({ fault: { code: 'not-found', expression, text } })
  const own = byId.get(reference.replace(/^Organization\//, ''))
  if (own) return { organization: own }
  const [, name = '', number = ''] = /^([A-Za-z-]+):(.+)$/.exec(reference) ?? []
  const scheme = name.replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase())
  if (!isOrganizationScheme(scheme))
    return refuse(
      `found ${describe(reference)} that names no organisation; send the id of one that is registered, or a number as scheme:number, of ${Object.keys(organizationSchemes).join(', ')}`,
    )
  const read = readOrganizationIdentifier(scheme, number)
  if ('fault' in read) return refuse(read.fault)
  const organization = byId.get(byNumber.get(numberOf(read.identifier)) ?? '')
  return organization
    ? { organization }
    : refuse('no organisation has this number; register it first, or see `sluse org list`')
}
