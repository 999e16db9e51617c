/** The labels that a resource carries, or undefined when what stands there is no list of codes. https://hl7.org/fhir/R4/resource-definitions.html#Meta.security */
import type { Coding, Resource } from '@medplum/fhirtypes'
import { isFields } from './element-reader.ts'

export function securityOf(resource: Resource): readonly Coding[] | undefined {
  const meta: unknown = resource.meta
  if (meta === undefined) return []
  const security: unknown = isFields(meta) ? (meta['security'] ?? []) : undefined
  return Array.isArray(security) && security.every(isCoding) ? security : undefined
}

function isCoding(value: unknown): value is Coding {
  return isFields(value) && isTextOrAbsent(value['system']) && isTextOrAbsent(value['code'])
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
