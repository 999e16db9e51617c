/**
 * Takes elements out of FHIR JSON by their paths, without a stub and without a gap; the order of the rest is kept. What
 * stays is shared with the original, never copied. https://hl7.org/fhir/R4/json.html
 */
import type { Resource } from '@medplum/fhirtypes'

/** The paths as a tree: only where it branches is there anything to take. */
interface Branch {
  /** All that stands here goes. */
  gone: boolean
  readonly below: Map<string, Branch>
}

/** `paths` are of the form `CarePlan.activity[1].detail`, and count in `resource`. */
export function takeOut<R extends Resource>(resource: R, paths: Iterable<string>): R {
  const root: Branch = { gone: false, below: new Map() }
  for (const path of paths) grow(root, path)
  const result = { ...resource }
  // INVARIANT: the root itself is never taken, and keeps its type: whoever takes all of it denies.
  takeFrom(result, root, resource.resourceType)
  return result
}

const PART = /[A-Za-z0-9_-]+/g

function grow(root: Branch, path: string): void {
  let branch = root
  // The first part is the type of the resource.
  for (const part of (path.match(PART) ?? []).slice(1)) {
    let next = branch.below.get(part)
    if (!next) branch.below.set(part, (next = { gone: false, below: new Map() }))
    branch = next
  }
  if (branch !== root) branch.gone = true
}

/** The value without what the branch names; undefined when nothing of it is left that says anything. */
function taken(value: unknown, branch: Branch, place: string): unknown {
  if (branch.gone) return undefined
  if (Array.isArray(value)) return takenFromList(value, branch, place)
  if (typeof value !== 'object' || value === null) return value
  const kept = { ...value }
  takeFrom(kept, branch, place)
  return isHollow(kept, place) ? undefined : kept
}

function takenFromList(list: readonly unknown[], branch: Branch, place: string): unknown {
  const kept = list
    .map((item, index) => {
      const below = branch.below.get(String(index))
      return below ? taken(item, below, place) : item
    })
    .filter((item) => item !== undefined)
  // In the twin of a list of primitives `null` holds a place: https://hl7.org/fhir/R4/json.html#primitive
  return kept.some((item) => item !== null) ? kept : undefined
}

/** In place: `target` is a copy of ours. `_title` is the other half of `title`: https://hl7.org/fhir/R4/json.html#primitive */
function takeFrom(target: object, branch: Branch, place: string): void {
  for (const [element, below] of branch.below) {
    for (const key of [element, `_${element}`]) {
      const value: unknown = Object.hasOwn(target, key) ? Reflect.get(target, key) : undefined
      if (value === undefined) continue
      const rest = taken(value, below, `${place}.${element}`)
      if (rest === undefined) Reflect.deleteProperty(target, key)
      else Reflect.set(target, key, rest)
    }
  }
}

/** What an element must have besides its own id, or it says nothing, and is not valid (ext-1, con-1, con-2). */
const needsOneOf: readonly (readonly [place: RegExp, element: RegExp])[] = [
  [/\.(?:e|modifierE)xtension$/, /^_?value|^extension$/],
  [/^Condition\.stage$/, /^(?:summary|assessment)$/],
  [/^Condition\.evidence$/, /^(?:code|detail)$/],
  [/^Observation\.(?:component\.)?referenceRange$/, /^(?:low|high|text)$/],
]

/** An activity of which only the state is left tells that there is one, and nothing else. */
const STATE_OF_ACTIVITY: ReadonlySet<string> = new Set(['id', 'status', 'kind', 'doNotPerform'])

function isHollow(kept: object, place: string): boolean {
  const elements = Object.keys(kept).filter((element) => element !== 'id')
  if (elements.length === 0) return true
  if (place === 'CarePlan.activity' && elements.length === 1 && 'detail' in kept)
    return Object.keys(kept.detail ?? {}).every((element) => STATE_OF_ACTIVITY.has(element))
  const needs = needsOneOf.find(([where]) => where.test(place))
  return needs !== undefined && !elements.some((element) => needs[1].test(element))
}
