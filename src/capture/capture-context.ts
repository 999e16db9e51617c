/** What is known when a consent is sent in, beside the consent itself. */
import type { LawBook } from '#law/law-book.ts'
import type { Jurisdiction } from '#law/legal-frame.ts'

export interface CaptureContext {
  /** The instant of the request. */
  readonly now: string
  /** Of the organisation that sends it in, for dates without a time. */
  readonly timeZone: string
  readonly jurisdiction: Jurisdiction
  readonly law: LawBook
  /** The citizen's, by the national id; absent when the number does not tell it. */
  readonly birthDate?: string
}
