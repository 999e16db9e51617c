/**
 * Search parameters as tokens: what a stored resource can be found by, and what a Subscription can filter on. Written
 * with the resource, so that search and matching are one comparison in SQL. https://hl7.org/fhir/R4/search.html#token
 */
import type {
  CarePlan,
  CodeableConcept,
  Coding,
  Condition,
  Consent,
  Encounter,
  Resource,
} from '@medplum/fhirtypes'

type Value = string | Coding | CodeableConcept | undefined

interface Parameters<R extends Resource> {
  readonly [name: string]: (resource: R) => Value | readonly Value[]
}

const carePlan: Parameters<CarePlan> = {
  status: (plan) => plan.status,
  intent: (plan) => plan.intent,
  category: (plan) => plan.category ?? [],
  'activity-code': (plan) => (plan.activity ?? []).map((activity) => activity.detail?.code),
}

const encounter: Parameters<Encounter> = {
  status: (visit) => visit.status,
  class: (visit) => visit.class,
  type: (visit) => visit.type ?? [],
}

const condition: Parameters<Condition> = {
  'clinical-status': (problem) => problem.clinicalStatus,
  'verification-status': (problem) => problem.verificationStatus,
  category: (problem) => problem.category ?? [],
  code: (problem) => problem.code,
}

const consent: Parameters<Consent> = {
  status: (directive) => directive.status,
  scope: (directive) => directive.scope,
  category: (directive) => directive.category,
  purpose: (directive) => directive.provision?.purpose ?? [],
}

/** The resource types that Sluse holds, each with the parameters that it can be searched and filtered by. */
export const heldTypes = ['CarePlan', 'Encounter', 'Condition', 'Consent'] as const
export type HeldType = (typeof heldTypes)[number]
export type HeldResource = CarePlan | Encounter | Condition | Consent

export function isHeldType(type: string): type is HeldType {
  return (heldTypes as readonly string[]).includes(type)
}

export function isHeld(resource: Resource): resource is HeldResource {
  return isHeldType(resource.resourceType)
}

export const searchParameters: Readonly<Record<HeldType, readonly string[]>> = {
  CarePlan: Object.keys(carePlan),
  Encounter: Object.keys(encounter),
  Condition: Object.keys(condition),
  Consent: Object.keys(consent),
}

/** `status=active`, `category=<system>|<code>` and `category=<code>`: a query without a system matches any. */
export function tokensOf(resource: HeldResource): string[] {
  switch (resource.resourceType) {
    case 'CarePlan':
      return tokens(carePlan, resource)
    case 'Encounter':
      return tokens(encounter, resource)
    case 'Condition':
      return tokens(condition, resource)
    case 'Consent':
      return tokens(consent, resource)
  }
}

function tokens<R extends Resource>(parameters: Parameters<R>, resource: R): string[] {
  const found = new Set<string>()
  for (const [name, read] of Object.entries(parameters)) {
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

function codings(value: Value | readonly Value[]): readonly Coding[] {
  if (value === undefined || Array.isArray(value)) return []
  if (typeof value === 'string') return [{ code: value }]
  // A Coding has no `coding`, a CodeableConcept no `code`; of `{ text }` alone, neither, there is nothing to find.
  return 'coding' in value ? (value.coding ?? []) : 'code' in value ? [value] : []
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
