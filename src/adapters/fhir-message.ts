import { GatewayError, describeCode } from '#fhir/gateway-error.ts'
import { type PersonIdentifier, personSystem, readPersonIdentifier } from '#fhir/person-identifier.ts'
import { parseJsonBody } from '#fhir/json-body.ts'
import { JsonNode } from './json-node.ts'

/** One entry of a Bundle: its resource, and every reference by which the others may name it. */
export interface BundleEntry {
  readonly type: string
  readonly resource: JsonNode
  readonly names: ReadonlySet<string>
}

/** The body as a FHIR resource of one of these types: https://hl7.org/fhir/R4/json.html */
export function readFhirBody(
  bytes: Uint8Array,
  ...types: readonly string[]
): { type: string; root: JsonNode } {
  const value = parseJsonBody(bytes)
  const found = new JsonNode(value, 'resource').child('resourceType').text()
  const type = types.find((each) => each === found)
  if (type === undefined) {
    const wanted = types.map((each) => `\`${each}\``).join(' or ')
    throw new GatewayError({
      code: found === undefined ? 'field-missing' : 'field-invalid',
      text: `found ${describeCode(found)}: send a ${wanted}`,
      expression: 'resourceType',
    })
  }
  return { type, root: new JsonNode(value, type) }
}

/** https://hl7.org/fhir/R4/bundle.html#references: by fullUrl, or by type and id. */
export function readEntries(bundle: JsonNode): BundleEntry[] {
  return bundle.items('entry').map((entry) => {
    const resource = entry.child('resource')
    const type = resource.child('resourceType').requiredText()
    const id = resource.child('id').text()
    const fullUrl = entry.child('fullUrl').text()
    const names = [fullUrl, id === undefined ? undefined : `${type}/${id}`].filter(
      (name) => name !== undefined,
    )
    return { type, resource, names: new Set(names) }
  })
}

/** The entry that the reference names; undefined when there is none, or more than one. */
export function resolve(entries: readonly BundleEntry[], reference: JsonNode): BundleEntry | undefined {
  const name = reference.child('reference').text()
  const found = name === undefined ? [] : (byName(entries).get(name) ?? [])
  return found.length === 1 ? found[0] : undefined
}

type EntriesByName = ReadonlyMap<string, readonly BundleEntry[]>
const indexed = new WeakMap<readonly BundleEntry[], EntriesByName>()

/** Made once for a message: each of thousands of entries may point to another. */
function byName(entries: readonly BundleEntry[]): EntriesByName {
  const known = indexed.get(entries)
  if (known) return known
  const made = new Map<string, BundleEntry[]>()
  for (const entry of entries)
    for (const name of entry.names) {
      const named = made.get(name)
      if (named) named.push(entry)
      else made.set(name, [entry])
    }
  indexed.set(entries, made)
  return made
}

/** The one entry of a type that a message must have once. */
export function only(entries: readonly BundleEntry[], type: string, bundle: JsonNode): JsonNode {
  const found = entries.filter((entry) => entry.type === type)
  const [first, second] = found
  if (first && !second) return first.resource
  throw new GatewayError({
    code: first ? 'field-invalid' : 'field-missing',
    text: `the message has ${found.length} of \`${type}\`: send exactly one`,
    expression: `${bundle.path}.entry`,
  })
}

/**
 * The person of a Patient resource or of a logical reference: the first identifier in a system by which people may be
 * matched. Names, titles and ids of resources are never asked.
 */
export function readPatient(node: JsonNode, identifiers: readonly JsonNode[]): PersonIdentifier {
  const systems: ReadonlySet<string | undefined> = new Set(Object.values(personSystem))
  const known =
    identifiers.find((identifier) => systems.has(identifier.child('system').text())) ?? identifiers[0]
  if (!known) {
    throw node.child('identifier').missing('name the citizen by a national id with its system, such as a CPR')
  }
  return readPersonIdentifier(known.child('system').text(), known.child('value').text(), known.path)
}

/**
 * What changes the meaning of an element is never dropped, and Sluse understands none of it:
 * https://hl7.org/fhir/R4/extensibility.html#modifierExtension, https://hl7.org/fhir/R4/resource.html#implicitRules
 */
export function refuseModifiers(node: JsonNode): void {
  for (const name of ['modifierExtension', 'implicitRules']) {
    const found = node.child(name)
    if (!found.isPresent) continue
    throw new GatewayError({
      code: 'field-invalid',
      text: `no \`${name}\` is understood here: send the resource without what needs it`,
      expression: found.path,
    })
  }
}
