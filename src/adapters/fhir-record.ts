import type { SourceRecord } from '#mapping/source-record.ts'
import type { BundleEntry } from './fhir-message.ts'
import { resolve } from './fhir-message.ts'
import type { JsonNode } from './json-node.ts'
import { type OrganizationRecord, organizationSystems, readOrganization } from './organization-record.ts'

/** CodeableConcept as the maps take it: https://hl7.org/fhir/R4/datatypes.html#CodeableConcept */
export function conceptOf(concept: JsonNode): { codings: SourceRecord[]; text?: string } | undefined {
  const codings = concept
    .items('coding')
    .map(codingOf)
    .filter((coding) => Object.keys(coding).length > 0)
  const text = concept.child('text').text()
  if (codings.length === 0 && text === undefined) return undefined
  return { codings, ...(text === undefined ? {} : { text }) }
}

export function codingOf(coding: JsonNode): SourceRecord {
  return present({
    system: coding.child('system').text(),
    code: coding.child('code').text(),
    display: coding.child('display').text(),
  })
}

export function identifierOf(identifier: JsonNode): SourceRecord & { system?: string; value?: string } {
  return present({ system: identifier.child('system').text(), value: identifier.child('value').text() })
}

/** Of the several identifiers of an organisation, the one by which recipients are known is preferred. */
const preferred: readonly string[] = [
  organizationSystems.SOR,
  organizationSystems.GLN,
  organizationSystems.YDERNUMMER,
]

/** A reference to an organisation, in the Bundle or logical, as an organisation with its identifier. */
export function organizationOf(
  entries: readonly BundleEntry[],
  reference: JsonNode,
  warnings: string[],
): OrganizationRecord | undefined {
  if (!reference.isPresent) return undefined
  const entry = resolve(entries, reference)
  const organization = entry?.type === 'Organization' ? entry.resource : undefined
  const display = organization?.child('name').text() ?? reference.child('display').text()
  const logical = reference.child('identifier')
  const identifiers = organization ? organization.items('identifier') : logical.isPresent ? [logical] : []
  const read = identifiers.flatMap((identifier) => {
    const { system, value } = identifierOf(identifier)
    return system === undefined || value === undefined
      ? []
      : [readOrganization({ system, value, display }, { expression: identifier.path, warnings })]
  })
  const best = preferred.flatMap((system) => read.filter((each) => each.system === system))[0] ?? read[0]
  return best ?? (display === undefined ? undefined : { display })
}

/** Optional means absent, never `undefined`. */
export function present<Value>(record: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  const entries = Object.entries(record).flatMap(([key, value]): [string, Value][] =>
    value === undefined ? [] : [[key, value]],
  )
  return Object.fromEntries(entries)
}
