/**
 * SMART system scopes: `system/CarePlan.rs`, narrowed by a query as in `system/Observation.rs?category=laboratory`, and the v1
 * forms `.read`, `.write`, `.*`. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
 */
import { isHeldType } from '#fhir/held-types.ts'
import { clauseOf, searchParametersOf } from '#fhir/search-parameters.ts'

export type ScopeInteraction = 'c' | 'r' | 'u' | 'd' | 's'

/** Clauses joined by AND, each a list of tokens joined by OR, as searches have them. */
export type Clauses = readonly (readonly string[])[]

export interface Scope {
  /** A FHIR resource type, or `*` for all of them. */
  readonly resourceType: string
  /** The permitted ones of `cruds`, in that order. */
  readonly interactions: readonly ScopeInteraction[]
  /** What a resource must fit; absent for every resource of the type. */
  readonly clauses?: Clauses
}

const V1: ReadonlyMap<string, string> = new Map([
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', 'cruds'],
])

/** Of a query: each value is compared with each code of each resource. */
const MAX_PARAMETERS = 5
const MAX_VALUES = 20

/**
 * Undefined for what Sluse does not grant: user and patient contexts, letters out of order (`.dus`), v1 forms with a
 * query, and queries by anything that resources of the type are not found by. A query that was ignored would grant more.
 */
export function parseScope(text: string): Scope | undefined {
  const match =
    /^system\/(\*|[A-Z][A-Za-z]{1,63})\.(\*|[a-z]+)(?:\?([\x21\x23-\x5b\x5d-\x7e]{1,512}))?$/.exec(text)
  const [, resourceType, permission, query] = match ?? []
  if (resourceType === undefined || permission === undefined) return undefined
  const letters = V1.get(permission) ?? permission
  if (!/^c?r?u?d?s?$/.test(letters)) return undefined
  const interactions = letters.split('').filter(isInteraction)
  if (query === undefined) return text.includes('?') ? undefined : { resourceType, interactions }
  const clauses = V1.has(permission) ? undefined : readQuery(resourceType, query)
  return clauses && { resourceType, interactions, clauses }
}

function readQuery(resourceType: string, query: string): Clauses | undefined {
  if (!isHeldType(resourceType) || /%(?![0-9A-Fa-f]{2})/.test(query)) return undefined
  const known = searchParametersOf(resourceType)
  const sent = [...new URLSearchParams(query)]
  if (sent.length === 0 || sent.length > MAX_PARAMETERS) return undefined
  const clauses = sent.map(([name, value]) =>
    known.includes(name) && isReadable(value) ? clauseOf(name, value) : [],
  )
  return clauses.every(({ length }) => length > 0 && length <= MAX_VALUES) ? clauses : undefined
}

/** No empty value, which would be a code that nothing has, and nothing that decodes to what PostgreSQL cannot hold. */
function isReadable(value: string): boolean {
  return /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(value) && value.split(',').every((each) => !/^\|?$/.test(each))
}

/** True when one of the scopes names the interaction on the type, for all resources or for some. No scope, no access. */
export function allows(
  scopes: readonly Scope[],
  resourceType: string,
  interaction: ScopeInteraction,
): boolean {
  return scopes.some((scope) => names(scope, resourceType, interaction))
}

/** The same for every resource of the type, whatever is in it. */
export function allowsAll(
  scopes: readonly Scope[],
  resourceType: string,
  interaction: ScopeInteraction,
): boolean {
  return scopes.some((scope) => scope.clauses === undefined && names(scope, resourceType, interaction))
}

function names(scope: Scope, resourceType: string, interaction: ScopeInteraction): boolean {
  return (
    (scope.resourceType === resourceType || scope.resourceType === '*') &&
    scope.interactions.includes(interaction)
  )
}

/** The ways in which a resource may be within scope: it must fit all clauses of one of them. None: nothing is. */
export function filtersOf(
  scopes: readonly Scope[],
  resourceType: string,
  interaction: ScopeInteraction,
): readonly Clauses[] {
  return scopes.filter((scope) => names(scope, resourceType, interaction)).map(({ clauses = [] }) => clauses)
}

/** True when every interaction of `asked` is in the registration, as wide or wider: a scope is granted whole or refused. */
export function covers(registered: readonly Scope[], asked: Scope): boolean {
  return asked.interactions.every((interaction) =>
    registered.some(
      (scope) =>
        names(scope, asked.resourceType, interaction) && isWithin(asked.clauses ?? [], scope.clauses ?? []),
    ),
  )
}

/** Whether whatever fits `tight` fits `wide`: each clause of `wide` follows from one of `tight`. */
function isWithin(tight: Clauses, wide: Clauses): boolean {
  return wide.every((clause) => tight.some((each) => each.every((token) => follows(token, clause))))
}

/** `code=a` holds wherever `code=system|a` does: a query without a system matches any. */
function follows(token: string, clause: readonly string[]): boolean {
  const [, name = '', code = ''] = /^([^=]+)=[^|]+\|(.+)$/s.exec(token) ?? []
  return clause.includes(token) || (name !== '' && clause.includes(`${name}=${code}`))
}

/**
 * What is left of granted scopes when the registration has shrunk since: of each what both allow, and where the
 * registration has a query, that as well. It never adds any.
 */
export function narrow(granted: readonly Scope[], registered: readonly Scope[]): readonly Scope[] {
  return granted.flatMap((scope) => (covers(registered, scope) ? [scope] : commonTo(scope, registered)))
}

function commonTo(granted: Scope, registered: readonly Scope[]): readonly Scope[] {
  return registered.flatMap((scope) => {
    const { resourceType } = granted
    if (scope.resourceType !== resourceType && scope.resourceType !== '*') return []
    const interactions = granted.interactions.filter((each) => scope.interactions.includes(each))
    const clauses = [...(granted.clauses ?? []), ...(scope.clauses ?? [])]
    if (interactions.length === 0) return []
    return [{ resourceType, interactions, ...(clauses.length > 0 && { clauses }) }]
  })
}

/** The scopes of a registration. One that cannot be read grants nothing. */
export function parseScopes(texts: readonly string[]): readonly Scope[] {
  return texts.map(parseScope).filter((scope) => scope !== undefined)
}

function isInteraction(letter: string): letter is ScopeInteraction {
  return 'cruds'.includes(letter)
}
