import { isObject, objects } from './r4-source.ts'
import type { JsonObject } from './r4-source.ts'

/**
 * The data types and resources that Sluse validates. A resource of any other type is refused, also when contained:
 * what cannot be validated cannot be labelled or redacted.
 */
const RESOURCE_TYPES = new Set(
  `Resource DomainResource
  CarePlan Encounter Condition Consent Goal CareTeam ServiceRequest Task EpisodeOfCare
  Patient RelatedPerson Practitioner PractitionerRole Organization HealthcareService
  Location Group Device Endpoint Appointment Observation Procedure List
  Medication MedicationRequest MedicationStatement
  Bundle Parameters MessageHeader Communication Composition DocumentReference
  Subscription CapabilityStatement OperationOutcome Provenance AuditEvent`.split(/\s+/),
)

/** Data types that no resource above and no extension uses. */
const UNUSED_DATA_TYPES = new Set(
  'ElementDefinition MarketingStatus Population ProdCharacteristic ProductShelfLife SubstanceAmount'.split(
    ' ',
  ),
)

/** The definition with only what validation and the mapping engine read: no prose, mappings or examples. */
export function trimDefinition(definition: JsonObject): JsonObject {
  const snapshot = definition['snapshot']
  const element = isObject(snapshot) ? objects(snapshot['element']).map(trimElement) : []
  return {
    ...pick(definition, ['resourceType', 'id', 'url', 'version', 'name', 'status', 'fhirVersion']),
    ...pick(definition, ['kind', 'abstract', 'type', 'baseDefinition', 'derivation']),
    snapshot: { element },
  }
}

export function isNeeded(definition: JsonObject): boolean {
  const id = String(definition['id'])
  return definition['resourceType'] === 'StructureDefinition' && definition['kind'] === 'resource'
    ? RESOURCE_TYPES.has(id)
    : definition['resourceType'] === 'StructureDefinition' && !UNUSED_DATA_TYPES.has(id)
}

function trimElement(element: JsonObject): JsonObject {
  const constraint = objects(element['constraint']).filter(isChecked).map(trimConstraint)
  const binding = element['binding']
  return {
    ...pick(element, ['id', 'path', 'min', 'max', 'contentReference', 'type', 'isModifier', 'isSummary']),
    ...(isObject(element['base']) ? { base: element['base'] } : {}),
    ...(constraint.length > 0 ? { constraint } : {}),
    ...(isObject(binding) && binding['strength'] === 'required'
      ? { binding: pick(binding, ['strength', 'valueSet']) }
      : {}),
    ...Object.fromEntries(Object.entries(element).filter(([name]) => /^(fixed|pattern)[A-Z]/.test(name))),
  }
}

/** ele-1 stands on each of 1,900 elements; the validator holds it for every value without being told. */
function isChecked(constraint: JsonObject): boolean {
  return constraint['severity'] === 'error' && constraint['key'] !== 'ele-1'
}

function trimConstraint(constraint: JsonObject): JsonObject {
  return pick(constraint, ['key', 'severity', 'human', 'expression'])
}

function pick(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]))
}
