/** A label that a person put on one element. https://hl7.org/fhir/uv/security-label-ds4p/ */
import { confidentialityOf, sensitivityOf } from './security-meta.ts'

const INLINE_LABEL =
  'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label'

export function isInlineLabel(extension: unknown): boolean {
  return (
    typeof extension === 'object' &&
    extension !== null &&
    'url' in extension &&
    extension.url === INLINE_LABEL
  )
}

/** Whether somebody said what the element is about. A label without a code, or with one that nobody knows, says nothing. */
export function isClassified({ extension }: { readonly extension?: unknown }): boolean {
  return Array.isArray(extension) && extension.some((item: unknown) => isInlineLabel(item) && isTelling(item))
}

function isTelling(item: unknown): boolean {
  const coding: unknown =
    typeof item === 'object' && item !== null && 'valueCoding' in item ? item.valueCoding : undefined
  if (typeof coding !== 'object' || coding === null) return false
  const [system, code] = ['system', 'code'].map((key): unknown => Reflect.get(coding, key))
  if (typeof system !== 'string' || typeof code !== 'string') return false
  return sensitivityOf({ system, code }) !== undefined || confidentialityOf({ system, code }) !== undefined
}
