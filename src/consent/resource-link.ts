/** Which resources a resource points to. https://hl7.org/fhir/R4/references.html */
import { isFields } from './element-reader.ts'
import { identifierSystem } from './party-name.ts'

export interface Links {
  /** Without their versions: `Encounter/1`, absolute URLs. */
  readonly references: ReadonlySet<string>
  /** `system|value` of references that name their target by number alone. */
  readonly identifiers: ReadonlySet<string>
}

export function linksOf(resource: unknown): Links {
  const references = new Set<string>()
  const identifiers = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (isFields(value)) {
      const { reference, identifier } = value
      if (typeof reference === 'string') references.add(reference.replace(/\/_history\/.*$/, ''))
      else if (isFields(identifier)) addIdentifier(identifier['system'], identifier['value'])
      Object.values(value).forEach(visit)
    }
  }
  const addIdentifier = (system: unknown, value: unknown): void => {
    if (typeof system === 'string' && typeof value === 'string')
      identifiers.add(`${identifierSystem(system)}|${value.trim()}`)
  }
  visit(resource)
  return { references, identifiers }
}
