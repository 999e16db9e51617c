/** The labels of a provision, each code that they mean written out: a reader elsewhere compares codes as they are written. */
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM } from '#label/code-system.ts'
import { confidentialities, exceeds } from '#label/label-record.ts'
import { sensitivitiesMeant } from '#label/sensitivity.ts'
import type { Effect } from './criteria-match.ts'
import type { LabelCriteria } from './security-label.ts'

export interface LabelCode {
  readonly system: string
  readonly code: string
}

/** A deny of R means R and V, a permit of R means R and all that is less restricted. https://hl7.org/fhir/R4/security-labels.html#hcs */
export function labelsMeant(listed: LabelCriteria, effect: Effect): readonly LabelCode[] {
  const levels = confidentialities.filter((level) =>
    listed.confidentialities.some(
      (each) => !(effect === 'deny' ? exceeds(each, level) : exceeds(level, each)),
    ),
  )
  const kinds = new Set(listed.sensitivities.flatMap(sensitivitiesMeant))
  return [
    ...levels.map((code) => ({ system: CONFIDENTIALITY_SYSTEM, code })),
    ...[...kinds].sort().map((code) => ({ system: ACT_CODE_SYSTEM, code })),
    ...listed.others.flatMap(({ system, code }) =>
      system === undefined || code === undefined ? [] : [{ system, code }],
    ),
  ]
}

/** Each once, in the order in which they were first met. */
export function unionOf(lists: readonly (readonly LabelCode[])[]): readonly LabelCode[] {
  return [...new Map(lists.flat().map((each) => [`${each.system}|${each.code}`, each])).values()]
}
