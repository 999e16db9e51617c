/** A decision in one sentence, for a reader and a language. */
import type { Decision } from './decision.ts'
import { type Audience, type Language, reasons } from './reason.ts'

export function explain(
  { reason, basis }: Pick<Decision, 'reason' | 'basis'>,
  { language, audience, labels }: { language: Language; audience: Audience; labels: readonly string[] },
): string {
  const consents = [...new Set(basis.map(({ consent }) => consent))].join(', ')
  return reasons[reason][language][audience]
    .replace('{consent}', consents || '–')
    .replace('{label}', labels.join(', ') || '–')
}
