/** What a sender's scopes let it write, where they are narrowed by a query: of a resource as it is and as it would be. */
import { GatewayError } from '#fhir/gateway-error.ts'
import { type HeldResource, isHeld } from '#fhir/held-types.ts'
import type { Transaction } from '#store/database.ts'
import { currentOf, lockResource } from '#store/resources.ts'

type Writing = 'create' | 'update' | 'patch'

export interface MayWrite {
  /** Whatever is in it: then nothing has to be looked at. */
  readonly everything: (resourceType: string, interaction: Writing) => boolean
  readonly this: (resource: HeldResource, interaction: Writing) => boolean
}

interface Write {
  readonly id: string
  readonly held: HeldResource
  readonly interaction: Writing
  readonly origin: { readonly organization: { readonly id: string }; readonly mayWrite?: MayWrite }
}

/** Whether the write needs a look at what it would replace, under a lock. */
export function isNarrowed({ held, interaction, origin }: Write): boolean {
  return interaction !== 'create' && !(origin.mayWrite?.everything(held.resourceType, interaction) ?? true)
}

/** @throws GatewayError 403: the sender knows what it sent. */
export function requireMayWrite({ held, interaction, origin }: Write): void {
  if (origin.mayWrite?.this(held, interaction) ?? true) return
  throw outside(held.resourceType)
}

/** What would be replaced must be within the scope as well. Another organisation's is answered elsewhere, as what is not there. */
export async function requireMayReplace(tx: Transaction, write: Write): Promise<void> {
  const { id, interaction, origin } = write
  const holder = await lockResource(tx, id)
  if (!isNarrowed(write) || holder?.custodian !== origin.organization.id) return
  const [current] = await currentOf(tx, [{ subjectId: holder.subjectId, id }])
  const content = current?.content
  if (content && isHeld(content) && origin.mayWrite?.this(content, interaction) === false)
    throw outside(content.resourceType)
}

function outside(resourceType: string): GatewayError {
  return new GatewayError({
    code: 'scope-insufficient',
    text: `this ${resourceType} does not fit the query of your scope; ask the token endpoint for a wider one, or the operator to register it for your client`,
  })
}
