import { idnr } from '@navikt/fnrvalidator'
import { GatewayError, describe } from './gateway-error.ts'

/** A national person identifier, normalised, in a FHIR system that may be matched across organisations. */
export interface PersonIdentifier {
  readonly system: string
  readonly value: string
}

/** https://hl7.dk/fhir/core/ and HL7 Norway's no-basis: the five systems by which a person may be matched. */
export const personSystem = {
  cpr: 'urn:oid:1.2.208.176.1.2',
  xEcpr: 'urn:oid:1.2.208.176.1.6.1.1',
  fnr: 'urn:oid:2.16.578.1.12.4.1.4.1',
  dnr: 'urn:oid:2.16.578.1.12.4.1.4.2',
  fhn: 'urn:oid:2.16.578.1.12.4.1.4.3',
} as const

/** Regional replacement numbers end in a region's suffix and are unique only with it. */
const D_ECPR = 'urn:oid:1.2.208.176.1.6.1.3'

/** dk-core-patient, invariant on the CPR: 29 February passes in every year, since the century is not in the number. */
const DATE_PART =
  '(?:(?:0[1-9]|[12][0-9]|3[01])(?:01|03|05|07|08|10|12)|(?:0[1-9]|[12][0-9]|30)(?:04|06|09|11)|(?:0[1-9]|[12][0-9])02)[0-9]{2}'

/** Mod-11 is never asked for: numbers without it are issued since 2007, and official test persons have none. */
const CPR = new RegExp(`^(${DATE_PART})-?([0-9]{4})$`)
const X_ECPR = new RegExp(`^(${DATE_PART})-?([17][A-Z]{2}[0-9])$`)

/**
 * Reads a national person identifier and normalises it, or refuses it: an identifier that may name two people in
 * two organisations never enters the gateway. `expression` is the field to blame.
 */
export function readPersonIdentifier(system: unknown, value: unknown, expression?: string): PersonIdentifier {
  const refuse = (
    code: 'patient-id-unknown-scheme' | 'patient-id-not-exchangeable' | 'field-invalid',
    text: string,
  ) => new GatewayError({ code, text, ...(expression === undefined ? {} : { expression }) })
  if (typeof system !== 'string' || typeof value !== 'string') {
    throw refuse(
      'patient-id-unknown-scheme',
      `found ${describe(system)} as the system: send a CPR, fnr or D-number`,
    )
  }
  if (system === D_ECPR || system.startsWith(`${D_ECPR}.`)) {
    throw refuse(
      'patient-id-not-exchangeable',
      'a regional replacement number is unique in its region only: send a CPR',
    )
  }
  const read = readers.get(system)
  if (!read) {
    throw refuse(
      'patient-id-unknown-scheme',
      'the identifier is in no national system: send a CPR, fnr or D-number',
    )
  }
  const found = read(value)
  if (found === 'h-number') {
    throw refuse(
      'patient-id-not-exchangeable',
      'an H-number is valid in one enterprise only: send a fødselsnummer',
    )
  }
  if (!found) {
    throw refuse(
      'field-invalid',
      `${describe(value)} is no number of this system: correct the patient's identifier`,
    )
  }
  return found
}

type Reader = (value: string) => PersonIdentifier | 'h-number' | undefined

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [personSystem.cpr, (value) => matched(personSystem.cpr, CPR.exec(value))],
  [personSystem.xEcpr, (value) => matched(personSystem.xEcpr, X_ECPR.exec(value))],
  [personSystem.fnr, readNorwegian],
  [personSystem.dnr, readNorwegian],
  [
    personSystem.fhn,
    (value) => (isFellesHjelpenummer(value) ? { system: personSystem.fhn, value } : undefined),
  ],
])

/** Whether a text is a number of any of the five systems, or one that is refused as an H-number. */
export function isPersonNumber(value: string): boolean {
  return [...readers.values()].some((read) => read(value) !== undefined)
}

function matched(system: string, parts: RegExpExecArray | null): PersonIdentifier | undefined {
  return parts ? { system, value: `${parts[1]}${parts[2]}` } : undefined
}

/** Senders mix up the two systems; the number itself says which it is, so that one person has one identifier. */
function readNorwegian(value: string): ReturnType<Reader> {
  const result = idnr(value)
  if (result.status === 'invalid') return undefined
  switch (result.type) {
    case 'fnr':
    case 'tnr':
      return { system: personSystem.fnr, value }
    case 'dnr':
    case 'dnr-and-tnr':
      return { system: personSystem.dnr, value }
    case 'hnr':
    case 'dnr-and-hnr':
      return 'h-number'
    default:
      return undefined
  }
}

/** Felles hjelpenummer: 11 digits that begin with 8 or 9, so no date, and the two control digits of a fødselsnummer. */
function isFellesHjelpenummer(value: string): boolean {
  if (!/^[89][0-9]{10}$/.test(value)) return false
  const digits = Array.from(value, Number)
  const sum = (weights: readonly number[]): number =>
    weights.reduce((total, weight, at) => total + weight * (digits[at] ?? 0), 0)
  return sum([3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 && sum([5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
}
