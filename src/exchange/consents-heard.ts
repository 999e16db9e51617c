/** The consents of a request's citizens, compiled once, and what they speak of that must be looked up before they are heard. */
import type { Consent, ConsentProvision, Identifier, Resource } from '@medplum/fhirtypes'
import type { Party } from '#consent/access-request.ts'
import { type CompiledConsent, compileConsent } from '#consent/decide.ts'
import type { Transaction } from '#store/database.ts'
import { organizationsByIdentifier } from '#store/organizations.ts'
import { recordsOf, type StoredResource } from '#store/resources.ts'
import { partyOf } from './party.ts'

export type ConsentsBySubject = ReadonlyMap<string, readonly CompiledConsent[]>

export interface HeardConsents {
  readonly consents: ConsentsBySubject
  /** Whom they name by a number: one that the registry knows is somebody else, not an open question. */
  readonly parties: readonly Party[]
  /** By citizen and `Type/id`: only where a consent speaks of records by what they refer to. */
  readonly records: ReadonlyMap<string, ReadonlyMap<string, Resource>>
}

export function consentsBySubject(stored: readonly StoredResource[]): ConsentsBySubject {
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
  const identifiers = provisionsIn(consents).flatMap(({ actor = [] }) =>
    actor.flatMap(({ reference }): Identifier[] => (reference?.identifier ? [reference.identifier] : [])),
  )
  return (await organizationsByIdentifier(tx, identifiers)).map(partyOf)
}

/** What a record refers to, and who wrote it, takes the citizen's other records to tell. */
export async function recordsAsked(
  tx: Transaction,
  consents: ConsentsBySubject,
): Promise<HeardConsents['records']> {
  const asking = [...consents].flatMap(([subjectId, own]) =>
    provisionsIn(new Map([[subjectId, own]])).some(speaksOfOthers) ? [subjectId] : [],
  )
  const records = new Map<string, Map<string, Resource>>()
  for (const { subjectId, resourceType, id, content } of await recordsOf(tx, asking)) {
    const own = records.get(subjectId) ?? new Map<string, Resource>()
    records.set(subjectId, own.set(`${resourceType}/${id}`, content))
  }
  return records
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
