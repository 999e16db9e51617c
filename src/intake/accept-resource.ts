/** FHIR-native writes: a client's own resource, created or replaced. https://hl7.org/fhir/R4/http.html#update */
import { createHash, randomUUID } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { Notice } from '#capture/earlier-consents.ts'
import { auditRow } from '#audit/audit-row.ts'
import { describeCode, GatewayError } from '#fhir/gateway-error.ts'
import { type HeldResource, isHeld } from '#fhir/held-types.ts'
import { type AcceptedResource, commit, HeldElsewhere } from '#store/commit.ts'
import type { Queryable, Transaction } from '#store/database.ts'
import { isKnownTo, lockConsents, subjectOf } from '#store/persons.ts'
import { lockResource } from '#store/resources.ts'
import { captureConsents, type CapturedConsents } from './capture-consents.ts'
import { aboutCitizen } from './citizen.ts'
import { acceptEntry, type IntakeOptions } from './intake.ts'
import type { Origin } from './origin.ts'
import { prepare } from './prepare.ts'
import { readSubject, subjectPath } from './subject.ts'

export interface AcceptedWrite {
  readonly reference: string
  readonly id: string
  readonly versionId: string
  readonly created: boolean
  readonly recorded: Date
  /** What its sender should know: of a consent, how it stands to those that the sender holds already. */
  readonly notices: readonly Notice[]
}

/** POST: the id is ours. */
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

/**
 * PUT: the id is the client's, and must be a UUID, so that ids of other organisations cannot be found by guessing.
 * Another organisation's id answers as one that does not exist.
 */
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

interface Write {
  readonly id: string
  readonly held: HeldResource
  readonly interaction: 'create' | 'update'
  readonly body: Uint8Array
  readonly origin: Origin
}

/** https://hl7.org/fhir/R4/http.html#concurrency: the version is compared and replaced under one lock. */
async function storeIfMatches(options: IntakeOptions, ifMatch: string, write: Write): Promise<Stored> {
  return options.database.transaction(async (tx) => {
    // In the order of every other change of a consent: the citizen, then the resource.
    if (write.held.resourceType === 'Consent') await lockConsents(tx, await subjectIn(options, tx, write))
    const current = await lockResource(tx, write.id)
    const own = current?.custodian === write.origin.organization.id
    if (current && !own) throw notWritable()
    if (current?.versionId !== ifMatch) {
      throw new GatewayError({
        code: 'version-conflict',
        text: 'the version in `If-Match` is not the current one: read the resource again, merge your change and send it with the new ETag',
      })
    }
    return storeWithin(options, tx, write)
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

/** With the citizen that the resource names, who is added when nobody has sent them before. */
async function storeWrite(options: IntakeOptions, write: Write): Promise<Stored> {
  const { held, origin } = write
  // A consent is judged beside the citizen's others, which must not change meanwhile.
  if (held.resourceType === 'Consent')
    return options.database.transaction((tx) => storeWithin(options, tx, write))
  const named = readSubject(held)
  const storeFor = (db: Queryable, subjectId: string): Promise<Stored> =>
    store(options, db, preparedFor(options, subjectId, write), write)
  return 'nationalId' in named
    ? aboutCitizen(options, named.nationalId, storeFor)
    : storeFor(options.database, await knownSubject(options.database, held, named.subjectId, origin))
}

async function storeWithin(options: IntakeOptions, tx: Transaction, write: Write): Promise<Stored> {
  const accepted = preparedFor(options, await subjectIn(options, tx, write), write)
  const captured = await captureConsents(tx, options, [accepted], write.origin)
  const stored = await store(options, tx, accepted, write, captured)
  const followed = await captured.follow(tx)
  return { ...stored, subscriptions: [...stored.subscriptions, ...followed] }
}

function preparedFor(
  options: IntakeOptions,
  subjectId: string,
  { id, held, origin }: Write,
): AcceptedResource {
  return prepare(options, held, { subjectId, id, versionId: randomUUID() }, origin)
}

async function subjectIn({ seal }: IntakeOptions, tx: Transaction, { held, origin }: Write): Promise<string> {
  const named = readSubject(held)
  return 'nationalId' in named
    ? subjectOf(tx, seal, named.nationalId)
    : knownSubject(tx, held, named.subjectId, origin)
}

/** After the commit, never before it: a wake-up that came first would find nothing. */
function announced(options: IntakeOptions, { subscriptions, ...write }: Stored): AcceptedWrite {
  options.announce(subscriptions)
  options.onAccepted('fhir', 1)
  return write
}

type Stored = AcceptedWrite & { readonly subscriptions: readonly string[] }

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
    created: created[0] === true,
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

function requireHeld(resource: Resource): HeldResource {
  if (isHeld(resource)) return resource
  throw new GatewayError({
    code: 'field-invalid',
    expression: 'resourceType',
    text: `found ${describeCode(resource.resourceType)}; this address takes the resource type that its path names`,
  })
}

function notWritable(): GatewayError {
  return new GatewayError({ code: 'not-found', text: 'there is no resource with this id that you may write' })
}
