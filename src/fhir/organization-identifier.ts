/**
 * The numbers by which organisations are registered, each in its FHIR system. Sources: SOR, ydernummer, municipality
 * codes: https://hl7.dk/fhir/core/; GLN: https://www.gs1.org/services/how-calculate-check-digit-manually; HER-id, RESH
 * and orgnr: HL7 Norway's no-basis; orgnr's check digit: https://www.brreg.no/om-oss/oppgavene-vare/alle-registrene-vare/om-enhetsregisteret/organisasjonsnummeret/
 */
import { idnr } from '@navikt/fnrvalidator'

export interface OrganizationIdentifier {
  readonly system: string
  readonly value: string
}

/** A number as it was given: read, with what was mended on the way; or what is wrong with it. */
export type ReadIdentifier =
  { readonly identifier: OrganizationIdentifier; readonly warning?: string } | { readonly fault: string }

interface Scheme {
  readonly system: string
  /** What the number is, for who has to correct it. */
  readonly form: string
  readonly pattern: RegExp
  /** Of the country whose units alone have such numbers. */
  readonly jurisdiction?: 'DK' | 'NO'
  /** Spreadsheets take leading zeros away: shorter numbers get theirs back. */
  readonly padTo?: { readonly length: number; readonly from: number }
  readonly check?: { readonly name: string; readonly holds: (digits: readonly number[]) => boolean }
}

export const organizationSchemes = {
  sor: {
    system: 'urn:oid:1.2.208.176.1.1',
    form: 'a SOR code, 11 to 18 digits',
    pattern: /^[1-9][0-9]{10,17}$/,
    jurisdiction: 'DK',
  },
  gln: {
    system: 'https://www.gs1.org/gln',
    form: 'a GLN, 13 digits',
    pattern: /^[0-9]{13}$/,
    check: { name: 'check digit', holds: (digits) => sum(digits, [1, 3]) % 10 === 0 },
  },
  ydernummer: {
    system: 'urn:oid:1.2.208.176.1.4',
    form: 'a provider number, 6 digits',
    pattern: /^[0-9]{6}$/,
    jurisdiction: 'DK',
    padTo: { length: 6, from: 3 },
  },
  kommunekode: {
    system: 'http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes',
    form: 'a municipality code, 4 digits that begin with 0',
    pattern: /^0[1-9][0-9]{2}$/,
    jurisdiction: 'DK',
    padTo: { length: 4, from: 3 },
  },
  cvr: {
    system: 'http://cvr.dk',
    form: 'a CVR number, 8 digits',
    pattern: /^[1-9][0-9]{7}$/,
    jurisdiction: 'DK',
    check: { name: 'modulus 11', holds: (digits) => sum(digits, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0 },
  },
  herId: {
    system: 'urn:oid:2.16.578.1.12.4.1.2',
    form: 'a HER-id, 1 to 8 digits',
    pattern: /^[1-9][0-9]{0,7}$/,
    jurisdiction: 'NO',
  },
  resh: {
    system: 'urn:oid:2.16.578.1.12.4.1.4.102',
    form: 'a RESH id, 1 to 8 digits',
    pattern: /^[1-9][0-9]{0,7}$/,
    jurisdiction: 'NO',
  },
  orgnr: {
    system: 'urn:oid:2.16.578.1.12.4.1.4.101',
    form: 'an organisation number, 9 digits that begin with 8 or 9',
    pattern: /^[89][0-9]{8}$/,
    jurisdiction: 'NO',
    check: { name: 'modulus 11', holds: (digits) => sum(digits, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0 },
  },
} as const satisfies Record<string, Scheme>

export type OrganizationSchemeName = keyof typeof organizationSchemes

export function isOrganizationScheme(name: string): name is OrganizationSchemeName {
  return Object.hasOwn(organizationSchemes, name)
}

/** Spaces that people group digits with are no part of a number. */
export function readOrganizationIdentifier(name: OrganizationSchemeName, given: string): ReadIdentifier {
  const { system, form, pattern, padTo, check }: Scheme = organizationSchemes[name]
  const digits = given.replaceAll(' ', '')
  if (isNationalId(digits)) return { fault: `this is a person's number; send ${form}` }
  const padded = padTo !== undefined && digits.length >= padTo.from && digits.length < padTo.length
  const value = padded && /^[0-9]+$/.test(digits) ? digits.padStart(padTo.length, '0') : digits
  if (!pattern.test(value)) return { fault: `found ${told(digits)}; send ${form}` }
  if (check && !check.holds(Array.from(value, Number)))
    return { fault: `the ${check.name} does not fit; compare each digit with the register and send ${form}` }
  const identifier = { system, value }
  return value === digits
    ? { identifier }
    : {
        identifier,
        warning: `\`${digits}\` has lost its leading zeros; registered as \`${value}\`, check that it is meant`,
      }
}

/** The scheme that a registered identifier is of, and its name on the command line. */
export function organizationSchemeOf(system: string): OrganizationSchemeName | undefined {
  const found = Object.entries(organizationSchemes).find(([, scheme]) => scheme.system === system)
  return found && isOrganizationScheme(found[0]) ? found[0] : undefined
}

function told(digits: string): string {
  if (digits === '') return 'nothing'
  return /^[0-9]+$/.test(digits)
    ? `${digits.length} digits`
    : `${digits.length} characters that are not all digits`
}

/** A fødselsnummer has as many digits as a short SOR code; of 10 digits there is none here anyway. */
function isNationalId(digits: string): boolean {
  return /^[0-9]{11}$/.test(digits) && idnr(digits).status === 'valid'
}

/** The weights from the left, over and over. */
function sum(digits: readonly number[], weights: readonly number[]): number {
  return digits.reduce((total, digit, at) => total + digit * (weights[at % weights.length] ?? 0), 0)
}
