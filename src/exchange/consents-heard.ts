/** The consents of a request's citizens, compiled once, and what they speak of that must be looked up before they are heard. */
import type { Consent, ConsentProvision, Reference, Resource } from '@medplum/fhirtypes'
import type { Party } from '#consent/access-request.ts'
import { type CompiledConsent, compileConsent } from '#consent/compiled-consent.ts'
import type { Transaction } from '#store/database.ts'
import { type Organization, organizationsById, organizationsByIdentifier } from '#store/organizations.ts'
import type { RecordVersion } from './disclosure-request.ts'
import { partyOf } from './party.ts'

export type ConsentsBySubject = ReadonlyMap<string, readonly CompiledConsent[]>

export interface HeardConsents {
  readonly consents: ConsentsBySubject
  /** Whom they name: one that the registry knows is somebody else, not an open question. */
  readonly parties: readonly Party[]
  /** By citizen and `Type/id`: only where a consent speaks of records by what they refer to. */
  readonly records: ReadonlyMap<string, ReadonlyMap<string, Resource>>
  /** Whose each of these is, as `Organization/id`. */
  readonly holders: ReadonlyMap<string, ReadonlyMap<string, string>>
}

export interface Stored extends RecordVersion {
  readonly content: Resource
}

export function consentsBySubject(stored: readonly Stored[]): ConsentsBySubject {
  const bySubject = new Map<string, CompiledConsent[]>()
  for (const { subjectId, id, versionId, custodian, content } of stored) {
    const recordedBy = `Organization/${custodian}`
    const compiled = compileConsent({ id, versionId, consent: content as Consent, recordedBy })
    const others = bySubject.get(subjectId)
    if (others) others.push(compiled)
    else bySubject.set(subjectId, [compiled])
  }
  return bySubject
}

export async function partiesNamed(tx: Transaction, consents: ConsentsBySubject): Promise<Party[]> {
  const names = provisionsIn(consents).flatMap(({ actor = [] }) =>
    actor.flatMap((each): Reference[] => (each.reference ? [each.reference] : [])),
  )
  const identifiers = names.flatMap(({ identifier }) => identifier ?? [])
  const ids = names.flatMap(({ reference = '' }) => OUR_ORGANIZATION.exec(reference)?.[1] ?? [])
  const [numbered, referred] = await Promise.all([
    organizationsByIdentifier(tx, identifiers),
    ids.length > 0 ? organizationsById(tx, ids) : new Map<string, Organization>(),
  ])
  const named = new Map([...referred, ...numbered.map((each) => [each.id, each] as const)])
  return [...named.values()].map(partyOf)
}

const OUR_ORGANIZATION = /^Organization\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/_history\/.*)?$/

/** Citizens of whom a consent speaks by what a record refers to, or who wrote it: it takes their other records to tell. */
export function askingForRecords(consents: ConsentsBySubject): readonly string[] {
  return [...consents].flatMap(([subjectId, own]) =>
    provisionsIn(new Map([[subjectId, own]])).some(speaksOfOthers) ? [subjectId] : [],
  )
}

export function recordsBySubject(stored: readonly Stored[]): HeardConsents['records'] {
  return byName(stored, ({ content }) => content)
}

export function holdersBySubject(stored: readonly Stored[]): HeardConsents['holders'] {
  return byName(stored, ({ custodian }) => `Organization/${custodian}`)
}

function byName<T>(
  stored: readonly Stored[],
  told: (each: Stored) => T,
): ReadonlyMap<string, ReadonlyMap<string, T>> {
  const found = new Map<string, Map<string, T>>()
  for (const each of stored) {
    const own = found.get(each.subjectId) ?? new Map<string, T>()
    found.set(each.subjectId, own.set(`${each.resourceType}/${each.id}`, told(each)))
  }
  return found
}

function speaksOfOthers({ data = [] }: ConsentProvision): boolean {
  return data.some(({ meaning }) => meaning !== 'instance')
}

function provisionsIn(consents: ConsentsBySubject): ConsentProvision[] {
  return [...consents.values()].flat().flatMap(({ version }) => provisionsOf(version.consent.provision))
}

function provisionsOf(provision: ConsentProvision | undefined): ConsentProvision[] {
  return provision ? [provision, ...(provision.provision ?? []).flatMap(provisionsOf)] : []
}
