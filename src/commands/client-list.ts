import { allRegistrations } from '#store/client-registrations.ts'
import { knownOrganizations } from './registry/known-organizations.ts'
import { type RegistryIo, withRegistry } from './registry/run.ts'

/** `sluse client list` */
export async function listClients(io: RegistryIo, { json }: { readonly json?: true }): Promise<void> {
  await withRegistry(io, async ({ database }) => {
    const clients = await allRegistrations(database)
    if (json) return io.print(JSON.stringify(clients, null, 2))
    const { byId } = await knownOrganizations(database)
    for (const { id, profile, organizationId, jwks, disabled } of clients)
      io.print(
        [
          id.padEnd(32),
          disabled ? 'disabled' : 'active  ',
          profile.padEnd(7),
          `${jwks.keys.length} keys`,
          byId.get(organizationId)?.name ?? organizationId,
        ].join('  '),
      )
    if (clients.length === 0)
      io.print('there are none yet; `sluse client add --help` says how to register one')
  })
}
