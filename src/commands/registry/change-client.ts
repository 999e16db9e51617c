/** One change of one client that is registered: its keys, its persons, whether it is active. */
import { GatewayError } from '#fhir/gateway-error.ts'
import { type ClientRegistration, findRegistration } from '#store/client-registrations.ts'
import { registerClient } from '#store/registry.ts'
import { unknownClient } from './put-clients.ts'
import { done, inRegistry, type Registering } from './registering.ts'

/** What it is called in the line that is told, such as `disabled`. */
export async function changeClient(
  registering: Registering,
  id: string,
  verb: string,
  change: (before: ClientRegistration) => ClientRegistration,
): Promise<readonly string[]> {
  return inRegistry(registering, async (tx) => {
    const before = await findRegistration(tx, id)
    if (!before) throw new GatewayError(unknownClient('ID'))
    const { changes } = await registerClient(tx, registering.registrar, change(before))
    return changes.length === 0 ? [`unchanged ${id}`] : [`${done(registering, verb)} ${id}`]
  })
}
