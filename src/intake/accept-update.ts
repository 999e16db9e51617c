/**
 * PUT of a client's own resource, created or replaced: the id is the client's, and must be a UUID, so that ids of other
 * organisations cannot be found by guessing. Another organisation's id answers as one that does not exist.
 * https://hl7.org/fhir/R4/http.html#update
 */
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '#fhir/gateway-error.ts'
import { HeldElsewhere } from '#store/commit.ts'
import { lockResource } from '#store/resources.ts'
import type { IntakeOptions } from './intake.ts'
import type { Origin } from './origin.ts'
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
import { subjectPath } from './subject.ts'

export async function acceptUpdate(
  options: IntakeOptions,
  id: string,
  ifMatch: string | undefined,
  resource: Resource,
  body: Uint8Array,
  origin: Origin,
): Promise<AcceptedWrite> {
  const write = { id, held: requireHeld(resource), interaction: 'update', body, origin } as const
  try {
    return announced(
      options,
      ifMatch === undefined
        ? await storeWrite(options, write)
        : await storeIfMatches(options, ifMatch, write),
    )
  } catch (error) {
    // The statement itself refuses an id that is held elsewhere; only then is it asked why.
    if (error instanceof HeldElsewhere) throw await whyNotWritable(options, write)
    throw error
  }
}

/** https://hl7.org/fhir/R4/http.html#concurrency: the version is compared and replaced under one lock. */
async function storeIfMatches(options: IntakeOptions, ifMatch: string, write: Write): Promise<Stored> {
  return options.database.transaction(async (tx) => {
    const subjectId = await subjectIn(options, tx, write)
    await lockCitizenOf(tx, { resourceType: write.held.resourceType, subjectId })
    const current = await lockResource(tx, write.id)
    const own = current?.custodian === write.origin.organization.id
    if (current && !own) throw notWritable()
    if (current?.versionId !== ifMatch) throw versionConflict()
    return storeWithin(options, tx, subjectId, write)
  })
}

async function whyNotWritable(
  { database }: IntakeOptions,
  { id, held, origin }: Write,
): Promise<GatewayError> {
  const holder = await database.transaction((tx) => lockResource(tx, id))
  if (holder?.custodian !== origin.organization.id || holder.resourceType !== held.resourceType)
    return notWritable()
  return new GatewayError({
    code: 'field-invalid',
    expression: subjectPath(held.resourceType),
    text: 'this resource belongs to another citizen and cannot be moved; use a new id',
  })
}

export function versionConflict(): GatewayError {
  return new GatewayError({
    code: 'version-conflict',
    text: 'the version in `If-Match` is not the current one: read the resource again, merge your change and send it with the new ETag',
  })
}

export function notWritable(): GatewayError {
  return new GatewayError({ code: 'not-found', text: 'there is no resource with this id that you may write' })
}
