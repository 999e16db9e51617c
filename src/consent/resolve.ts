/** Follows a reference to what the caller looked up, or to what the resource itself contains. https://hl7.org/fhir/R4/references.html */
import type { Reference, Resource } from '@medplum/fhirtypes'

export function resolve(
  reference: Reference | undefined,
  within: Resource,
  resources: ReadonlyMap<string, Resource> | undefined,
): Resource | undefined {
  const target = reference?.reference
  if (typeof target !== 'string') return undefined
  if (!target.startsWith('#')) return resources?.get(target.replace(/\/_history\/.*$/, ''))
  const contained: unknown = 'contained' in within ? within.contained : undefined
  if (!Array.isArray(contained)) return undefined
  return contained.find((inner): inner is Resource => isResource(inner) && `#${inner.id ?? ''}` === target)
}

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && 'resourceType' in value
}
