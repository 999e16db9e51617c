/**
 * Two subjects that are one citizen. Each keeps its own records, numbers and history: a merge is a link, and taking it back
 * moves nothing. What either does to who may see what waits until a person has confirmed each consent.
 */
import type { Queryable, Transaction } from './database.ts'

export interface Citizen {
  /** All subjects of this citizen, the asked one among them. */
  readonly subjectIds: readonly string[]
  /** Whether a consent waits for a person: then nothing of the citizen is exchanged. */
  readonly isSuspended: boolean
}

/** By subject. Behind the consent fence of the subject: whoever links or unlinks it takes its row. */
export async function citizensOf(
  tx: Transaction,
  subjectIds: readonly string[],
): Promise<ReadonlyMap<string, Citizen>> {
  const rows = await tx.query<{ subject_id: string; merged: string[]; suspended: boolean }>({
    name: 'citizens',
    text: `
select a.subject_id, m.merged, is_suspended(m.merged) as suspended
from unnest($1::uuid[]) as a (subject_id) cross join lateral (select merged_with(a.subject_id) as merged) as m`,
    values: [[...new Set(subjectIds)]],
  })
  return new Map(
    rows.map((row) => [row.subject_id, { subjectIds: row.merged, isSuspended: row.suspended }] as const),
  )
}

/** A consent that waits for a person. */
export interface SuspendedConsent {
  readonly subjectId: string
  readonly consentId: string
  readonly custodian: string
  readonly cause: 'merged' | 'unmerged'
  readonly since: Date
}

export interface Linked {
  /** All that are now one citizen; of an unmerge, all that were. */
  readonly subjectIds: readonly string[]
  readonly suspended: readonly SuspendedConsent[]
  /** Who holds records of whom: each is to find in its audit log what was done. */
  readonly holders: readonly Holding[]
}

export interface Holding {
  readonly subjectId: string
  readonly custodian: string
}

export class PersonsUnfit extends Error {
  override readonly name = 'PersonsUnfit'
}

/** @throws PersonsUnfit, in words for an operator. */
export async function mergePersons(
  tx: Transaction,
  { from, into }: { readonly from: string; readonly into: string },
): Promise<Linked> {
  if (from === into) throw new PersonsUnfit('both name the same subject; name two')
  const citizens = await lockCitizens(tx, [from, into])
  const target = citizens.get(into)?.subjectIds ?? []
  if (target.includes(from)) throw new PersonsUnfit('they are one citizen already; there is nothing to merge')
  if ((citizens.get(from)?.subjectIds.length ?? 0) > 1)
    throw new PersonsUnfit('the first is merged with another subject; unmerge it first')
  const subjectIds = [...target, from].sort()
  await tx.query({
    text: `
update person set citizen_id = coalesce((select citizen_id from person where subject_id = $2), $2)
where subject_id = any ($1)`,
    values: [subjectIds, into],
  })
  return { subjectIds, ...(await suspend(tx, subjectIds, 'merged')) }
}

/** Takes one subject out of its citizen. Records never left it, so there is nothing to put back. */
export async function unmergePerson(tx: Transaction, subjectId: string): Promise<Linked> {
  const citizens = await lockCitizens(tx, [subjectId])
  const subjectIds = citizens.get(subjectId)?.subjectIds ?? []
  if (subjectIds.length < 2) throw new PersonsUnfit('the subject is merged with nobody')
  const left = subjectIds.filter((each) => each !== subjectId)
  const alone = left.length === 1 ? subjectIds : [subjectId]
  await tx.query({ text: 'update person set citizen_id = null where subject_id = any ($1)', values: [alone] })
  return { subjectIds, ...(await suspend(tx, subjectIds, 'unmerged')) }
}

/** From now on the consent counts again, as it stands. Undefined when it does not wait for anybody. */
export async function confirmConsent(
  tx: Transaction,
  consentId: string,
): Promise<SuspendedConsent | undefined> {
  const found = await suspendedOf(tx, { consentId })
  const [consent] = found
  if (!consent) return undefined
  await lockCitizens(tx, [consent.subjectId])
  const removed = await tx.query({
    text: 'delete from consent_suspension where subject_id = $1 and consent_id = $2 returning 1',
    values: [consent.subjectId, consentId],
  })
  return removed.length > 0 ? consent : undefined
}

/** What waits for a person, oldest first: of these subjects, or of everybody. */
export async function suspendedOf(
  db: Queryable,
  { subjectIds, consentId }: { readonly subjectIds?: readonly string[]; readonly consentId?: string },
): Promise<SuspendedConsent[]> {
  const rows = await db.query<{
    subject_id: string
    consent_id: string
    custodian: string
    cause: SuspendedConsent['cause']
    since: Date
  }>({
    text: `
select s.subject_id, s.consent_id, r.custodian, s.cause, s.since
from consent_suspension s
join resource r on r.subject_id = s.subject_id and r.resource_type = 'Consent' and r.id = s.consent_id
where ($1::uuid[] is null or s.subject_id = any ($1)) and ($2::uuid is null or s.consent_id = $2)
order by s.since, s.consent_id`,
    values: [subjectIds ?? null, consentId ?? null],
  })
  return rows.map((row) => ({
    subjectId: row.subject_id,
    consentId: row.consent_id,
    custodian: row.custodian,
    cause: row.cause,
    since: row.since,
  }))
}

/**
 * Everybody who is one citizen with these, locked as a change of a consent is: an authorisation that is under way ends
 * first, and a later one sees the change.
 */
async function lockCitizens(
  tx: Transaction,
  asked: readonly string[],
): Promise<ReadonlyMap<string, Citizen>> {
  const before = await citizensOf(tx, asked)
  const all = [...new Set([...before.values()].flatMap(({ subjectIds }) => subjectIds))].sort()
  const rows = await tx.query<{ subject_id: string }>({
    text: 'select subject_id from person where subject_id = any ($1) order by subject_id for no key update',
    values: [all],
  })
  const known = new Set(rows.map((row) => row.subject_id))
  if (!asked.every((each) => known.has(each))) throw new PersonsUnfit('there is no such subject here')
  const citizens = await citizensOf(tx, asked)
  // Somebody linked them meanwhile, with subjects that are not locked.
  if ([...citizens.values()].some(({ subjectIds }) => subjectIds.some((each) => !known.has(each))))
    throw new PersonsUnfit('they were changed at the same moment; try again')
  return citizens
}

async function suspend(
  tx: Transaction,
  subjectIds: readonly string[],
  cause: SuspendedConsent['cause'],
): Promise<Pick<Linked, 'suspended' | 'holders'>> {
  await tx.query({
    text: `
insert into consent_suspension (subject_id, consent_id, cause)
select subject_id, id, $2 from resource
where subject_id = any ($1) and resource_type = 'Consent' and version_id is not null and 'status=active' = any (tokens)
on conflict (subject_id, consent_id) do update set cause = excluded.cause, since = excluded.since`,
    values: [subjectIds, cause],
  })
  const holders = await tx.query<{ subject_id: string; custodian: string }>({
    text: 'select distinct subject_id, custodian from resource where subject_id = any ($1) order by 1, 2',
    values: [subjectIds],
  })
  return {
    suspended: await suspendedOf(tx, { subjectIds }),
    holders: holders.map((row) => ({ subjectId: row.subject_id, custodian: row.custodian })),
  }
}
