/** POST of a client's own resource: the id is ours. https://hl7.org/fhir/R4/http.html#create */
import { randomUUID } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { IntakeOptions } from './intake.ts'
import type { Origin } from './origin.ts'
import { ownMatch } from './own-match.ts'
import {
  type AcceptedWrite,
  announced,
  lockCitizenOf,
  requireHeld,
  type Stored,
  storeWithin,
  storeWrite,
  subjectIn,
  type Write,
} from './store-write.ts'

export interface Creation {
  /** Ours, made before; a new one without. */
  readonly id?: string | undefined
  readonly resource: Resource
  readonly body: Uint8Array
  readonly origin: Origin
  /** Nothing is stored when one of the sender's own records of the citizen fits. https://hl7.org/fhir/R4/http.html#ccreate */
  readonly ifNoneExist?: readonly (readonly string[])[] | undefined
}

export async function acceptCreate(
  options: IntakeOptions,
  { id = randomUUID(), resource, body, origin, ifNoneExist }: Creation,
): Promise<AcceptedWrite> {
  const write = {
    id,
    held: requireHeld(resource),
    interaction: 'create',
    body,
    origin,
  } as const
  return announced(
    options,
    ifNoneExist ? await storeUnlessFound(options, write, ifNoneExist) : await storeWrite(options, write),
  )
}

async function storeUnlessFound(
  options: IntakeOptions,
  write: Write,
  clauses: readonly (readonly string[])[],
): Promise<Stored> {
  const { resourceType } = write.held
  const custodian = write.origin.organization.id
  return options.database.transaction(async (tx) => {
    const subjectId = await subjectIn(options, tx, write)
    await lockCitizenOf(tx, { resourceType, subjectId })
    const match = await ownMatch(tx, { subjectId, resourceType, custodian, clauses })
    if (!match) return storeWithin(options, tx, subjectId, write)
    const { id, versionId, lastUpdated } = match
    return {
      reference: `${resourceType}/${id}`,
      id,
      versionId,
      done: 'found',
      recorded: lastUpdated,
      notices: [],
      subscriptions: [],
    }
  })
}
