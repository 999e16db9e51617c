/**
 * Adds to the labels of a resource's content what follows from around it: the unit that sent it, the units that it names
 * and the resources that it is linked with. None of this is kept with the labels, so it changes and ends with its origin.
 */
import { ElementLabels } from './element-labels.ts'
import { builtInRules, type LabelRecord } from './label-record.ts'
import { fromReferenced, fromReferring, type Propagated, type Referring } from './propagation.ts'
import { unitLabel } from './sensitive-unit.ts'
import { coversSensitivity } from './sensitivity.ts'
import { unitOf } from './unit.ts'

export interface LabelSource {
  /** What the sending unit treats, such as `['SUD']`: its name alone gives the illness away. */
  readonly custodianSensitivities: readonly string[]
  /** What the units of the registry treat, by `Organization/id` and by `system|value`: to name one gives it away. */
  readonly sensitiveUnits?: ReadonlyMap<string, readonly string[]>
  /** Labels of stored resources of the same citizen that this one points to, by `Type/id`. */
  readonly referenced?: ReadonlyMap<string, LabelRecord>
  /** Stored resources of the same citizen that point to this one. */
  readonly referring?: readonly Referring[]
}

export function inContext(content: LabelRecord, resourceType: string, context: LabelSource): LabelRecord {
  const { custodianSensitivities, sensitiveUnits, referenced = new Map(), referring = [] } = context
  const named = (content.pointers ?? []).flatMap(({ path, to }): Propagated[] => {
    const treated = sensitiveUnits?.get(to)
    const unit = unitOf(resourceType, path)
    return treated ? [{ path: unit, label: unitLabel(treated, unit) }] : []
  })
  const around = [
    ...(custodianSensitivities.length > 0
      ? [{ path: resourceType, label: unitLabel(custodianSensitivities, resourceType) }]
      : []),
    ...named,
    ...fromReferenced(resourceType, content, referenced),
    ...referring.flatMap((one) => fromReferring(resourceType, content, one)),
  ]
  const inCourse = content.elements.some((element) => element.inCourseOf !== undefined)
  if (around.length === 0 && !inCourse) return content
  const gathered = new ElementLabels(content)
  for (const { path, label } of around) gathered.add(path, label)
  addCourse(gathered, content, resourceType)
  return gathered.record(content.ruleSetVersion)
}

/** A test for hepatitis that an addiction unit reports is part of the treatment; a GP's is not. */
function addCourse(gathered: ElementLabels, { elements }: LabelRecord, resourceType: string): void {
  const ofAll = gathered.sensitivitiesOf(resourceType)
  for (const { path, inCourseOf } of elements) {
    if (inCourseOf === undefined || !ofAll.some((found) => coversSensitivity(inCourseOf, found))) continue
    gathered.add(path, { rule: builtInRules.course, sensitivities: [inCourseOf], confidentiality: 'V' })
  }
}
