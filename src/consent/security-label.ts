/** What the security labels of a provision say about the labels of one unit. https://hl7.org/fhir/R4/security-labels.html */
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM } from '#label/code-system.ts'
import { type Confidentiality, exceeds, isConfidentiality } from '#label/label-record.ts'
import { coversSensitivity, isSensitivity } from '#label/sensitivity.ts'
import type { Code } from './element-reader.ts'
import type { Truth } from './truth.ts'
import type { UnitLabels } from './unit-labels.ts'

/** The labels of a provision by what they are. In a consent a bare R is no confidentiality, as it is on a resource. */
export interface LabelCriteria {
  readonly sensitivities: readonly string[]
  readonly confidentialities: readonly Confidentiality[]
  /** Of other systems, which match as they are written. */
  readonly others: readonly Code[]
  /** Some label is a code that its system does not have, or of no system; or none is listed at all. */
  readonly isUnclear: boolean
}

export function readLabels(listed: readonly Code[]): LabelCriteria {
  const sensitivities: string[] = []
  const confidentialities: Confidentiality[] = []
  const others: Code[] = []
  let isUnclear = listed.length === 0
  for (const label of listed) {
    const { system, code } = label
    if (system === ACT_CODE_SYSTEM && code !== undefined && isSensitivity(code)) sensitivities.push(code)
    else if (system === CONFIDENTIALITY_SYSTEM && isConfidentiality(code)) confidentialities.push(code)
    else if (isOther(label)) others.push(label)
    else isUnclear = true
  }
  return { sensitivities, confidentialities, others, isUnclear }
}

/** A code that the two systems of ours do not have is a misspelling of one that they have. */
function isOther({ system, code }: Code): boolean {
  const ours = system === ACT_CODE_SYSTEM || system === CONFIDENTIALITY_SYSTEM
  return system !== undefined && code !== undefined && !ours
}

/** A set of the unit's sensitivities, one bit each in their order; bit 0 is the unit itself when it has none. */
export type Coverage = number

export function completeCoverage({ required }: UnitLabels): Coverage {
  return required.length === 0 ? 1 : 2 ** required.length - 1
}

export interface PermitCoverage {
  readonly certain: Coverage
  /** Would be covered if a label that nobody here understands means it. */
  readonly possible: Coverage
}

export function permitCoverage(listed: LabelCriteria | undefined, unit: UnitLabels): PermitCoverage {
  const complete = completeCoverage(unit)
  // Without labels it covers the whole unit.
  if (listed === undefined) return { certain: complete, possible: 0 }
  return {
    certain: coversAsWhole(listed, unit) ? complete : coveredBits(listed.sensitivities, unit),
    possible: listed.isUnclear ? complete : 0,
  }
}

/**
 * Confidentiality codes alone are a ceiling for everything; beside others, for units without a sensitivity: a label that
 * nobody understands may be a sensitivity misspelt. A label of another system covers only such units as well.
 */
function coversAsWhole(
  { sensitivities, confidentialities, others, isUnclear }: LabelCriteria,
  unit: UnitLabels,
): boolean {
  const isPlain = unit.required.length === 0
  const isAlone = sensitivities.length === 0 && others.length === 0 && !isUnclear
  const underCeiling = confidentialities.some((ceiling) => !exceeds(unit.confidentiality, ceiling))
  if (underCeiling && (isPlain || isAlone)) return true
  return isPlain && others.some((label) => carries(unit, label))
}

function coveredBits(listed: readonly string[], { required }: UnitLabels): Coverage {
  return required.reduce(
    (bits, found, index) =>
      listed.some((code) => coversSensitivity(code, found)) ? bits + 2 ** index : bits,
    0,
  )
}

/** A deny of R means R and more restricted; a deny of a sensitivity matches if any of the unit's is that or below it. */
export function denyMatches(listed: LabelCriteria | undefined, unit: UnitLabels): Truth {
  if (listed === undefined) return true
  const matches =
    listed.confidentialities.some((floor) => !exceeds(floor, unit.confidentiality)) ||
    listed.sensitivities.some((code) => unit.sensitivities.some((found) => coversSensitivity(code, found))) ||
    listed.others.some((label) => carries(unit, label))
  return matches || (listed.isUnclear ? 'unknown' : false)
}

function carries({ otherLabels }: UnitLabels, { system, code }: Code): boolean {
  return otherLabels.some((label) => label.code === code && label.system === system)
}
