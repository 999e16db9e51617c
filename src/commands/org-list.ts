import { allOrganizations } from '#store/organizations.ts'
import { type RegistryIo, withRegistry } from './registry/run.ts'
import { shownNumbers } from './registry/shown.ts'

/** `sluse org list` */
export async function listOrganizations(io: RegistryIo, { json }: { readonly json?: true }): Promise<void> {
  await withRegistry(io, async ({ database }) => {
    const organizations = await allOrganizations(database)
    if (json) return io.print(JSON.stringify(organizations, null, 2))
    for (const organization of organizations) {
      const { id, name, sector, jurisdiction, unitType = '-' } = organization
      io.print([id, jurisdiction, sector.padEnd(12), unitType, name, shownNumbers(organization)].join('  '))
    }
    if (organizations.length === 0)
      io.print('there are none yet; `sluse org add --help` says how to register one')
  })
}
