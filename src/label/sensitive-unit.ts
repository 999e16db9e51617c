/** A provider gives away what it treats. https://hl7.org/fhir/uv/security-label-ds4p/ (SSP, LOCIS) */
import { builtInRules } from './label-record.ts'
import type { Label } from './rule-set.ts'
import { isClinicalOfUnit } from './sensitivity.ts'

/** Of the element `unit`, which names a unit that treats this; a place is sensitive as a place too. */
export function unitLabel(treated: readonly string[], unit: string): Label {
  const place = unit.includes('.location') && treated.some(isClinicalOfUnit) ? ['LOCIS'] : []
  return {
    rule: builtInRules.sensitiveUnit,
    sensitivities: [...treated, 'SSP', ...place],
    confidentiality: 'R',
  }
}
