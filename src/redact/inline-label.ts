/** Labels on single elements. https://hl7.org/fhir/uv/security-label-ds4p/ */

const INLINE_LABEL =
  'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label'

export function hasInlineLabel(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if ('url' in value && value.url === INLINE_LABEL) return true
  return Object.values(value).some(hasInlineLabel)
}
