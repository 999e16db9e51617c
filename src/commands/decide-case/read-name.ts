/** A Reference or an Identifier, as a case names the citizen and the parties. https://hl7.org/fhir/R4/references.html */
import type { BusinessIdentifier } from '#consent/access-request.ts'
import { type Faults, isObject, isPlainName, type JsonObject, member, type Place } from './json-place.ts'

export interface Name {
  readonly path: string
  readonly reference?: string
  readonly identifier?: BusinessIdentifier
}

const REFERENCE_MEMBERS = ['reference', 'type', 'identifier', 'display', 'id', 'extension']
const IDENTIFIER_MEMBERS = ['use', 'type', 'system', 'value', 'period', 'assigner', 'id', 'extension']

export function readName(place: Place, faults: Faults): Name | undefined {
  const { value, path } = place
  if (!isObject(value)) return faults.wrong(place, 'a Reference or an Identifier')
  if ('system' in value || 'value' in value) {
    const identifier = readIdentifier(value, path, faults)
    return identifier && { path, identifier }
  }
  return readReference(value, path, faults)
}

/** A single one counts as a list of one; all of them name the same party. */
export function readNames(place: Place, faults: Faults): readonly Name[] {
  const { value, path } = place
  if (!Array.isArray(value)) {
    const name = readName(place, faults)
    return name ? [name] : []
  }
  if (value.length === 0) faults.wrong(place, 'at least one Reference or Identifier')
  return value.flatMap((item: unknown, index) => {
    const name = readName({ value: item, path: `${path}[${index}]` }, faults)
    return name ? [name] : []
  })
}

function readReference(value: JsonObject, path: string, faults: Faults): Name | undefined {
  refuseUnknown(value, path, REFERENCE_MEMBERS, faults)
  const { reference, identifier } = value
  if (reference === undefined && identifier === undefined)
    return faults.add(path, 'found neither `reference` nor `identifier`; send one of them', 'field-missing')
  const literal = reference === undefined ? undefined : readLiteral(member(value, path, 'reference'), faults)
  const business =
    identifier === undefined ? undefined : readNested(member(value, path, 'identifier'), faults)
  // One that could not be read left its fault.
  return {
    path,
    ...(literal === undefined ? {} : { reference: literal }),
    ...(business === undefined ? {} : { identifier: business }),
  }
}

function readNested(place: Place, faults: Faults): BusinessIdentifier | undefined {
  return isObject(place.value)
    ? readIdentifier(place.value, place.path, faults)
    : faults.wrong(place, 'an Identifier')
}

const LITERAL = /^(?:[A-Z][A-Za-z]+\/[^\s/#?]+|[a-z][a-z0-9+.-]*:\S+)$/

/** Without its version: whoever is named is named in every version. */
function readLiteral(place: Place, faults: Faults): string | undefined {
  if (typeof place.value !== 'string') return faults.wrong(place, 'a string')
  const literal = place.value.replace(/\/_history\/[^/]+$/, '')
  return LITERAL.test(literal)
    ? literal
    : faults.add(place.path, 'found a reference of no known form; send `Type/id` or an absolute URL')
}

function readIdentifier(value: JsonObject, path: string, faults: Faults): BusinessIdentifier | undefined {
  refuseUnknown(value, path, IDENTIFIER_MEMBERS, faults)
  const [system, number] = ['system', 'value'].map((name) => readText(member(value, path, name), faults))
  return system === undefined || number === undefined ? undefined : { system, value: number }
}

function readText(place: Place, faults: Faults): string | undefined {
  return typeof place.value === 'string' && place.value.trim() !== ''
    ? place.value.trim()
    : faults.wrong(place, 'a string')
}

/** A misspelt name would be a name that is not compared. */
export function refuseUnknown(
  value: JsonObject,
  path: string,
  known: readonly string[],
  faults: Faults,
): void {
  for (const name of Object.keys(value).filter((key) => !known.includes(key))) {
    const found = isPlainName(name) ? `\`${name}\`` : 'a member of another name'
    faults.add(
      path,
      `found ${found}, which has no meaning here; known are ${known.map((each) => `\`${each}\``).join(', ')}`,
    )
  }
}
