/** Splits a resource by element when it may not go out whole: a plan is redacted, not dropped. */
import type { Coding, Resource } from '@medplum/fhirtypes'
import type { ElementLabel, LabelRecord } from '#label/label-record.ts'
import { isCore, isSplittable, type Unit, unitPathOf, unitsOf } from '#label/unit.ts'
import type { Basis, Withheld } from './decision.ts'
import type { Judgement } from './judge.ts'
import type { CodesOf } from './unit-codes.ts'
import { isUnclassifiedText, unclassifiedTexts, whatGoes } from './unclassified.ts'
import { UnclassifiedFiles } from './unclassified-files.ts'
import { signatureOf, type UnitLabels, unitLabels } from './unit-labels.ts'

export interface PartialRelease {
  readonly basis: readonly Basis[]
  readonly withheld: readonly Withheld[]
  readonly remaining: UnitLabels
}

type Judge = (unit: UnitLabels) => Judgement

interface Judging {
  readonly judge: Judge
  readonly otherLabels: readonly Coding[]
  /** Absent where no consent asks for a code. */
  readonly codes: CodesOf | undefined
}

/** Undefined when nothing may go out, or when the type is released or withheld whole. */
export function releaseInPart(
  resource: Resource,
  labels: LabelRecord,
  { judge, otherLabels, codes }: Judging,
): PartialRelease | undefined {
  if (!isSplittable(resource)) return undefined
  const { frame, content } = unitsOf(resource)
  const sorted = sortByUnit(labels.elements, new Set([...frame, ...content].map(({ path }) => path)))
  const judgeOnce = remember(judge)

  const frameElements = frame.flatMap(({ path }) => sorted.byUnit.get(path) ?? [])
  const frameLabels = unitLabels(
    [...sorted.whole, ...frameElements],
    otherLabels,
    codes?.of(frame.map(({ value }) => value)),
  )
  const frameJudgement = judgeOnce(frameLabels)
  if (!mayFrameGo(frameJudgement, frameLabels) || frameElements.some(isUnclassifiedText)) return undefined

  const released: ElementLabel[] = [...sorted.whole, ...frameElements]
  const withheld: Withheld[] = []
  const basis: Basis[] = [...frameJudgement.basis]
  let permitted = 0
  const files = new UnclassifiedFiles(resource)
  for (const { path, paths, values, core } of partsOf(resource.resourceType, content)) {
    const elements = [...sorted.whole, ...paths.flatMap((each) => sorted.byUnit.get(each) ?? [])]
    const judgement = judgeOnce(unitLabels(elements, otherLabels, codes?.of(values)))
    basis.push(...judgement.basis)
    if (judgement.outcome !== 'permit') {
      if (core) return undefined
      withheld.push({ path, reason: judgement.reason })
      continue
    }
    const unclassified = [
      ...paths.flatMap((each) => unclassifiedTexts(each, elements)),
      ...values.flatMap((value) => files.in(value, path)),
    ]
    if (core && unclassified.length > 0) return undefined
    const gone = whatGoes(path, values, unclassified)
    for (const each of gone) withheld.push(each)
    if (gone.some((each) => each.path === path)) continue
    permitted += 1
    for (const element of elements) if (!isUnclassifiedText(element)) released.push(element)
  }
  if (permitted === 0) return undefined
  // Not to be decided, but to be told: what stands there is withheld like the rest.
  for (const [path, elements] of sorted.neverReleased) {
    const { outcome, reason } = judgeOnce(unitLabels([...sorted.whole, ...elements], otherLabels))
    if (outcome !== 'permit') withheld.push({ path, reason })
  }
  return { basis, withheld, remaining: unitLabels(released, otherLabels) }
}

/**
 * Whether a permit for the whole holds for the parts that nobody could classify. They may be anything, so a permit for
 * psychiatric data does not carry them along because another part of the plan is psychiatric: each must be permitted by
 * itself, with the labels of the whole. Types that are not split are one part.
 */
export function carriesUnclassified(
  resource: Resource,
  { elements }: LabelRecord,
  { judge, otherLabels, codes }: Judging,
): boolean {
  // Nearly always there is none, and nothing has to be taken apart to see that.
  if (!isSplittable(resource) || !elements.some(({ confidentiality }) => confidentiality === 'V')) return true
  const { frame, content } = unitsOf(resource)
  const { whole, byUnit } = sortByUnit(elements, new Set([...frame, ...content].map(({ path }) => path)))
  const judgeOnce = remember(judge)
  return partsOf(resource.resourceType, [...frame, ...content])
    .map(({ paths, values }) => ({ values, own: paths.flatMap((path) => byUnit.get(path) ?? []) }))
    .filter(({ own }) => own.length > 0)
    .map(({ values, own }) => unitLabels([...whole, ...own], otherLabels, codes?.of(values)))
    .filter(({ sensitivities, confidentiality }) => sensitivities.length === 0 && confidentiality === 'V')
    .every((unit) => judgeOnce(unit).outcome === 'permit')
}

interface Part {
  /** Of the element; of the core, which is several, the type. */
  readonly path: string
  readonly paths: readonly string[]
  readonly values: readonly unknown[]
  readonly core: boolean
}

/** What is decided together: `title` and `_title`, one element with two values; and the core. */
function partsOf(type: string, units: readonly Unit[]): readonly Part[] {
  const parts = Map.groupBy(units, ({ path }) => (isCore(path) ? type : path))
  return [...parts].map(([path, own]) => ({
    path,
    paths: [...new Set(own.map((unit) => unit.path))],
    values: own.map(({ value }) => value),
    core: path === type,
  }))
}

/**
 * status, subject and the like say nothing by themselves: without labels of their own they go with whatever may go. A
 * consent for psychiatric data alone would otherwise never release a plan, since no sensitivity covers their absence.
 */
function mayFrameGo(judgement: Judgement, frame: UnitLabels): boolean {
  const isPlain = frame.sensitivities.length === 0 && frame.confidentiality === 'N'
  // Neither did anybody object: a permit that cannot be told is none, and no reason to hold back what another permits.
  const isOpen = judgement.outcome === 'no-consent' || judgement.outcome === 'indeterminate'
  return judgement.outcome === 'permit' || (isPlain && isOpen && !judgement.objected)
}

interface SortedLabels {
  /** Of every element: on the resource, or on a part that the resource does not have. */
  readonly whole: readonly ElementLabel[]
  readonly byUnit: ReadonlyMap<string, readonly ElementLabel[]>
  readonly neverReleased: ReadonlyMap<string, readonly ElementLabel[]>
}

/** Tags, source and contained resources that nothing points to never go out in part, so their labels bind nothing else. */
const NEVER_RELEASED = /^\w+\.(?:meta|contained)\b/

function sortByUnit(elements: readonly ElementLabel[], units: ReadonlySet<string>): SortedLabels {
  const whole: ElementLabel[] = []
  const byUnit = new Map<string, ElementLabel[]>()
  const neverReleased = new Map<string, ElementLabel[]>()
  for (const element of elements) {
    const path = unitOf(element.path, units)
    if (path === undefined) whole.push(element)
    else if (NEVER_RELEASED.test(path)) put(neverReleased, path, element)
    else if (units.has(path)) put(byUnit, path, element)
    else whole.push(element)
  }
  return { whole, byUnit, neverReleased }
}

function put(lists: Map<string, ElementLabel[]>, path: string, element: ElementLabel): void {
  const list = lists.get(path)
  if (list) list.push(element)
  else lists.set(path, [element])
}

/** A list below `Encounter.hospitalization` is one unit; elsewhere each repetition is. */
function unitOf(path: string, units: ReadonlySet<string>): string | undefined {
  const unit = unitPathOf(path)
  const list = unit?.replace(/\[\d+\]$/, '')
  return unit !== undefined && !units.has(unit) && list !== undefined && units.has(list) ? list : unit
}

function remember(judge: Judge): Judge {
  const answers = new Map<string, Judgement>()
  return (unit) => {
    if (unit.codes) return judge(unit)
    const signature = signatureOf(unit)
    const answer = answers.get(signature) ?? judge(unit)
    answers.set(signature, answer)
    return answer
  }
}
