/**
 * SMART system scopes, `system/CarePlan.rs`, and the v1 forms `.read`, `.write`, `.*`.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
 */
export type ScopeInteraction = 'c' | 'r' | 'u' | 'd' | 's'

export interface Scope {
  /** A FHIR resource type, or `*` for all of them. */
  readonly resourceType: string
  /** The permitted ones of `cruds`, in that order. */
  readonly interactions: readonly ScopeInteraction[]
}

const V1: ReadonlyMap<string, string> = new Map([
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', 'cruds'],
])

/**
 * Undefined for what Sluse does not grant: user and patient contexts, letters out of order (`.dus`), and scopes narrowed
 * by a query, which without the query would grant more than was asked for.
 */
export function parseScope(text: string): Scope | undefined {
  const match = /^system\/(\*|[A-Z][A-Za-z]{1,63})\.(\*|[a-z]+)$/.exec(text)
  const [, resourceType, permission] = match ?? []
  if (resourceType === undefined || permission === undefined) return undefined
  const letters = V1.get(permission) ?? permission
  if (!/^c?r?u?d?s?$/.test(letters)) return undefined
  return { resourceType, interactions: letters.split('').filter(isInteraction) }
}

/** True when one of the scopes names the interaction on the type. No scope, no access. */
export function allows(
  scopes: readonly Scope[],
  resourceType: string,
  interaction: ScopeInteraction,
): boolean {
  return scopes.some(
    (scope) =>
      (scope.resourceType === resourceType || scope.resourceType === '*') &&
      scope.interactions.includes(interaction),
  )
}

/** True when every interaction of `asked` is in the registration: a scope is granted whole or refused. */
export function covers(registered: readonly Scope[], asked: Scope): boolean {
  return asked.interactions.every((interaction) => allows(registered, asked.resourceType, interaction))
}

/** What is left of granted scopes when the registration has shrunk since; it never adds any. */
export function narrow(granted: readonly Scope[], registered: readonly Scope[]): readonly Scope[] {
  return granted
    .map(({ resourceType, interactions }) => ({
      resourceType,
      interactions: interactions.filter((interaction) => allows(registered, resourceType, interaction)),
    }))
    .filter(({ interactions }) => interactions.length > 0)
}

/** The scopes of a registration. One that cannot be read grants nothing. */
export function parseScopes(texts: readonly string[]): readonly Scope[] {
  return texts.map(parseScope).filter((scope) => scope !== undefined)
}

function isInteraction(letter: string): letter is ScopeInteraction {
  return 'cruds'.includes(letter)
}
