/** PUT without an id: to the one of the sender's own records of the citizen that fits. https://hl7.org/fhir/R4/http.html#cond-update */
import { randomUUID } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '#fhir/gateway-error.ts'
import { storeIf, unlessHeldElsewhere } from './accept-update.ts'
import type { IntakeOptions } from './intake.ts'
import type { Origin } from './origin.ts'
import { ownMatch } from './own-match.ts'
import { type AcceptedWrite, announced, lockCitizenOf, requireHeld, subjectIn } from './store-write.ts'

export interface ConditionalUpdate {
  readonly clauses: readonly (readonly string[])[]
  /** Of the body: the one to create under, or to be found. */
  readonly id: string | undefined
  /** Ours, made before. */
  readonly idToCreate?: string | undefined
  readonly ifMatch: string | undefined
  readonly resource: Resource
  readonly body: Uint8Array
  readonly origin: Origin
}

export async function acceptConditionalUpdate(
  options: IntakeOptions,
  { clauses, id, idToCreate, ifMatch, resource, body, origin }: ConditionalUpdate,
): Promise<AcceptedWrite> {
  const held = requireHeld(resource)
  const { resourceType } = held
  const custodian = origin.organization.id
  // Found under the lock, below.
  const write = { id: id ?? idToCreate ?? randomUUID(), held, interaction: 'update', body, origin } as const
  return unlessHeldElsewhere(options, write, async () =>
    announced(
      options,
      await options.database.transaction(async (tx) => {
        const subjectId = await subjectIn(options, tx, write)
        await lockCitizenOf(tx, { resourceType, subjectId })
        const match = await ownMatch(tx, { subjectId, resourceType, custodian, clauses })
        if (match && id !== undefined && match.id !== id) {
          throw new GatewayError({
            code: 'field-invalid',
            expression: `${resourceType}.id`,
            text: 'the record that matches has another id than the body: leave the id out, or write to it',
          })
        }
        return storeIf(options, tx, { ifMatch, subjectId }, { ...write, id: match?.id ?? write.id })
      }),
    ),
  )
}
