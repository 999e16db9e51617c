/**
 * PUT of a client's own resource, created or replaced: the id is the client's, and must be a UUID, so that ids of other
 * organisations cannot be found by guessing. Another organisation's id answers as one that does not exist.
 * https://hl7.org/fhir/R4/http.html#update
 */
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '#fhir/gateway-error.ts'
import { HeldElsewhere } from '#store/commit.ts'
import type { Transaction } from '#store/database.ts'
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

export interface Update {
  readonly id: string
  readonly resource: Resource
  readonly body: Uint8Array
  readonly origin: Origin
  /** The version that it was made from. */
  readonly ifMatch?: string | undefined
  /** `If-None-Match: *`: only if there is none yet. */
  readonly onlyNew?: boolean
}

export async function acceptUpdate(options: IntakeOptions, update: Update): Promise<AcceptedWrite> {
  const { id, resource, body, origin, ifMatch, onlyNew = false } = update
  const write = { id, held: requireHeld(resource), interaction: 'update', body, origin } as const
  return unlessHeldElsewhere(options, write, async () =>
    announced(
      options,
      ifMatch === undefined && !onlyNew
        ? await storeWrite(options, write)
        : await options.database.transaction(async (tx) =>
            storeIf(options, tx, { ...update, subjectId: await subjectIn(options, tx, write) }, write),
          ),
    ),
  )
}

/** The statement itself refuses an id that is held elsewhere; only then is it asked why. */
export async function unlessHeldElsewhere<T>(
  options: IntakeOptions,
  write: Write,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HeldElsewhere) throw await whyNotWritable(options, write)
    throw error
  }
}

/**
 * https://hl7.org/fhir/R4/http.html#concurrency: the version is compared and replaced under one lock. With a condition, what another
 * organisation holds is answered as what nobody does.
 */
export async function storeIf(
  options: IntakeOptions,
  tx: Transaction,
  { ifMatch, onlyNew, subjectId }: Pick<Update, 'ifMatch' | 'onlyNew'> & { readonly subjectId: string },
  write: Write,
): Promise<Stored> {
  await lockCitizenOf(tx, { resourceType: write.held.resourceType, subjectId })
  const current = await lockResource(tx, write.id)
  const own = current?.custodian === write.origin.organization.id ? current : undefined
  if (ifMatch !== undefined && own?.versionId !== ifMatch) throw versionConflict()
  if (onlyNew === true && own?.versionId !== undefined) throw heldAlready()
  const stored = await storeWithin(options, tx, subjectId, write)
  // Made by somebody else since it was looked for: nothing could be locked that was not there.
  if (onlyNew === true && stored.done !== 'created') throw heldAlready()
  return stored
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

function heldAlready(): GatewayError {
  return new GatewayError({
    code: 'version-conflict',
    text: 'you hold a resource with this id already, and `If-None-Match: *` asks for none: leave the header out to replace it',
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
