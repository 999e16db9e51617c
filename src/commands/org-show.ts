import { GatewayError } from '#fhir/gateway-error.ts'
import { allRegistrations } from '#store/client-registrations.ts'
import { findOrganization, knownOrganizations } from './registry/known-organizations.ts'
import { type RegistryIo, withRegistry } from './registry/run.ts'
import { shownOrganization } from './registry/shown.ts'

/** `sluse org show` */
export async function showOrganization(
  io: RegistryIo,
  reference: string,
  { json }: { readonly json?: true },
): Promise<void> {
  await withRegistry(io, async ({ database }) => {
    const known = await knownOrganizations(database)
    const found = findOrganization(known, reference, 'ORGANISATION')
    if ('fault' in found) throw new GatewayError(found.fault)
    const { organization } = found
    const parts = [...known.byId.values()].filter(({ partOf }) => partOf === organization.id)
    const clients = (await allRegistrations(database)).filter(
      ({ organizationId }) => organizationId === organization.id,
    )
    if (json)
      return io.print(
        JSON.stringify(
          { ...organization, parts: parts.map(({ id }) => id), clients: clients.map(({ id }) => id) },
          null,
          2,
        ),
      )
    for (const line of shownOrganization(organization)) io.print(line)
    for (const { id, name } of parts) io.print(`${'has as part'.padEnd(18)}${name} (${id})`)
    for (const { id, disabled } of clients)
      io.print(`${'client'.padEnd(18)}${id}${disabled ? ', disabled' : ''}`)
  })
}
