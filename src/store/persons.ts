/** Citizens by random subject id. The only file that turns a national id into a subject, and back. */
import { randomUUID } from 'node:crypto'
import type { Queryable, Transaction } from './database.ts'
import type { Seal } from './seal.ts'

export interface NationalId {
  readonly system: string
  readonly value: string
}

/** The citizen with this national id, made known if new. Two first messages at once end with one citizen. */
export async function subjectOf(tx: Transaction, seal: Seal, nationalId: NationalId): Promise<string> {
  const known = await findSubject(tx, seal, nationalId)
  if (known) return known
  // While keys are rotated, two processes may write with two: the index alone would not keep one from adding beside the other.
  await tx.query({
    name: 'take-turn',
    text: 'select pg_advisory_xact_lock($1::bigint)',
    values: [seal.turn(nationalId.system, nationalId.value)],
  })
  return (await findSubject(tx, seal, nationalId)) ?? addPerson(tx, seal, nationalId)
}

async function addPerson(tx: Transaction, seal: Seal, { system, value }: NationalId): Promise<string> {
  const [lookup, ...others] = seal.lookups(system, value)
  const subjectId = randomUUID()
  const rows = await tx.query({
    name: 'add-person',
    text: `
with added as (
  insert into person_identifier (lookup, lookup_key, subject_id, system, sealed)
  select $1, $2, $3, $4, $5
  -- INVARIANT: with a key that this process does not have, the citizen may be here already.
  where not exists (
    select 1 from key_in_use where kind = 'lookup' and retired_at is null and key_id <> all ($6::integer[]))
  returning subject_id
)
insert into person (subject_id) select subject_id from added returning subject_id`,
    values: [
      lookup.hash,
      lookup.keyId,
      subjectId,
      system,
      seal.seal(place(subjectId), Buffer.from(value)),
      [lookup.keyId, ...others.map(({ keyId }) => keyId)],
    ],
  })
  if (rows.length === 0)
    throw new Error('a citizen cannot be added: the keys file lacks a lookup key that is in use')
  return subjectId
}

export async function findSubject(
  db: Queryable,
  seal: Seal,
  { system, value }: NationalId,
): Promise<string | undefined> {
  const [row] = await db.query<{ subject_id: string }>({
    name: 'find-subject',
    text: 'select subject_id from person_identifier where lookup = any ($1::bytea[])',
    values: [seal.lookups(system, value).map(({ hash }) => hash)],
  })
  return row?.subject_id
}

/**
 * Whether an organisation knows a citizen by our reference: it holds a record or demographics of theirs, or was given one. A reference
 * that it came by in another way names nobody, or a record made with it would be answered with the national id.
 */
export async function isKnownTo(db: Queryable, subjectId: string, organizationId: string): Promise<boolean> {
  const rows = await db.query({
    name: 'is-known-to',
    text: `
select 1 where exists (select 1 from resource where subject_id = $1 and custodian = $2)
  or exists (select 1 from patient where subject_id = $1 and organization_id = $2)
  or exists (
    select 1 from audit_event where subject_id = $1 and recipient = $2 and kind = 'disclose' and effect = 'permit')`,
    values: [subjectId, organizationId],
  })
  return rows.length > 0
}

/** For a disclosure that was permitted: the recipient must know whose record it is. */
export async function nationalIdsOf(
  db: Queryable,
  seal: Seal,
  subjectIds: readonly string[],
): Promise<ReadonlyMap<string, readonly NationalId[]>> {
  const rows = await db.query<{ subject_id: string; system: string; sealed: Buffer }>({
    name: 'national-ids',
    text: 'select subject_id, system, sealed from person_identifier where subject_id = any ($1) order by subject_id, system, lookup',
    values: [subjectIds],
  })
  const ids = new Map<string, NationalId[]>()
  for (const { subject_id, system, sealed } of rows) {
    const value = seal.open(place(subject_id), sealed).toString()
    ids.set(subject_id, [...(ids.get(subject_id) ?? []), { system, value }])
  }
  return ids
}

/**
 * The consent fence: waits for a consent change that is under way, and makes a later one wait for us. Read the consents
 * in a statement after this one. Ordered, so that two authorisations cannot deadlock.
 */
export async function fenceConsents(tx: Transaction, subjectIds: readonly string[]): Promise<void> {
  await tx.query({
    name: 'fence-consents',
    text: 'select 1 from person where subject_id = any ($1) order by subject_id for share',
    values: [[...new Set(subjectIds)].sort()],
  })
}

/** For a change of a citizen's consents: those read after it are the current ones until this transaction has ended. */
export async function lockConsents(tx: Transaction, subjectId: string): Promise<void> {
  await tx.query({
    name: 'lock-consents',
    text: 'select 1 from person where subject_id = $1 for no key update',
    values: [subjectId],
  })
}

function place(subjectId: string): string {
  return `person_identifier|${subjectId}|sealed`
}
