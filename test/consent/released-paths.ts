/** What of a resource goes out under a decision, as the paths of its values: two decisions are compared by it. */
import type { Resource } from '@medplum/fhirtypes'
import type { Decision } from '#consent/decision.ts'

export function releasedPaths({ effect, withheld }: Decision, resource: Resource): ReadonlySet<string> {
  if (effect === 'deny') return new Set()
  const gone = withheld.map(({ path }) => path)
  return new Set(
    leavesOf(resource, resource.resourceType).filter(
      (leaf) =>
        !gone.some((path) => leaf === path || leaf.startsWith(`${path}.`) || leaf.startsWith(`${path}[`)),
    ),
  )
}

export function added(after: ReadonlySet<string>, before: ReadonlySet<string>): readonly string[] {
  return [...after].filter((path) => !before.has(path))
}

function leavesOf(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, `${path}.${key}`))
}
