/**
 * Labels travel along references, one reference far and in both directions, between resources of one citizen: an element
 * that points to labelled data carries its labels, and an encounter in which an addiction was found is about it too.
 */
import { builtInRules, type ElementLabel, type LabelRecord } from './label-record.ts'
import type { Label } from './rule-set.ts'
import { unitOf } from './unit.ts'

/** A stored resource that points to the one that is labelled. */
export interface Referring {
  /** `Condition/<id>` */
  readonly reference: string
  readonly labels: LabelRecord
  /** Where in it the pointer stands. */
  readonly paths: readonly string[]
}

export interface Propagated {
  readonly path: string
  readonly label: Label
}

/** Onto the elements that point to labelled data. */
export function fromReferenced(
  resourceType: string,
  { pointers = [] }: LabelRecord,
  referenced: ReadonlyMap<string, LabelRecord>,
): readonly Propagated[] {
  return pointers.flatMap(({ path, to }) =>
    (referenced.get(to)?.elements ?? []).map((element) => ({
      path: unitOf(resourceType, path),
      label: passedOn(element, builtInRules.referenced),
    })),
  )
}

/** From whatever has `encounter` to the Encounter; from diagnoses, reasons and problems addressed to the Condition. */
const FLOWS: Readonly<Record<string, RegExp>> = {
  Encounter: /^\w+\.(?:encounter$|context\.encounter\b)/,
  Condition:
    /^(?:CarePlan\.addresses|Goal\.addresses|Encounter\.diagnosis|\w+\.(?:[\w.[\]]+\.)?reasonReference)\b/,
}

/**
 * Onto the whole of what it is about, unless that points back: then the element carries the labels. What flows is what
 * the pointing element says and what holds for all of the other resource: a plan's addiction part does not make the
 * depression that another part addresses an addiction. Text that nobody could judge says nothing of this resource.
 */
export function fromReferring(
  resourceType: string,
  { pointers = [] }: LabelRecord,
  { reference, labels, paths }: Referring,
): readonly Propagated[] {
  const otherType = reference.replace(/\/.*$/, '')
  const units = paths
    .filter((path) => FLOWS[resourceType]?.test(path) ?? false)
    .map((path) => unitOf(otherType, path))
  if (units.length === 0 || pointers.some(({ to }) => to === reference)) return []
  return labels.elements
    .filter(({ path }) => path === otherType || units.includes(unitOf(otherType, path)))
    .filter(({ sensitivities, rule }) => sensitivities.length > 0 || rule === builtInRules.sourceLabel)
    .map((element) => ({ path: resourceType, label: passedOn(element, builtInRules.referring) }))
}

/** That a unit is sensitive still follows from what it treats, when it has come along a reference. */
function passedOn({ rule, sensitivities, confidentiality }: ElementLabel, by: string): Label {
  const { sensitiveUnit } = builtInRules
  return { rule: rule === sensitiveUnit ? sensitiveUnit : by, sensitivities, confidentiality }
}
