/**
 * The labels of a Bundle are the highest and all of what is in it, after redaction. No other tag stands on one: MASK and
 * the like tell of privacy by themselves. https://hl7.org/fhir/uv/security-label-ds4p/
 */
import type { Coding, Resource } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM } from '#label/code-system.ts'
import { confidentialities } from '#label/label-record.ts'
import { confidentialityOf, sensitivityOf } from '#label/security-meta.ts'

export function highWaterMark(resources: readonly Resource[]): readonly Coding[] {
  const found = resources.flatMap(({ meta }) => meta?.security ?? [])
  const levels = new Set(found.map(confidentialityOf))
  const highest = confidentialities.findLast((level) => levels.has(level))
  const sensitivities = new Set(found.map(sensitivityOf).filter((code) => code !== undefined))
  return [
    ...(highest ? [{ system: CONFIDENTIALITY_SYSTEM, code: highest }] : []),
    ...[...sensitivities].sort().map((code) => ({ system: ACT_CODE_SYSTEM, code })),
  ]
}
