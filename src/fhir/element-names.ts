/** Top-level elements of a type, from R4's own definitions. https://hl7.org/fhir/R4/elementdefinition.html#summary */
import { type InternalTypeSchema, tryGetDataType } from '@medplum/core'

/** By name without the `[x]` of a choice; the definitions are indexed with the validator (validate-definitions.ts). */
export function elementNames(type: string): ReadonlySet<string> {
  return new Set(Object.keys(schemaOf(type).elements).map((name) => name.replace('[x]', '')))
}

/** What changes the meaning of the rest, of the types that are held. https://hl7.org/fhir/R4/conformance-rules.html#isModifier */
const MODIFIERS = [
  'implicitRules',
  'modifierExtension',
  'status',
  'intent',
  'clinicalStatus',
  'verificationStatus',
  'lifecycleStatus',
  'doNotPerform',
  'active',
]

/** Without these a resource is not valid, or means something else. */
export function mandatoryElements(type: string): ReadonlySet<string> {
  const { elements } = schemaOf(type)
  const required = Object.entries(elements).filter(([, { min }]) => min > 0)
  return new Set([...required.map(([name]) => name.replace('[x]', '')), ...MODIFIERS])
}

export function summaryElements(type: string): ReadonlySet<string> {
  return schemaOf(type).summaryProperties ?? new Set()
}

/** Of a key in JSON: `onset` of `onsetDateTime`, `status` of `_status`. https://hl7.org/fhir/R4/formats.html#choice */
export function elementOf(type: string, key: string): string {
  const name = key.replace(/^_/, '')
  const { elements } = schemaOf(type)
  if (Object.hasOwn(elements, name)) return name
  const choice = Object.keys(elements).find(
    (each) => each.endsWith('[x]') && name.startsWith(each.slice(0, -3)),
  )
  return choice?.slice(0, -3) ?? name
}

function schemaOf(type: string): InternalTypeSchema {
  const schema = tryGetDataType(type)
  if (!schema) throw new Error(`the definitions of R4 have no ${type}`)
  return schema
}
