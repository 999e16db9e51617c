/** The labels that one unit is decided by. https://hl7.org/fhir/R4/security-labels.html */
import type { Coding } from '@medplum/fhirtypes'
import { builtInRules, type Confidentiality, type ElementLabel, exceeds } from '#label/label-record.ts'
import { isFacilitySensitivity } from '#label/sensitivity.ts'
import type { UnitCodes } from './criteria-code.ts'

export interface UnitLabels {
  /** All, for denies. */
  readonly sensitivities: readonly string[]
  /** Those that a permit must account for. */
  readonly required: readonly string[]
  readonly confidentiality: Confidentiality
  /** Labels of other systems on the resource. */
  readonly otherLabels: readonly Coding[]
  /** Every code in the unit; absent where no consent asks for one. */
  readonly codes?: UnitCodes | undefined
}

export function unitLabels(
  elements: readonly ElementLabel[],
  otherLabels: readonly Coding[],
  codes?: UnitCodes,
): UnitLabels {
  const sensitivities: string[] = []
  const required: string[] = []
  let confidentiality: Confidentiality = 'N'
  for (const element of elements) {
    if (exceeds(element.confidentiality, confidentiality)) confidentiality = element.confidentiality
    for (const code of element.sensitivities) {
      if (!sensitivities.includes(code)) sensitivities.push(code)
      // That the unit is sensitive follows from what it treats, so whoever may know the one may know the other.
      const follows = element.rule === builtInRules.sensitiveUnit && isFacilitySensitivity(code)
      if (!follows && !required.includes(code)) required.push(code)
    }
  }
  return { sensitivities, required, confidentiality, otherLabels, codes }
}

/** Units with the same labels get the same answer, unless a consent asks for codes. */
export function signatureOf({ sensitivities, required, confidentiality }: UnitLabels): string {
  return `${confidentiality} ${required.join(' ')}|${sensitivities.join(' ')}`
}
