import { GatewayError } from '#fhir/gateway-error.ts'
import { findRegistration } from '#store/client-registrations.ts'
import { organizationsById } from '#store/organizations.ts'
import { unknownClient } from './registry/put-clients.ts'
import { type RegistryIo, withRegistry } from './registry/run.ts'
import { shownClient } from './registry/shown.ts'

/** `sluse client show` */
export async function showClient(
  io: RegistryIo,
  id: string,
  { json }: { readonly json?: true },
): Promise<void> {
  await withRegistry(io, async ({ database, tokenUrl }) => {
    const client = await findRegistration(database, id)
    if (!client) throw new GatewayError(unknownClient('ID'))
    if (json) return io.print(JSON.stringify({ ...client, tokenUrl }, null, 2))
    const organizations = await organizationsById(database, [client.organizationId])
    for (const line of shownClient(client, organizations.get(client.organizationId))) io.print(line)
    io.print(`${'token URL'.padEnd(18)}${tokenUrl}`)
  })
}
