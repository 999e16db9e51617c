/**
 * Clinical codes in a provision: found anywhere in the unit, by the code itself or by one that lies below it.
 * https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.code
 */
import { type CodeNormalizer, codeNormalizers, normalizeSystem } from '#label/code-system.ts'
import { type Code, type Faults, isFields, readConcept, readList } from './element-reader.ts'
import { or, type Truth } from './truth.ts'

/** Systems whose codes are comparable: the Danish SKS diagnoses and the Norwegian edition are ICD-10. */
interface Family {
  readonly name: string
  readonly normalize: CodeNormalizer
  /** Whether a longer code is a narrower one; SNOMED CT has a hierarchy that no code shows. */
  readonly narrows: 'by prefix' | 'never' | 'by hierarchy'
}

const icd: Family = { name: 'icd', normalize: 'icd', narrows: 'by prefix' }
const icpc: Family = { name: 'icpc', normalize: 'upper', narrows: 'by prefix' }
const atc: Family = { name: 'atc', normalize: 'upper', narrows: 'by prefix' }
const snomed: Family = { name: 'snomed', normalize: 'exact', narrows: 'by hierarchy' }
const loinc: Family = { name: 'loinc', normalize: 'upper', narrows: 'never' }
const ffb: Family = { name: 'ffb', normalize: 'kl', narrows: 'never' }
const fsiii: Family = { name: 'fsiii', normalize: 'kl', narrows: 'never' }

/** A system that is not here is unknown: its codes match only as they are written, and nobody can tell that one does not. */
const families: ReadonlyMap<string, Family> = new Map([
  ['http://hl7.org/fhir/sid/icd-10', icd],
  ['http://hl7.org/fhir/sid/icd-10-no', icd],
  ['urn:oid:2.16.578.1.12.4.1.1.7110', icd],
  ['urn:oid:1.2.208.176.2.4.12', icd],
  ['urn:oid:1.2.208.176.2.4', icd],
  ['urn:oid:1.2.208.176.2.31', icpc],
  ['https://kiap.dk/koder/icpc-2-dk', icpc],
  ['urn:oid:2.16.578.1.12.4.1.1.7170', icpc],
  ['http://hl7.org/fhir/sid/icpc-2', icpc],
  ['http://www.whocc.no/atc', atc],
  ['http://snomed.info/sct', snomed],
  ['http://loinc.org', loinc],
  ['urn:oid:1.2.208.176.2.22', ffb],
  ['urn:oid:1.2.208.176.2.21', fsiii],
])

export interface CodeTest extends Code {
  readonly family: Family | undefined
}

/** The codings of all concepts are alternatives; a concept of text alone stays as one of which nothing can be told. */
export function readCodeTests(
  value: unknown,
  expression: string,
  faults: Faults,
): readonly CodeTest[] | undefined {
  // Written as one object by public consent editors: plain enough to be read as a list of one.
  const isOne = isFields(value)
  if (isOne) faults.push({ code: 'code-not-a-list', expression })
  const concepts = readList(isOne ? [value] : value, expression, faults, readConcept)
  return concepts?.flatMap((codings) => (codings.length === 0 ? [NOTHING] : codings.map(readTest)))
}

const NOTHING: CodeTest = { system: undefined, code: undefined, family: undefined }

function readTest({ system, code }: Code): CodeTest {
  const family = system === undefined ? undefined : families.get(system)
  const plain = code !== undefined && family && isPlain(code, family)
  // `F10-F19` or `DZ032+DF102` is no code that another could lie below.
  if (!plain) return { system, code, family: undefined }
  return { system, code: codeNormalizers[family.normalize](code), family }
}

function isPlain(code: string, { narrows }: Family): boolean {
  return narrows === 'by prefix' ? /^[A-Za-z][A-Za-z0-9. ]*$/.test(code.trim()) : true
}

/** All codes of one unit: by family where they are comparable, else by system as they are written. */
export interface UnitCodes {
  readonly byFamily: ReadonlyMap<string, readonly string[]>
  readonly literal: ReadonlySet<string>
  /** Codes that stand without a system: they may be any. */
  readonly bare: readonly string[]
  readonly below: Descendants | undefined
}

/** Concepts below a SNOMED CT concept, from whoever has a terminology server; a concept that is not in it is not known. */
export type Descendants = ReadonlyMap<string, ReadonlySet<string>>

export function matchesCode(test: CodeTest, found: UnitCodes): Truth {
  if (test.code === undefined || test.system === undefined) return 'unknown'
  const { family, code } = test
  if (!family) return found.literal.has(`${test.system}|${code}`) || 'unknown'
  const codes = found.byFamily.get(family.name) ?? []
  const sure = or(...codes.map((candidate) => isAtOrBelow(candidate, code, family, found.below)))
  if (sure !== false) return sure
  const bare = found.bare
    .flatMap((other) => partsOf(other, family))
    .some((other) => codeNormalizers[family.normalize](other).startsWith(code))
  return bare ? 'unknown' : false
}

function isAtOrBelow(
  found: string,
  listed: string,
  { narrows }: Family,
  below: Descendants | undefined,
): Truth {
  if (found === listed) return true
  if (narrows === 'by prefix') return found.startsWith(listed)
  if (narrows === 'never') return false
  return below?.get(listed)?.has(found) ?? 'unknown'
}

/** Every Coding in the values, at any depth, contained resources and extensions included. */
export function codesIn(values: readonly unknown[], below: Descendants | undefined): UnitCodes {
  const byFamily = new Map<string, string[]>()
  const literal = new Set<string>()
  const bare: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (isFields(value)) {
      const { system, code } = value
      if (typeof code === 'string' && typeof system === 'string') add(normalizeSystem(system), code)
      else if (typeof code === 'string') bare.push(code)
      Object.values(value).forEach(visit)
    }
  }
  const add = (system: string, code: string): void => {
    literal.add(`${system}|${code}`)
    const family = families.get(system)
    if (!family) return
    const codes = byFamily.get(family.name) ?? []
    byFamily.set(family.name, codes)
    for (const part of partsOf(code, family)) codes.push(codeNormalizers[family.normalize](part))
  }
  visit(values)
  return { byFamily, literal, bare, below }
}

/** SKS writes an addition after its diagnosis, `DZ032+DF102`, and ICD-10 a dagger and an asterisk: each is a code. */
function partsOf(code: string, { name }: Family): readonly string[] {
  return name === 'icd' ? code.split(/[^A-Za-z0-9. ]+/).filter((part) => part !== '') : [code]
}
