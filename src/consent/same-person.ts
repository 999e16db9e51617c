/** Whether a reference means the citizen: by an id of ours, or by a national number that may be matched across organisations. */
import type { Resource } from '@medplum/fhirtypes'
import { normalizeSystem } from '#label/code-system.ts'
import type { BusinessIdentifier, Subject } from './access-request.ts'
import { isFields } from './element-reader.ts'

/** Read with care: a consent may have any JSON in this place. */
export function isAbout(subject: unknown, patient: Subject): boolean {
  if (!isFields(subject)) return false
  const { reference, identifier } = subject
  if (typeof reference === 'string' && patient.references.includes(reference.replace(/\/_history\/.*$/, '')))
    return true
  const number = isFields(identifier) ? personNumber(identifier) : undefined
  return number !== undefined && patient.identifiers.some((known) => isSame(personNumber(known), number))
}

function isSame(one: BusinessIdentifier | undefined, other: BusinessIdentifier): boolean {
  return one?.system === other.system && one.value === other.value
}

/** With the Patients that were looked up: other ids of the same citizen, and the numbers that they are known by. */
export function withRecords(patient: Subject, resources: ReadonlyMap<string, Resource> | undefined): Subject {
  if (!resources) return patient
  const own = patient.references.flatMap((reference) => numbersOf(resources.get(reference)))
  const identifiers = [...patient.identifiers, ...own]
  const known = { ...patient, identifiers }
  const records = [...resources].filter(([, record]) =>
    numbersOf(record).some((identifier) => isAbout({ identifier }, known)),
  )
  return { ...known, references: [...patient.references, ...records.map(([reference]) => reference)] }
}

function numbersOf(resource: unknown): readonly BusinessIdentifier[] {
  if (!isFields(resource) || resource['resourceType'] !== 'Patient') return []
  const identifiers: readonly unknown[] = Array.isArray(resource['identifier']) ? resource['identifier'] : []
  return identifiers.flatMap((each) => (isFields(each) ? (personNumber(each) ?? []) : []))
}

const CPR = 'urn:oid:1.2.208.176.1.2'
const X_ECPR = 'urn:oid:1.2.208.176.1.6.1.1'
const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
const D_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.2'
const FHN = 'urn:oid:2.16.578.1.12.4.1.4.3'

/**
 * The five registers whose numbers mean one person everywhere, and the form of their numbers. Local ids, regional
 * replacement numbers and the H-numbers of one enterprise (month + 40) may mean two people in two places.
 */
const matchable: ReadonlyMap<string, RegExp> = new Map([
  [CPR, /^\d{10}$/],
  [X_ECPR, /^\d{6}[17][A-Z]{2}\d$/],
  [FNR, /^\d{2}(?![45])\d{9}$/],
  [D_NUMBER, /^[4-7]\d(?![45])\d{9}$/],
  [FHN, /^\d{11}$/],
])

function personNumber({
  system,
  value,
}: {
  system?: unknown
  value?: unknown
}): BusinessIdentifier | undefined {
  if (typeof system !== 'string' || typeof value !== 'string') return undefined
  const uri = normalizeSystem(system)
  const number = value.trim().replace(/^(\d{6})-/, '$1')
  return matchable.get(uri)?.test(number) ? { system: uri, value: number } : undefined
}
