/**
 * What only content can decide, as a list in the form of IHE PCF: the last entry that matches counts.
 * https://profiles.ihe.net/ITI/PCF/other.html#371422214-privacy-consent-on-fhir-grouping
 */
import type { CodeableConcept, Coding, ConsentProvisionData, Period } from '@medplum/fhirtypes'
import type { LabelCode } from './meant-labels.ts'
import type { Rule } from './rule.ts'

/** Elements are combined with AND. `class` and `code` are ours: PCF has the others. */
export interface ResidualEntry {
  readonly type: 'forbid' | 'permit'
  readonly securityLabel?: readonly LabelCode[]
  readonly dataPeriod?: Period
  readonly data?: readonly ConsentProvisionData[]
  readonly class?: readonly Coding[]
  readonly code?: readonly CodeableConcept[]
}

/** A rule that some content is under and some is not. */
export interface Condition {
  readonly rule: Rule
  /** How many exceptions deep: 0 is the outermost provision. */
  readonly depth: number
  /** Undefined for a permit that PCF's form cannot say. */
  readonly entry: ResidualEntry | undefined
}

/** A deny with what lifts it, and with the denies inside of that. */
export interface Exception {
  readonly forbid: Condition
  readonly lifts: readonly Condition[]
  readonly within: readonly Exception[]
}

export interface Conditions {
  /** Something permits everything that no exception forbids. */
  readonly coversAll: boolean
  readonly permits: readonly Condition[]
  readonly exceptions: readonly Exception[]
}

const EVERYTHING: ResidualEntry = { type: 'forbid' }

export interface ResidualStep {
  readonly entry: ResidualEntry
  readonly depth: number
}

/** First everything is forbidden where the permit is conditional, then come permits, then exceptions. */
export function stepsOf({ coversAll, permits, exceptions }: Conditions): readonly ResidualStep[] {
  if (!coversAll && permits.length === 0) return []
  const granted = coversAll ? [] : [{ entry: EVERYTHING, depth: 0 }, ...permits.flatMap(written)]
  return [...granted, ...exceptionsInOrder(exceptions)]
}

/**
 * What lifts one deny stands after it, and would lift every deny before it as well. So of several denies none is lifted
 * in the list: it then says less than the consents do, and never more.
 */
function exceptionsInOrder(exceptions: readonly Exception[]): readonly ResidualStep[] {
  const [only, ...others] = exceptions
  if (only && others.length === 0)
    return [...written(only.forbid), ...only.lifts.flatMap(written), ...exceptionsInOrder(only.within)]
  return exceptions.flatMap(unlifted)
}

function unlifted({ forbid, within }: Exception): readonly ResidualStep[] {
  return [...written(forbid), ...within.flatMap(unlifted)]
}

function written({ entry, depth }: Condition): readonly ResidualStep[] {
  return entry ? [{ entry, depth }] : []
}
