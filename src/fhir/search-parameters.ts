/**
 * Search parameters as tokens: what a stored resource can be found by, and what a Subscription can filter on. Written
 * with the resource, so that search and matching are one comparison in SQL. https://hl7.org/fhir/R4/search.html#token
 */
import type { Coding, Identifier } from '@medplum/fhirtypes'
import { type HeldResource, type HeldType, tokenReadersOf, type TokenValue } from './held-types.ts'
import { isNationalSystem } from './national-system.ts'

/** Those of the type itself: `patient`, `_id` and `_lastUpdated` find every type. */
export function searchParametersOf(type: HeldType): readonly string[] {
  return Object.keys(tokenReadersOf(type))
}

/** `status=active`, `category=<system>|<code>` and `category=<code>`: a query without a system matches any. */
export function tokensOf(resource: HeldResource): string[] {
  const found = new Set<string>()
  for (const [name, read] of Object.entries(tokenReadersOf(resource.resourceType))) {
    for (const value of [read(resource)].flat()) {
      for (const { system, code } of codings(value)) {
        if (!code) continue
        found.add(`${name}=${code}`)
        if (system) found.add(`${name}=${system}|${code}`)
      }
    }
  }
  return [...found]
}

function codings(value: TokenValue | readonly TokenValue[]): readonly Coding[] {
  if (value === undefined || Array.isArray(value)) return []
  if (typeof value !== 'object') return [{ code: String(value) }]
  if ('value' in value) return numberOf(value)
  // A Coding has no `coding`, a CodeableConcept no `code`; of `{ text }` alone, neither, there is nothing to find.
  return 'coding' in value ? (value.coding ?? []) : 'code' in value ? [value] : []
}

/** A person's national number is no way to find a resource: it would stand in URLs. Intake refuses it as well. */
function numberOf({ system, value }: Identifier): readonly Coding[] {
  if (value === undefined || (system !== undefined && isNationalSystem(system))) return []
  return [{ ...(system !== undefined && { system }), code: value }]
}

/** One query value list as a clause: `a,b` means a or b. Values are compared as they were written. */
export function clauseOf(name: string, values: string): readonly string[] {
  return values.split(',').map((value) => `${name}=${value.startsWith('|') ? value.slice(1) : value}`)
}

/** Whether a resource, as it is now, still fits: clauses joined by AND, each a list of tokens joined by OR. */
export function fits(resource: HeldResource, clauses: readonly (readonly string[])[]): boolean {
  if (clauses.length === 0) return true
  const has = new Set(tokensOf(resource))
  return clauses.every((clause) => clause.some((token) => has.has(token)))
}
