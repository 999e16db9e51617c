/** What a release asks of whoever makes it and of whoever gets it. https://hl7.org/fhir/R4/v3/ActCode/cs.html */
import type { StatutoryBasis } from '#law/legal-frame.ts'
import { ACT_CODE_SYSTEM } from '#label/code-system.ts'
import { type Confidentiality, exceeds } from '#label/label-record.ts'
import type { Decision, Obligation } from './decision.ts'
import type { ReasonCode } from './reason.ts'

export const REDACT: Obligation = { system: ACT_CODE_SYSTEM, code: 'REDACT' }
export const AUDIT: Obligation = { system: ACT_CODE_SYSTEM, code: 'AUDIT' }
/** The labels stay on it, and it goes no further without a consent to that. 42 CFR 2.32 as the model. */
const RESTRICTED: readonly Obligation[] = [
  { system: ACT_CODE_SYSTEM, code: 'NORDSCLCD' },
  { system: ACT_CODE_SYSTEM, code: 'PERSISTLABEL' },
]

/** Ways out that no ordinary consent gave; of several, the first is told. */
export const EXCEPTIONAL: readonly ReasonCode[] = [
  'permitted-by-override',
  'permitted-by-break-glass-consent',
  'permitted-by-law',
]

/**
 * Broken glass is audited as such and looked at by a person; of an override the patient is told.
 * `confidentiality` is that of what goes out.
 */
export function dutiesOf(
  reasons: readonly ReasonCode[],
  confidentiality: Confidentiality,
  basis?: StatutoryBasis,
): Pick<Decision, 'obligations' | 'followUp'> {
  const override = reasons.includes('permitted-by-override')
  const review = override || reasons.includes('permitted-by-break-glass-consent')
  const followUp = [
    ...(review ? (['review'] as const) : []),
    ...(override || basis?.informPatient ? (['inform-patient'] as const) : []),
  ]
  return {
    obligations: [...(review ? [AUDIT] : []), ...(exceeds(confidentiality, 'N') ? RESTRICTED : [])],
    ...(followUp.length > 0 && { followUp }),
  }
}
