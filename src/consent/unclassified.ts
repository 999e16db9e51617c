/**
 * What nobody has said what it is about, inside a unit that may go: texts without a code, and files. None of it goes with
 * a part of a plan, since the part that it speaks of may be the other one.
 */
import { builtInRules, type ElementLabel } from '#label/label-record.ts'
import { unitPathOf } from '#label/unit.ts'
import type { Withheld } from './decision.ts'

export function isUnclassifiedText({ rule }: ElementLabel): boolean {
  return rule === builtInRules.textWithoutCode || rule === builtInRules.heading
}

export function unclassifiedTexts(unit: string, elements: readonly ElementLabel[]): readonly Withheld[] {
  return elements
    .filter((element) => isUnclassifiedText(element) && unitPathOf(element.path) === unit)
    .map(({ path }) => ({ path, reason: 'free-text-unclassified' }))
}

/**
 * In an activity the text goes alone; elsewhere the unit goes, since it may be nothing, or not valid, without it. An
 * activity of which only the state is left goes as well: that there is one is no business of whoever may not know it.
 */
export function whatGoes(
  unit: string,
  values: readonly unknown[],
  unclassified: readonly Withheld[],
): readonly Withheld[] {
  const [first] = unclassified
  if (!first) return []
  const gone = new Set(unclassified.map(({ path }) => path))
  const isActivity = unit.startsWith('CarePlan.activity[')
  if (isActivity && values.some((value) => saysSomething(value, unit, gone))) return unclassified
  return [{ path: unit, reason: first.reason }]
}

/** State, ids and the names of extensions say nothing without the rest. */
const SAYS_NOTHING = /\.detail\.(?:status|kind|doNotPerform)$|\.(?:id|url)$/

function saysSomething(value: unknown, path: string, gone: ReadonlySet<string>): boolean {
  if (gone.has(path)) return false
  if (Array.isArray(value)) return value.some((item, index) => saysSomething(item, `${path}[${index}]`, gone))
  if (typeof value !== 'object' || value === null) return value !== null && !SAYS_NOTHING.test(path)
  return Object.entries(value).some(([key, field]) =>
    saysSomething(field, `${path}.${key.replace(/^_/, '')}`, gone),
  )
}
