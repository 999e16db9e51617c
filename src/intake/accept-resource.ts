/** FHIR-native writes: a client's own resource, created or replaced. https://hl7.org/fhir/R4/http.html#update */
import { createHash, randomUUID } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { describeCode, GatewayError } from '#fhir/gateway-error.ts'
import { type HeldResource, isHeld } from '#fhir/search-parameters.ts'
import { commit } from '#store/commit.ts'
import type { Queryable } from '#store/database.ts'
import { subjectExists, subjectOf } from '#store/persons.ts'
import { lockResource } from '#store/resources.ts'
import { aboutCitizen } from './citizen.ts'
import { acceptEntry, type IntakeOptions } from './intake.ts'
import type { Origin } from './origin.ts'
import { prepare } from './prepare.ts'
import { readSubject, subjectElement } from './subject.ts'

export interface AcceptedWrite {
  readonly reference: string
  readonly id: string
  readonly versionId: string
  readonly created: boolean
  readonly recorded: Date
}

/** POST: the id is ours. */
export async function acceptCreate(
  options: IntakeOptions,
  resource: Resource,
  body: Uint8Array,
  origin: Origin,
): Promise<AcceptedWrite> {
  const held = requireHeld(resource)
  const named = readSubject(held)
  const create = (db: Queryable, subjectId: string): Promise<Stored> =>
    store(options, db, held, { subjectId, id: randomUUID() }, 'create', body, origin)
  return announced(
    options,
    'nationalId' in named
      ? await aboutCitizen(options, named.nationalId, create)
      : await create(options.database, await knownSubject(options.database, held, named.subjectId)),
  )
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
  const held = requireHeld(resource)
  const named = readSubject(held)
  const stored = await options.database.transaction(async (tx) => {
    const subjectId =
      'nationalId' in named
        ? await subjectOf(tx, options.seal, named.nationalId)
        : await knownSubject(tx, held, named.subjectId)
    const existing = await lockResource(tx, id)
    if (existing && existing.custodian !== origin.organization.id) throw notWritable()
    if (existing && existing.resourceType !== held.resourceType) throw notWritable()
    if (ifMatch !== undefined && ifMatch !== existing?.versionId) {
      throw new GatewayError({
        code: 'version-conflict',
        text: 'the version in `If-Match` is not the current one: read the resource again, merge your change and send it with the new ETag',
      })
    }
    if (existing && existing.subjectId !== subjectId) {
      throw new GatewayError({
        code: 'field-invalid',
        expression: `${held.resourceType}.${subjectElement(held.resourceType)}`,
        text: 'this resource belongs to another citizen and cannot be moved; use a new id',
      })
    }
    return store(options, tx, held, { subjectId, id }, 'update', body, origin)
  })
  return announced(options, stored)
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
  resource: HeldResource,
  { subjectId, id }: { subjectId: string; id: string },
  interaction: 'create' | 'update',
  body: Uint8Array,
  origin: Origin,
): Promise<Stored> {
  const accepted = prepare(options, resource, { subjectId, id, versionId: randomUUID() }, origin.organization)
  const bodySha256 = createHash('sha256').update(body).digest()
  const audit = auditRow(acceptEntry(options.now(), [accepted], origin, interaction, bodySha256))
  const { created, recorded, subscriptions } = await commit(db, [accepted], [audit])
  return {
    reference: `${accepted.resourceType}/${id}`,
    id,
    versionId: accepted.versionId,
    created: created[0] === true,
    recorded,
    subscriptions,
  }
}

/** A citizen who is named by our own reference must be one that we gave. */
async function knownSubject(db: Queryable, resource: HeldResource, subjectId: string): Promise<string> {
  if (await subjectExists(db, subjectId)) return subjectId
  throw new GatewayError({
    code: 'field-invalid',
    expression: `${resource.resourceType}.${subjectElement(resource.resourceType)}.reference`,
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
