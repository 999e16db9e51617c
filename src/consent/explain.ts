/** A decision in one sentence, for a reader and a language. */
import type { Basis, Decision } from './decision.ts'
import { type Audience, type Language, reasons } from './reason.ts'

export interface Reader {
  readonly language: Language
  readonly audience: Audience
  /** The labels of what was decided, for a reader who may know them. */
  readonly labels: readonly string[]
}

/** What stands in a sentence for something that did not take part, where the sentence cannot do without. */
const NONE = '–'

export function explain(
  { reason, basis, law }: Pick<Decision, 'reason' | 'basis' | 'law'>,
  { language, audience, labels }: Reader,
): string {
  const names = new Map(
    [
      ['consent', namesOf(basis, audience).join(', ')] as const,
      ['label', labels.join(', ')] as const,
      ['rule', law ?? ''] as const,
    ].filter(([, name]) => name !== ''),
  )
  return filled(reasons[reason][language][audience], names)
}

/** A part in brackets is said only when there is something to name in it. */
function filled(sentence: string, names: ReadonlyMap<string, string>): string {
  return sentence
    .replaceAll(/\[([^\]]*\{(\w+)\}[^\]]*)\]/g, (_, part: string, name: string) =>
      names.get(name) ? part : '',
    )
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => names.get(name) ?? NONE)
}

/** A privacy officer finds the very provision; the citizen the consent. */
function namesOf(basis: readonly Basis[], audience: Audience): readonly string[] {
  const named = basis.map(({ consent, provision }) =>
    audience === 'privacyOfficer' ? `${consent} (${provision})` : consent,
  )
  return [...new Set(named)]
}
