/** What the security labels of a provision say about the labels of one unit. https://hl7.org/fhir/R4/security-labels.html */
import type { Coding } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM, normalizeSystem } from '#label/code-system.ts'
import { type Confidentiality, exceeds } from '#label/label-record.ts'
import { confidentialityOf, sensitivityOf } from '#label/security-meta.ts'
import { coversSensitivity } from '#label/sensitivity.ts'
import { or, type Truth } from './truth.ts'
import type { UnitLabels } from './unit-labels.ts'

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

export function permitCoverage(listed: readonly Coding[] | undefined, unit: UnitLabels): PermitCoverage {
  const complete = completeCoverage(unit)
  // Without labels it covers the whole unit.
  if (listed === undefined) return { certain: complete, possible: 0 }
  const sensitivities = listed.flatMap((coding) => sensitivityOf(coding) ?? [])
  const ceilings = listed.flatMap((coding) => systemConfidentialityOf(coding) ?? [])
  const isPlain = unit.required.length === 0 || sensitivities.length === 0
  // Confidentiality codes alone are a ceiling for everything; beside sensitivities, for units that have none.
  const underCeiling = isPlain && ceilings.some((ceiling) => !exceeds(unit.confidentiality, ceiling))
  const understood = listed.length > 0 && sensitivities.length + ceilings.length === listed.length
  return {
    certain: underCeiling ? complete : coveredBits(sensitivities, unit),
    possible: understood ? 0 : complete,
  }
}

function coveredBits(listed: readonly string[], { required }: UnitLabels): Coverage {
  return required.reduce(
    (bits, found, index) =>
      listed.some((code) => coversSensitivity(code, found)) ? bits + 2 ** index : bits,
    0,
  )
}

/** A deny of R means R and more restricted; a deny of a sensitivity matches if any of the unit's is that or below it. */
export function denyMatches(listed: readonly Coding[] | undefined, unit: UnitLabels): Truth {
  if (listed === undefined) return true
  return listed.length === 0 ? 'unknown' : or(...listed.map((coding) => denyMatchesCode(coding, unit)))
}

function denyMatchesCode(coding: Coding, unit: UnitLabels): Truth {
  const sensitivity = sensitivityOf(coding)
  if (sensitivity) return unit.sensitivities.some((found) => coversSensitivity(sensitivity, found))
  const floor = systemConfidentialityOf(coding)
  if (floor) return !exceeds(floor, unit.confidentiality)
  const { system, code } = coding
  const uri = system === undefined ? undefined : normalizeSystem(system)
  if (unit.otherLabels.some((label) => label.code === code && label.system === uri)) return true
  // A code that these two systems do not have is a misspelling of one that they have; other systems match exactly.
  return uri === undefined || uri === ACT_CODE_SYSTEM || uri === CONFIDENTIALITY_SYSTEM ? 'unknown' : false
}

/** In a consent a bare R is not read as a confidentiality, as it is on a resource. */
function systemConfidentialityOf(coding: Coding): Confidentiality | undefined {
  return coding.system === undefined ? undefined : confidentialityOf(coding)
}
