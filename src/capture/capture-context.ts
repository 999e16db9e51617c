/** What is known when a consent is sent in, beside the consent itself. */
import type { Jurisdiction } from '#law/legal-frame.ts'

export interface CaptureContext {
  /** The instant of the request. */
  readonly now: string
  /** Of the organisation that sends it in, for dates without a time. */
  readonly timeZone: string
  readonly jurisdiction: Jurisdiction
  /** The citizen's, by the national id; absent when the number does not tell it. */
  readonly birthDate?: string
  /** From this birthday on the citizen alone consents and objects. */
  readonly ageOfConsent: number
}

/** Sundhedsloven 17; pasient- og brukerrettighetsloven 4-3. */
export const agesOfConsent: Readonly<Record<Jurisdiction, number>> = { DK: 15, NO: 16 }
