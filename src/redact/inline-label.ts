/** Labels on single elements. https://hl7.org/fhir/uv/security-label-ds4p/ */
import { isInlineLabel } from '#label/inline-label.ts'

export function hasInlineLabel(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return isInlineLabel(value) || Object.values(value).some(hasInlineLabel)
}
