/** Code systems by the one URI we compare with, whatever alias a sender used. https://hl7.org/fhir/R4/terminologies-systems.html */

export const CONFIDENTIALITY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
export const ACT_CODE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const ACT_REASON_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
export const PARTICIPATION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'

/** Spellings met in public data. One that is missing here is an unknown system, and that is most restricted. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['urn:oid:2.16.840.1.113883.6.96', 'http://snomed.info/sct'],
  ['urn:oid:2.16.840.1.113883.6.3', 'http://hl7.org/fhir/sid/icd-10'],
  ['http://id.who.int/icd/release/10/2019', 'http://hl7.org/fhir/sid/icd-10'],
  ['http://hl7.org/fhir/v3/ActReason', ACT_REASON_SYSTEM],
  ['http://hl7.org/fhir/v3/ActCode', ACT_CODE_SYSTEM],
  ['http://hl7.org/fhir/v3/Confidentiality', CONFIDENTIALITY_SYSTEM],
  ['http://hl7.org/fhir/v3/ParticipationType', PARTICIPATION_SYSTEM],
  // The object ids of the same four, in data that was a CDA document once.
  ['urn:oid:2.16.840.1.113883.5.4', ACT_CODE_SYSTEM],
  ['urn:oid:2.16.840.1.113883.5.8', ACT_REASON_SYSTEM],
  ['urn:oid:2.16.840.1.113883.5.25', CONFIDENTIALITY_SYSTEM],
  ['urn:oid:2.16.840.1.113883.5.90', PARTICIPATION_SYSTEM],
  ['http://www.gs1.org/gln', 'https://www.gs1.org/gln'],
  ['urn:oid:1.3.88', 'https://www.gs1.org/gln'],
  ['http://terminology.hl7.org/ValueSet/v3-InformationSensitivityPolicy', ACT_CODE_SYSTEM],
])

export function normalizeSystem(system: string): string {
  const trimmed = system.trim().replace(/\/$/, '')
  const uri = /^\d+(\.\d+)+$/.test(trimmed) ? `urn:oid:${trimmed}` : trimmed.replace(/^urn:oid\./, 'urn:oid:')
  return aliases.get(uri) ?? uri
}

/** How the codes of one system are spelt alike: `F10.2`, `F102` and `DF102` are the same code. */
export const codeNormalizers = {
  exact: (code: string) => code.trim(),
  icd: (code: string) =>
    code
      .trim()
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, '')
      // SKS puts a D before the WHO code; no WHO code has a letter in second place, so nothing else loses one.
      .replace(/^D(?=[A-Z])/, ''),
  upper: (code: string) => code.trim().toUpperCase(),
  // KL writes the same concept as a UUID, as a UUID with underscores, or as letters (I6.3).
  kl: (code: string) => code.trim().toLowerCase().replaceAll('_', '-'),
} as const

export type CodeNormalizer = keyof typeof codeNormalizers
