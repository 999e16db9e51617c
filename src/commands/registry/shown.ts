/** The registry as an operator reads it: lines, or JSON for a program. No key but public ones is in the registry at all. */
import { organizationSchemeOf } from '#fhir/organization-identifier.ts'
import type { ClientRegistration } from '#store/client-registrations.ts'
import type { Organization } from '#store/organizations.ts'
import { keysTold } from '#store/registry-fields.ts'
import { nationalIdName } from './national-id-systems.ts'

export function shownNumbers({ identifiers }: Organization): string {
  return identifiers
    .map(({ system, value }) => `${organizationSchemeOf(system) ?? system}:${value}`)
    .join(' ')
}

export function shownOrganization(organization: Organization): string[] {
  const { id, name, sector, jurisdiction, timeZone, unitType, partOf } = organization
  const { sensitivities, endpoints = [], nationalIdSystems = [] } = organization
  return fields([
    ['id', id],
    ['name', name],
    ['sector', sector],
    ['jurisdiction', jurisdiction],
    ['time zone', timeZone],
    ['unit type', unitType ?? 'unknown: it receives nothing'],
    ['numbers', shownNumbers(organization)],
    ['part of', partOf],
    ['sensitivities', sensitivities.join(' ')],
    ['endpoints', endpoints.join(' ')],
    ['national ids', nationalIdSystems.map(nationalIdName).join(' ')],
  ])
}

export function shownClient(client: ClientRegistration, organization: Organization | undefined): string[] {
  return fields([
    ['client id', client.id],
    ['state', client.disabled ? 'disabled' : 'active'],
    ['organisation', `${organization?.name ?? ''} (${client.organizationId})`],
    ['profile', client.profile],
    ['algorithms', client.assertionAlgorithms.join(' ')],
    ...keysTold(client.jwks).map((key) => ['key', key] as const),
    ['keys at', client.jwksUrl],
    ['token issuer', client.tokenIssuer],
    ['scopes', client.scopes.join(' ')],
    ['purposes of use', client.purposeOfUse.join(' ')],
    ['comes from', client.addressRanges.join(' ') || 'anywhere'],
    ['asks about tokens', client.resourceServer ? 'yes' : undefined],
    ['breaks the glass', client.mayOverride ? `by ${client.overridePersons.length} persons` : undefined],
  ])
}

function fields(rows: readonly (readonly [string, string | undefined])[]): string[] {
  return rows.flatMap(([name, value]) => (value ? [`${name.padEnd(18)}${value}`] : []))
}
