import { GatewayError } from '#fhir/gateway-error.ts'
import { organizationEntryOfFlags, type OrganizationFlags } from './org-entry-of-flags.ts'
import { findOrganization, knownOrganizations } from './registry/known-organizations.ts'
import { putOrganizations } from './registry/put-organizations.ts'
import { placeOfFlag } from './registry/registry-file.ts'
import { entriesOf, type RegistryIo, runChange } from './registry/run.ts'

/** `sluse org change`: what is named changes, what is not stays. */
export async function changeOrganizations(
  io: RegistryIo,
  reference: string | undefined,
  flags: OrganizationFlags,
): Promise<void> {
  await runChange(io, flags, async (registering) => {
    if (flags.file !== undefined)
      return putOrganizations(registering, entriesOf(flags.file, 'organizations'), 'change')
    if (reference === undefined)
      throw new GatewayError({
        code: 'field-missing',
        expression: 'ORGANISATION',
        text: 'found nothing; send its id, or one of its numbers as scheme:number, or a file with --file',
      })
    const known = await knownOrganizations(registering.registry.database)
    const found = findOrganization(known, reference, 'ORGANISATION')
    if ('fault' in found) throw new GatewayError(found.fault)
    const entry = { ...organizationEntryOfFlags(flags), id: found.organization.id }
    return putOrganizations(registering, [{ entry, place: placeOfFlag }], 'change')
  })
}
