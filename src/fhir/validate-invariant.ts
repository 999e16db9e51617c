import { evalFhirPathTyped } from '@medplum/core'
import type { FhirPathAtom } from '@medplum/core'

/** https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint */
export interface Constraint {
  readonly key: string
  readonly human: string
  readonly expression: FhirPathAtom
}

/** A value and the constraint that its definition puts on it. https://hl7.org/fhir/R4/conformance-rules.html#constraints */
export interface Judgement {
  readonly constraint: Constraint
  readonly type: string
  readonly value: unknown
  readonly path: string
  /** The nearest resource around the value, and the one around that if it is contained. */
  readonly resource: JsonObject
  readonly rootResource: JsonObject
}

export interface JsonObject {
  readonly [name: string]: unknown
}

type Rule = (value: JsonObject) => boolean

/**
 * Invariants that the FHIRPath engine gets wrong, or that stand on so many elements that they are said in TypeScript.
 * Which constructs it gets wrong: docs/adr/0006-validation-beyond-medplum.md
 */
const own: Readonly<Record<string, Rule>> = {
  'ext-1': (extension) =>
    Object.hasOwn(extension, 'extension') !==
    Object.keys(extension).some((name) => /^_?value[A-Z]/.test(name)),
  'per-1': (period) => isOrdered(period['start'], period['end']),
  'inv-1': (task) => isOrdered(task['authoredOn'], task['lastModified']),
  'rng-2': (range) => areQuantitiesOrdered(range['low'], range['high']),
}

/**
 * Held by the walk itself, which sees what an expression cannot: that nothing is empty (ele-1), the container and its
 * references (dom-2 to dom-5, ref-1), and the markup (txt-1, txt-2).
 */
const heldByWalk = new Set(['ele-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2'])

/** Not judged: `resolve()` would need the other resources, and the engine makes them up. */
export const unjudged: ReadonlySet<string> = new Set(['ctm-1'])

export function isJudged(key: string): boolean {
  return !heldByWalk.has(key) && !unjudged.has(key)
}

/** Whether the constraint holds. Empty and error are no: only a plain `true` is yes. */
export function holds({ constraint, type, value, resource, rootResource }: Judgement): boolean {
  const rule = own[constraint.key]
  if (rule) return isObject(value) && rule(value)
  const context = { type, value }
  const variables = {
    '%context': context,
    '%resource': { type: String(resource['resourceType']), value: resource },
    '%rootResource': { type: String(rootResource['resourceType']), value: rootResource },
    '%ucum': { type: 'string', value: 'http://unitsofmeasure.org' },
  }
  try {
    const result = evalFhirPathTyped(constraint.expression, [context], variables)
    return result.length === 1 && result[0]?.value === true
  } catch {
    return false
  }
}

/** Whether the first is not after the second. Where only one names the time of day, the days are compared as written. */
function isOrdered(first: unknown, second: unknown): boolean {
  if (typeof first !== 'string' || typeof second !== 'string') return true
  if (first.includes('T') && second.includes('T')) return instantOf(first) <= instantOf(second)
  const precision = Math.min(first.split('T')[0]?.length ?? 0, second.split('T')[0]?.length ?? 0)
  return first.slice(0, precision) <= second.slice(0, precision)
}

/** R4 allows the leap second `:60`, which the language does not read. */
function instantOf(dateTime: string): number {
  return Date.parse(dateTime.replace(/(T\d\d:\d\d):60/, '$1:59'))
}

/** Only amounts in one unit can be compared; for others the rule says nothing. */
function areQuantitiesOrdered(low: unknown, high: unknown): boolean {
  if (!isObject(low) || !isObject(high)) return true
  const sameUnit =
    low['system'] === high['system'] && low['code'] === high['code'] && low['unit'] === high['unit']
  const [least, most] = [low['value'], high['value']]
  return !sameUnit || typeof least !== 'number' || typeof most !== 'number' || least <= most
}

/** An object as JSON makes it: no list, no Date, no instance of a class. */
export function isObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
