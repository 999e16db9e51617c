import type { Resource } from '@medplum/fhirtypes'

const SOURCE_REFERENCE = /^urn:sluse:source:([A-Za-z]+)\/(.+)$/

/**
 * Replaces `urn:sluse:source:Type/key` (see mapping/source-record.ts) by `Type/id`. A reference to what the message does
 * not hold is left out with its element, since it would dangle.
 */
export function resolveSourceReferences(
  resource: Resource,
  resolve: (resourceType: string, key: string) => string | undefined,
): Resource {
  return walk(resource, resolve) as Resource
}

function walk(value: unknown, resolve: (resourceType: string, key: string) => string | undefined): unknown {
  if (Array.isArray(value))
    return value.map((item) => walk(item, resolve)).filter((item) => item !== undefined)
  if (typeof value !== 'object' || value === null) return value
  const walked: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (key === 'reference' && typeof item === 'string') {
      const [, type, sourceKey] = SOURCE_REFERENCE.exec(item) ?? []
      if (type && sourceKey) {
        const reference = resolve(type, decodeURIComponent(sourceKey))
        if (reference === undefined) return undefined
        walked[key] = reference
        continue
      }
    }
    const inner = walk(item, resolve)
    if (inner !== undefined && !(Array.isArray(inner) && inner.length === 0)) walked[key] = inner
  }
  return walked
}
