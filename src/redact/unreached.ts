/** Contained resources live only by the elements that point to them. https://hl7.org/fhir/R4/domainresource.html#invs (dom-3) */
import type { Resource } from '@medplum/fhirtypes'

/**
 * The resource without the contained ones that nothing points to any more, itself or over others. Those that stay lose
 * narrative and `meta`, which speak of them as they were in the whole (dom-4, dom-5).
 */
export function withoutUnreached<R extends Resource>(resource: R): R {
  if (!('contained' in resource) || !resource.contained) return resource
  const { contained, ...rest } = resource
  const byReference = new Map(contained.map((inner) => [`#${inner.id ?? ''}`, inner]))
  const reached = new Set<Resource>()
  const reach = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const inner =
      'reference' in value && typeof value.reference === 'string'
        ? byReference.get(value.reference)
        : undefined
    if (inner && !reached.has(inner)) {
      reached.add(inner)
      reach(inner)
    }
    Object.values(value).forEach(reach)
  }
  reach(rest)
  const kept = contained.filter((inner) => reached.has(inner)).map(withoutNarrative)
  const result = { ...resource }
  if (kept.length > 0) Object.assign(result, { contained: kept })
  else Reflect.deleteProperty(result, 'contained')
  return result
}

function withoutNarrative(inner: Resource): Resource {
  const rest = { ...inner }
  for (const element of ['meta', 'text']) Reflect.deleteProperty(rest, element)
  return rest
}
