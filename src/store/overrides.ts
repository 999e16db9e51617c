/**
 * Break-glass, as data: who may declare it, and each grant that was opened. A grant releases nothing by itself: the door
 * finds it and `decide()` judges it, after everything else (https://hl7.org/fhir/R4/v3/ActReason/cs.html: BTG).
 */
import { personSystem } from '#fhir/person-identifier.ts'
import type { Queryable, Transaction } from './database.ts'
import type { Seal } from './seal.ts'

/** A person by authorisation number: HPR, autorisations-id. Never a national id. */
export interface PersonOnDuty {
  readonly system: string
  readonly value: string
}

export interface NewOverride {
  readonly id: string
  readonly subjectId: string
  readonly clientId: string
  readonly organizationId: string
  readonly person: PersonOnDuty
  /** Code of `https://sluse.example/fhir/CodeSystem/override-ground`. */
  readonly ground: string
  /** In the person's own words: sealed, and opened for the review alone. */
  readonly reason: string
  readonly openedAt: Date
  readonly expiresAt: Date
}

export interface OverrideGrant extends Omit<NewOverride, 'reason'> {
  /** Whether client and person belong to those who may, as registered now. */
  readonly privileged: boolean
}

/**
 * Lets a client declare overrides by these persons; none takes the right away, from grants that are open as well.
 * @throws when one is named by a national id: the number would stand in every review.
 */
export async function allowOverrides(
  db: Queryable,
  clientId: string,
  persons: readonly PersonOnDuty[],
): Promise<void> {
  if (persons.some(({ system }) => isNationalIdSystem(system)))
    throw new Error('name a person by authorisation number, never by national id')
  await db.query({
    text: 'update client set may_override = $2, override_persons = $3 where client_id = $1',
    values: [clientId, persons.length > 0, JSON.stringify(persons)],
  })
}

/** As registered now: this client, and this person as one of its. */
export async function mayOverride(
  db: Queryable,
  clientId: string,
  { system, value }: PersonOnDuty,
): Promise<boolean> {
  const rows = await db.query({
    name: 'may-override',
    text: `
select 1 from client where client_id = $1 and may_override and disabled_at is null and override_persons @> $2::jsonb`,
    values: [clientId, JSON.stringify([{ system, value }])],
  })
  return rows.length > 0
}

/** The check of the schema: no grant outlives 8 hours. */
export async function openOverride(tx: Transaction, seal: Seal, grant: NewOverride): Promise<void> {
  await tx.query({
    name: 'open-override',
    text: `
insert into override_grant (override_id, subject_id, client_id, organization_id, person, ground, sealed_reason, opened_at,
  expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      grant.id,
      grant.subjectId,
      grant.clientId,
      grant.organizationId,
      JSON.stringify(grant.person),
      grant.ground,
      seal.seal(place(grant.id), Buffer.from(grant.reason)),
      grant.openedAt,
      grant.expiresAt,
    ],
  })
}

/**
 * The grant, if it is this client's and in force at `now`. With a citizen, only if it is about that one. Whatever is wrong
 * with it, the answer is the same: nobody learns that another's grant exists.
 */
export async function findOverride(
  db: Queryable,
  id: string,
  clientId: string,
  subjectId: string | undefined,
  now: Date,
): Promise<OverrideGrant | undefined> {
  const [row] = await db.query<Row>({
    name: 'find-override',
    text: `
select g.*, c.may_override and c.disabled_at is null and c.override_persons @> jsonb_build_array(g.person) as privileged
from override_grant g join client c using (client_id)
where override_id = $1 and client_id = $2 and ($3::uuid is null or subject_id = $3)
  and opened_at <= $4 and expires_at >= $4`,
    values: [id, clientId, subjectId ?? null, now],
  })
  return row && asGrant(row)
}

/** With the reason that the person wrote when the glass was broken: for whoever reviews it. */
export async function overrideToReview(
  db: Queryable,
  seal: Seal,
  id: string,
): Promise<NewOverride | undefined> {
  const [row] = await db.query<Omit<Row, 'privileged'> & { readonly sealed_reason: Buffer }>({
    name: 'override-to-review',
    text: 'select * from override_grant where override_id = $1',
    values: [id],
  })
  if (!row) return undefined
  const { privileged: _privileged, ...grant } = asGrant({ ...row, privileged: false })
  return { ...grant, reason: seal.open(place(id), row.sealed_reason).toString() }
}

interface Row {
  readonly override_id: string
  readonly subject_id: string
  readonly client_id: string
  readonly organization_id: string
  readonly person: PersonOnDuty
  readonly ground: string
  readonly opened_at: Date
  readonly expires_at: Date
  readonly privileged: boolean
}

function asGrant(row: Row): OverrideGrant {
  return {
    id: row.override_id,
    subjectId: row.subject_id,
    clientId: row.client_id,
    organizationId: row.organization_id,
    person: { system: row.person.system, value: row.person.value },
    ground: row.ground,
    openedAt: row.opened_at,
    expiresAt: row.expires_at,
    privileged: row.privileged,
  }
}

/** Replacement numbers as well: 1.2.208.176.1.6.1. */
export function isNationalIdSystem(system: string): boolean {
  return (
    Object.values<string>(personSystem).includes(system) || system.startsWith('urn:oid:1.2.208.176.1.6.1')
  )
}

function place(id: string): string {
  return `override_grant|${id}|sealed_reason`
}
