/** One resource that a client wrote, on its way into the store: whose it is, whether it may be stored, and the commit. */
import { createHash, randomUUID } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { Notice } from '#capture/earlier-consents.ts'
import { auditRow } from '#audit/audit-row.ts'
import { describeCode, GatewayError } from '#fhir/gateway-error.ts'
import { type HeldResource, isHeld } from '#fhir/held-types.ts'
import { type AcceptedResource, commit } from '#store/commit.ts'
import type { Queryable, Transaction } from '#store/database.ts'
import { isKnownTo, lockConsents, subjectOf } from '#store/persons.ts'
import { captureConsents, type CapturedConsents } from './capture-consents.ts'
import { aboutCitizen } from './citizen.ts'
import { acceptEntry, type IntakeOptions } from './intake.ts'
import { isNarrowed, requireMayReplace, requireMayWrite } from './may-write.ts'
import type { Origin } from './origin.ts'
import { prepare } from './prepare.ts'
import { readSubject, subjectPath } from './subject.ts'

export interface AcceptedWrite {
  readonly reference: string
  readonly id: string
  readonly versionId: string
  /** `found`: there was one already, and nothing was stored. */
  readonly done: 'created' | 'updated' | 'found'
  readonly recorded: Date
  /** What its sender should know: of a consent, how it stands to those that the sender holds already. */
  readonly notices: readonly Notice[]
}

export interface Write {
  readonly id: string
  readonly held: HeldResource
  readonly interaction: 'create' | 'update' | 'patch'
  readonly body: Uint8Array
  readonly origin: Origin
}

export type Stored = AcceptedWrite & {
  /** With work from it. */
  readonly subscriptions: readonly string[]
}

/** With the citizen that the resource names, who is added when nobody has sent them before. */
export async function storeWrite(options: IntakeOptions, write: Write): Promise<Stored> {
  const { held, origin } = write
  // A consent is judged beside the citizen's others, which must not change meanwhile; so is what a narrowed scope replaces.
  if (held.resourceType === 'Consent' || isNarrowed(write))
    return options.database.transaction(async (tx) =>
      storeWithin(options, tx, await subjectIn(options, tx, write), write),
    )
  const named = readSubject(held)
  const storeFor = (db: Queryable, subjectId: string): Promise<Stored> =>
    store(options, db, preparedFor(options, subjectId, write), write)
  return 'nationalId' in named
    ? aboutCitizen(options, named.nationalId, storeFor)
    : storeFor(options.database, await knownSubject(options.database, held, named.subjectId, origin))
}

export async function storeWithin(
  options: IntakeOptions,
  tx: Transaction,
  subjectId: string,
  write: Write,
): Promise<Stored> {
  if (isNarrowed(write)) await requireMayReplace(tx, write)
  const accepted = preparedFor(options, subjectId, write)
  const captured = await captureConsents(tx, options, [accepted], write.origin)
  const stored = await store(options, tx, accepted, write, captured)
  const followed = await captured.follow(tx)
  return { ...stored, subscriptions: [...stored.subscriptions, ...followed] }
}

export async function subjectIn(
  { seal }: IntakeOptions,
  tx: Transaction,
  { held, origin }: Pick<Write, 'held' | 'origin'>,
): Promise<string> {
  const named = readSubject(held)
  return 'nationalId' in named
    ? subjectOf(tx, seal, named.nationalId)
    : knownSubject(tx, held, named.subjectId, origin)
}

/** In the order of every other change of a consent: the citizen, then the resource. */
export async function lockCitizenOf(
  tx: Transaction,
  { resourceType, subjectId }: { readonly resourceType: string; readonly subjectId: string },
): Promise<void> {
  if (resourceType === 'Consent') await lockConsents(tx, subjectId)
}

/** After the commit, never before it: a wake-up that came first would find nothing. */
export function announced(options: IntakeOptions, { subscriptions, ...write }: Stored): AcceptedWrite {
  options.announce(subscriptions)
  if (write.done !== 'found') options.onAccepted('fhir', 1)
  return write
}

export function requireHeld(resource: Resource): HeldResource {
  if (isHeld(resource)) return resource
  throw new GatewayError({
    code: 'field-invalid',
    expression: 'resourceType',
    text: `found ${describeCode(resource.resourceType)}; this address takes the resource type that its path names`,
  })
}

function preparedFor(options: IntakeOptions, subjectId: string, write: Write): AcceptedResource {
  requireMayWrite(write)
  const { id, held, origin } = write
  return prepare(options, held, { subjectId, id, versionId: randomUUID() }, origin)
}

async function store(
  options: IntakeOptions,
  db: Queryable,
  accepted: AcceptedResource,
  { id, interaction, body, origin }: Write,
  { alsoStored, notices }: Pick<CapturedConsents, 'alsoStored' | 'notices'> = { alsoStored: [], notices: [] },
): Promise<Stored> {
  const bodySha256 = createHash('sha256').update(body).digest()
  const resources = [accepted, ...alsoStored]
  const audit = auditRow(acceptEntry(options.now(), resources, origin, interaction, bodySha256))
  const { created, recorded, subscriptions } = await commit(db, resources, [audit])
  return {
    reference: `${accepted.resourceType}/${id}`,
    id,
    versionId: accepted.versionId,
    done: created[0] === true ? 'created' : 'updated',
    recorded,
    notices,
    subscriptions,
  }
}

/** A citizen who is named by our own reference must be one that we gave to this sender. */
async function knownSubject(
  db: Queryable,
  resource: HeldResource,
  subjectId: string,
  { organization }: Origin,
): Promise<string> {
  if (await isKnownTo(db, subjectId, organization.id)) return subjectId
  throw new GatewayError({
    code: 'field-invalid',
    expression: `${subjectPath(resource.resourceType)}.reference`,
    text: 'no citizen is known by this reference; name the citizen by `identifier` instead',
  })
}
