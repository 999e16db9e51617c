/** What the law asks of a consent when it is taken in, whoever will receive: what it names, and who is old enough. */
import type { LawBook } from './law-book.ts'
import { isInForce, type LawEffect, type NamedElement } from './law-rule.ts'
import type { Jurisdiction, LawRuleId } from './legal-frame.ts'

export interface CaptureTerms {
  /** What the permit must name, each with the rule that says so. */
  readonly mustName: readonly { readonly rule: LawRuleId; readonly element: NamedElement }[]
  /** From this birthday on the patient alone consents. Absent: no rule of that day says, and none can be taken in. */
  readonly ageOfConsent?: { readonly rule: LawRuleId; readonly years: number }
}

/** `day` is the day on which the consent was given, on the custodian's calendar. */
export function captureTerms({ laws }: LawBook, jurisdiction: Jurisdiction, day: string): CaptureTerms {
  const effects = laws[jurisdiction].rules
    .filter((rule) => isInForce(rule, day))
    .flatMap(({ id, effects: each }) => each.map((effect) => ({ rule: id, effect })))
  const age = effects.flatMap(({ rule, effect }) => ageOf(rule, effect))[0]
  return {
    mustName: effects.flatMap(({ rule, effect }) =>
      effect.kind === 'capture' ? effect.mustName.map((element) => ({ rule, element })) : [],
    ),
    ...(age && { ageOfConsent: age }),
  }
}

function ageOf(rule: LawRuleId, effect: LawEffect): readonly NonNullable<CaptureTerms['ageOfConsent']>[] {
  return effect.kind === 'age' ? [{ rule, years: effect.years }] : []
}
