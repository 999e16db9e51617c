/** The shape of a reason: its outcome, and one sentence per language and reader. */

export type Outcome = 'permit' | 'denied' | 'indeterminate' | 'no-consent'
export type Language = 'da' | 'nb' | 'en'
export type Audience = 'clinician' | 'privacyOfficer' | 'citizen'
export type Sentences = Readonly<Record<Language, Readonly<Record<Audience, string>>>>

export interface Reason extends Sentences {
  readonly outcome: Outcome
}
