/** A decision in one sentence, for a reader and a language. */
import type { Basis, Decision } from './decision.ts'
import { type Audience, type Language, reasons } from './reason.ts'

export interface Reader {
  readonly language: Language
  readonly audience: Audience
  /** The labels of what was decided, for a reader who may know them. */
  readonly labels: readonly string[]
}

/** What stands in a sentence for something that did not take part. */
const NONE = '–'

export function explain(
  { reason, basis, law }: Pick<Decision, 'reason' | 'basis' | 'law'>,
  { language, audience, labels }: Reader,
): string {
  return reasons[reason][language][audience]
    .replace('{consent}', namesOf(basis, audience).join(', ') || NONE)
    .replace('{label}', labels.join(', ') || NONE)
    .replace('{rule}', law ?? NONE)
}

/** A privacy officer finds the very provision; the citizen the consent. */
function namesOf(basis: readonly Basis[], audience: Audience): readonly string[] {
  const named = basis.map(({ consent, provision }) =>
    audience === 'privacyOfficer' ? `${consent} (${provision})` : consent,
  )
  return [...new Set(named)]
}
