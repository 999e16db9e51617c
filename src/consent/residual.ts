/**
 * What only content can decide, as a list in the form of IHE PCF: the last entry that matches counts.
 * https://profiles.ihe.net/ITI/PCF/other.html#371422214-privacy-consent-on-fhir-grouping
 */
import type { CodeableConcept, Coding, ConsentProvisionData, Period } from '@medplum/fhirtypes'
import type { LabelCode } from './meant-labels.ts'

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
  /** How many exceptions deep: 0 is the outermost provision. */
  readonly depth: number
  /** Undefined for a permit that PCF's form cannot say. */
  readonly entry: ResidualEntry | undefined
  /** Beside a label that nobody understands the others permit less than they seem to. */
  readonly isUnclear: boolean
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

const EVERYTHING: ResidualStep = { entry: { type: 'forbid' }, depth: 0, isUnclear: false }

export interface ResidualStep extends Condition {
  readonly entry: ResidualEntry
}

/** First everything is forbidden where the permit is conditional, then come permits, then exceptions. */
export function stepsOf({ coversAll, permits, exceptions }: Conditions): readonly ResidualStep[] {
  if (!coversAll && permits.length === 0) return []
  const granted = coversAll ? [] : [EVERYTHING, ...permits.flatMap(written)]
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

function written({ entry, ...rest }: Condition): readonly ResidualStep[] {
  return entry ? [{ ...rest, entry }] : []
}
