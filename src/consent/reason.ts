/**
 * Why a decision came out as it did: a closed set of stable codes, each in one sentence per language and reader.
 * A clinician at the receiving end never learns the kind of what was withheld, so no sentence for one takes `{label}`.
 */
import { deniedReasons } from './reasons/denied.ts'
import { hardStopReasons } from './reasons/hard-stop.ts'
import { indeterminateReasons } from './reasons/indeterminate.ts'
import { nationalReasons } from './reasons/national.ts'
import { noConsentReasons } from './reasons/no-consent.ts'
import { overrideReasons } from './reasons/override.ts'
import { permitReasons } from './reasons/permit.ts'
import { redactionReasons } from './reasons/redaction.ts'
import type { Outcome, Reason } from './reasons/sentences.ts'
import { withoutContentReasons } from './reasons/without-content.ts'

export type { Audience, Language, Outcome } from './reasons/sentences.ts'

export const reasons = {
  ...permitReasons,
  ...deniedReasons,
  ...indeterminateReasons,
  ...noConsentReasons,
  ...nationalReasons,
  ...hardStopReasons,
  ...overrideReasons,
  ...redactionReasons,
  ...withoutContentReasons,
} as const satisfies Record<string, Reason>

export type ReasonCode = keyof typeof reasons

export function outcomeOf(reason: ReasonCode): Outcome {
  return reasons[reason].outcome
}

/** From the farthest miss to the nearest: of several reasons for no consent, the last in this order explains most. */
export const missesByNearness = [
  'no-consent',
  'consent-not-active',
  'consent-not-yet-valid',
  'consent-expired',
  'recipient-not-covered',
  'source-not-covered',
  'purpose-not-covered',
  'action-not-covered',
  'class-not-covered',
  'data-not-covered',
  'consent-lapsed',
  'label-not-covered',
] as const satisfies readonly ReasonCode[]
