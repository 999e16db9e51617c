/** By which names a resource is pointed to: its address, its business identifiers. https://hl7.org/fhir/R4/references.html */
import type { Identifier, Resource } from '@medplum/fhirtypes'
import { normalizeSystem } from '#label/code-system.ts'

export interface Names {
  /** `Condition/7`; in a Bundle also the `fullUrl`. */
  readonly references: ReadonlySet<string>
  /** `system|value`, with the system as we compare it. */
  readonly identifiers: ReadonlySet<string>
}

export function namesOf(resources: readonly Resource[]): Names {
  const references = resources.flatMap(({ resourceType, id }) =>
    id === undefined ? [] : [`${resourceType}/${id}`],
  )
  const identifiers = resources.flatMap((resource) =>
    'identifier' in resource ? [resource.identifier].flat() : [],
  )
  return {
    references: new Set(references),
    identifiers: new Set(identifiers.map(nameOfIdentifier).filter((name) => name !== undefined)),
  }
}

/** Whatever a resource, or a part of one, points to by a Reference: extensions and contained resources included. */
export function pointersIn(resource: unknown): Names {
  const references = new Set<string>()
  const identifiers = new Set<string>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('reference' in value && typeof value.reference === 'string' && !value.reference.startsWith('#'))
      references.add(nameOfReference(value.reference))
    // `Reference.identifier` is one; the list of an Identifier element is the resource's own.
    const name = 'identifier' in value ? nameOfIdentifier(value.identifier) : undefined
    if (name !== undefined) identifiers.add(name)
    Object.values(value).forEach(look)
  }
  look(resource)
  return { references, identifiers }
}

/** Business identifiers wherever they stand, by their value alone: systems are written in more than one way. */
export function identifiersIn(resource: unknown): ReadonlySet<string> {
  const found = new Set<string>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const name = nameOfIdentifier(value)
    if (name !== undefined) found.add(name.slice(name.indexOf('|') + 1))
    Object.values(value).forEach(look)
  }
  look(resource)
  return found
}

const ADDRESS = /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/

/** `Condition/7` of a relative or absolute reference, of any version; any other as it is. */
export function nameOfReference(reference: string): string {
  return ADDRESS.exec(reference)?.[1] ?? reference
}

export function nameOfIdentifier(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { system, value: number }: Identifier = value
  if (typeof system !== 'string' || typeof number !== 'string') return undefined
  return `${normalizeSystem(system)}|${number.trim()}`
}

/** `Condition/7` in `https://gate.example/fhir/Condition/7/_history/2`, and not in `Condition/78`. */
export function mentions(text: string, { references }: Pick<Names, 'references'>): boolean {
  for (const name of references) {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      const before = text.charAt(at - 1)
      const after = text.slice(at + name.length)
      if (!/[A-Za-z0-9]/.test(before) && !/^(?:[A-Za-z0-9-]|\.[A-Za-z0-9])/.test(after)) return true
    }
  }
  return false
}
