/** Code systems by the short names that v2 messages and JSON records use. https://hl7.org/fhir/R4/terminologies-systems.html */
const systems: ReadonlyMap<string, string> = new Map([
  ['SKS', 'urn:oid:1.2.208.176.2.4'],
  ['SKS-D', 'urn:oid:1.2.208.176.2.4.12'],
  ['ICPC2-DK', 'urn:oid:1.2.208.176.2.31'],
  ['FSIII', 'urn:oid:1.2.208.176.2.21'],
  ['FFB', 'urn:oid:1.2.208.176.2.22'],
  ['I10', 'http://hl7.org/fhir/sid/icd-10'],
  ['I10-NO', 'urn:oid:2.16.578.1.12.4.1.1.7110'],
  ['ICPC2-NO', 'urn:oid:2.16.578.1.12.4.1.1.7170'],
  ['SCT', 'http://snomed.info/sct'],
  ['ATC', 'http://www.whocc.no/atc'],
  ['SOR', 'urn:oid:1.2.208.176.1.1'],
])

/** A concept as the maps take it: a code with its system, or text alone. */
export interface ConceptRecord {
  readonly [element: string]: string | undefined
  readonly system?: string
  readonly code?: string
  readonly display?: string
  readonly text?: string
}

/**
 * A code of a system that we do not know is text: as a code without a system it would mean nothing, and as text it is
 * labelled most restricted.
 */
export function conceptRecord(code: string, display: string, systemName: string): ConceptRecord | undefined {
  const system = systems.get(systemName)
  const text = display === '' ? code : display
  if (text === '') return undefined
  if (system === undefined || code === '') return { text }
  return display === '' ? { system, code } : { system, code, display }
}
