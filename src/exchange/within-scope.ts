/**
 * Scopes that are narrowed by a query: what of a type a client may have or write. A resource outside them is to its reader
 * as one that does not exist. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
 */
import type { Resource } from '@medplum/fhirtypes'
import { allowsAll, filtersOf, type Scope, type ScopeInteraction } from '#auth/scopes.ts'
import { isHeld } from '#fhir/held-types.ts'
import { fits } from '#fhir/search-parameters.ts'
import type { MayWrite } from '#intake/may-write.ts'

export type WithinScope = (resource: Resource) => boolean

/** For one interaction, of whatever type the resource is. INVARIANT: what no scope allows is outside, also by reference. */
export function withinScope(scopes: readonly Scope[], interaction: ScopeInteraction): WithinScope {
  return (resource) => {
    if (allowsAll(scopes, resource.resourceType, interaction)) return true
    return (
      isHeld(resource) &&
      filtersOf(scopes, resource.resourceType, interaction).some((clauses) => fits(resource, clauses))
    )
  }
}

/** A search asks by `s`; whatever else shows a resource, reads it. */
export function letterOf(interaction: string): 'r' | 's' {
  return interaction === 'search-type' ? 's' : 'r'
}

/** Of a resource as it is, and as it would be: a scope with a query writes neither into nor out of what it names. */
export function writesWithin(scopes: readonly Scope[]): MayWrite {
  return {
    everything: (resourceType, interaction) => allowsAll(scopes, resourceType, LETTERS[interaction]),
    this: (resource, interaction) => withinScope(scopes, LETTERS[interaction])(resource),
  }
}

const LETTERS = { create: 'c', update: 'u', patch: 'u' } as const

/** Operations, messages and deletions have no resource of which it could be told beforehand whether it fits. */
export function needsWholeScope({
  interaction,
  scope,
}: {
  readonly interaction: string
  readonly scope: ScopeInteraction
}): boolean {
  return interaction.startsWith('$') || scope === 'd'
}
