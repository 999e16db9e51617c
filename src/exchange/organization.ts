/** Read and search of Organization: what the registry says of it that everybody may know. https://hl7.org/fhir/R4/organization.html */
import type { Bundle, Organization } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { appendAudit } from '#store/audit-log.ts'
import {
  type PublicOrganization,
  searchOrganizations,
  SECTOR,
  UNIT_TYPE,
} from '#store/directory-organizations.ts'
import { notFound } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { directoryEntryOf } from './directory-audit.ts'
import { directoryPage } from './directory-page.ts'
import { readDirectorySearch } from './directory-search.ts'
import { isUuid } from './is-uuid.ts'

export async function readOrganization(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = call
  if (!isUuid(id)) throw notFound()
  return exchange.database.transaction(async (tx) => {
    const [found] = await searchOrganizations(tx, { ids: [id], clauses: [], names: [], limit: 1 })
    await appendAudit(tx, [auditRow(directoryEntryOf(exchange, call, 'read', { id }))])
    if (!found) return { status: 404, nonClinical: notFound().outcome }
    const resource = organizationResource(exchange, found)
    return { status: 200, headers: { ETag: `W/"${resource.meta?.versionId}"` }, nonClinical: resource }
  })
}

export async function searchOrganizationDirectory(exchange: Exchange, call: Call): Promise<Answer> {
  const { query, count, understood } = readDirectorySearch(call, 'Organization')
  return exchange.database.transaction(async (tx) => {
    const found = await searchOrganizations(tx, { ...query, limit: count + 1 })
    await appendAudit(tx, [auditRow(directoryEntryOf(exchange, call, 'search-type'))])
    const resources = found.map((each) => organizationResource(exchange, each))
    const bundle: Bundle<Organization> = directoryPage(exchange, call, resources, { count, understood })
    return { status: 200, nonClinical: bundle }
  })
}

function organizationResource({ seal }: Exchange, found: PublicOrganization): Organization {
  const { id, name, sector, unitType, identifiers, partOf } = found
  return {
    resourceType: 'Organization',
    id,
    // Of what is shown: a version that went on with what is not would tell of it.
    meta: { versionId: seal.deriveId('Organization', JSON.stringify(found)) },
    ...(identifiers.length > 0 ? { identifier: identifiers.map((each) => ({ ...each })) } : {}),
    active: true,
    type: [
      { coding: [{ system: SECTOR, code: sector }] },
      ...(unitType ? [{ coding: [{ system: UNIT_TYPE, code: unitType }] }] : []),
    ],
    name,
    ...(partOf ? { partOf: { reference: `Organization/${partOf}` } } : {}),
  }
}
