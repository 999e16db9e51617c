/** POST of a client's own resource: the id is ours. https://hl7.org/fhir/R4/http.html#create */
import { randomUUID } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { IntakeOptions } from './intake.ts'
import type { Origin } from './origin.ts'
import { type AcceptedWrite, announced, requireHeld, storeWrite } from './store-write.ts'

export async function acceptCreate(
  options: IntakeOptions,
  resource: Resource,
  body: Uint8Array,
  origin: Origin,
): Promise<AcceptedWrite> {
  const write = {
    id: randomUUID(),
    held: requireHeld(resource),
    interaction: 'create',
    body,
    origin,
  } as const
  return announced(options, await storeWrite(options, write))
}
