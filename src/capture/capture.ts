/**
 * What a consent must say before it is taken in. It is asked of an active consent alone: a draft may be incomplete, and
 * taking a consent back must be as easy as giving it (GDPR 7(3)). https://hl7.org/fhir/R4/consent.html
 */
import type { Consent } from '@medplum/fhirtypes'
import type { Fault } from '#fhir/gateway-error.ts'
import type { CaptureContext } from './capture-context.ts'
import { evidenceFaults } from './evidence.ts'
import { unknownCodes } from './known-codes.ts'
import { performerFaults } from './performer.ts'
import { policyFaults } from './policy.ts'
import { permits, provisionFaults } from './provisions.ts'
import { scopeFaults, scopeInText, wordsBesideCodes } from './scope.ts'

export type Capture =
  /** Nothing is asked of it: it is no active consent, or one that is complete. */
  | { readonly kind: 'accepted' }
  /** Its extent stands in words alone: stored, it opens nothing, and a person must read it. */
  | { readonly kind: 'not-computable'; readonly place: string }
  | { readonly kind: 'refused'; readonly faults: readonly [Fault, ...Fault[]] }

export function capture(consent: Consent, context: CaptureContext): Capture {
  if (consent.status !== 'active') return { kind: 'accepted' }
  return judgeAsActive(consent, context)
}

/** Of a draft: what would be asked of it once it is active, so that it can be mended before anybody signs it. */
export function judgeAsActive(consent: Consent, context: CaptureContext): Capture {
  const place = scopeInText(consent)
  if (place !== undefined) return { kind: 'not-computable', place }
  const [first, ...rest] = [
    ...scopeFaults(consent),
    ...policyFaults(consent),
    ...provisionFaults(consent),
    ...wordsBesideCodes(consent),
    // A refusal needs no form: who says no is heard (sundhedsloven 41(3); pbrl 5-3).
    ...(permits(consent) ? permitFaults(consent, context) : []),
  ]
  return first ? { kind: 'refused', faults: [first, ...rest] } : { kind: 'accepted' }
}

function permitFaults(consent: Consent, context: CaptureContext): Fault[] {
  return [...unknownCodes(consent), ...evidenceFaults(consent, context), ...performerFaults(consent, context)]
}
