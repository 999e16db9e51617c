/** What must be left out of whatever comes, told by label where a label tells it. https://hl7.org/fhir/R4/v3/ActCode/cs.html */
import type { Obligation } from './decision.ts'
import { REDACT } from './duties.ts'
import { type LabelCode, unionOf } from './meant-labels.ts'
import type { ResidualEntry, ResidualStep } from './residual.ts'

/** One duty for all denies, one for all permits, and a plain one for what no label alone tells. */
export function redactionDuties(steps: readonly ResidualStep[]): readonly Obligation[] {
  const entries = steps.map(({ entry }) => entry).filter((entry) => !isEverything(entry))
  if (steps.length === 0) return []
  const permits = entries.filter(({ type }) => type === 'permit')
  const forbidden = unionOf(entries.filter(({ type }) => type === 'forbid').map(labelsOf))
  const isConditional = entries.length < steps.length
  // What is permitted by something else than a label may carry any label.
  const byLabel = isConditional && permits.length > 0 && permits.every(({ securityLabel }) => securityLabel)
  const isTold = entries.length > 0 && entries.every(isLabelAlone)
  return [
    ...(isTold ? [] : [REDACT]),
    ...(forbidden.length > 0 ? [{ ...REDACT, params: { codes: forbidden } }] : []),
    ...(byLabel ? [{ ...REDACT, params: { exceptAnyOfCodes: unionOf(permits.map(labelsOf)) } }] : []),
  ]
}

function labelsOf({ securityLabel }: ResidualEntry): readonly LabelCode[] {
  return securityLabel ?? []
}

function isEverything(entry: ResidualEntry): boolean {
  return Object.keys(entry).length === 1
}

function isLabelAlone(entry: ResidualEntry): boolean {
  return entry.securityLabel !== undefined && Object.keys(entry).length === 2
}
