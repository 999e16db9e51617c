/**
 * What the custodian's law asks of one disclosure, on the day that it is decided. The receiving unit and what it does
 * choose the form of a consent, never the sender: the same municipality may need both. SUL 41 and 43; hpl 25.
 */
import type { Law, LawBook } from './law-book.ts'
import { type Among, type ConsentEffect, type Field, isInForce, type LawEffect } from './law-rule.ts'
import type { ConsentTerms, Jurisdiction, LawRuleId, LegalFrame, StatutoryBasis } from './legal-frame.ts'
import type { UnitType } from './unit-types.ts'

export interface LegalQuestion {
  /** The custodian's. */
  readonly jurisdiction: Jurisdiction
  /** `2026-11-22`, on the custodian's calendar. */
  readonly day: string
  readonly recipientUnitType: string | undefined
  readonly custodianUnitType: string | undefined
  /** `disclose` is a push. Whatever else it is, the recipient fetches. */
  readonly action: string
}

/** An effect of a rule that is in force on the day. */
type InForce<Effect> = Effect & { readonly rule: LawRuleId }

export function legalFrame({ laws, unitTypes }: LawBook, question: LegalQuestion): LegalFrame {
  const law = laws[question.jurisdiction]
  const recipient = unitTypes.get(question.recipientUnitType ?? '')
  if (!recipient) return stopped(question, law, 'unit-type-unknown')
  const custodian = unitTypes.get(question.custodianUnitType ?? '')
  const effects = law.rules
    .filter((rule) => isInForce(rule, question.day))
    .flatMap(({ id, effects: each }) => each.map((effect): InForce<LawEffect> => ({ ...effect, rule: id })))
  const consent = consentTerms(effects, {
    to: recipient.field[question.jurisdiction],
    from: custodian?.field[question.jurisdiction],
    pull: question.action !== 'disclose',
  })
  const age = effects.find((effect) => effect.kind === 'age')
  // Where no rule of that day says how a consent must be, or who may give it, none can be enough.
  if (!consent || !age) return stopped(question, law, 'no-legal-basis-for-unit')
  return {
    jurisdiction: question.jurisdiction,
    consent,
    withoutConsent: statutoryBases(effects, question.jurisdiction, { recipient, custodian }),
    ageOfConsent: { rule: age.rule, years: age.years },
    denyCoversParents: law.denyCoversParents,
    overrideGrounds: effects.flatMap((effect) =>
      effect.kind === 'override' ? effect.grounds.map((code) => ({ rule: effect.rule, code })) : [],
    ),
  }
}

/** Older than anybody: whoever overlooks the stop still finds nothing that is enough. */
const NEVER_YEARS = 999

function stopped(
  { jurisdiction }: LegalQuestion,
  { unitTypeRule: rule, denyCoversParents }: Law,
  reason: NonNullable<LegalFrame['stop']>['reason'],
): LegalFrame {
  return {
    jurisdiction,
    stop: { rule, reason },
    consent: { rule, basis: 'NONE', form: 'written', lapsesAfterYears: 0 },
    withoutConsent: [],
    ageOfConsent: { rule, years: NEVER_YEARS },
    denyCoversParents,
    overrideGrounds: [],
  }
}

interface Way {
  readonly to: Field | undefined
  readonly from: Field | undefined
  readonly pull: boolean
}

/** All rules that apply add up, the stricter of each; the narrowest of those with a basis gives its name. */
function consentTerms(effects: readonly InForce<LawEffect>[], way: Way): ConsentTerms | undefined {
  const apply = effects.filter((effect) => effect.kind === 'consent').filter((effect) => applies(effect, way))
  const [named] = apply
    .filter(({ basis }) => basis !== undefined)
    .sort((a, b) => narrowness(b) - narrowness(a))
  if (named?.basis === undefined) return undefined
  const written = apply.find(({ form }) => form === 'written')
  const [lapse] = apply
    .filter(({ lapsesAfterYears }) => lapsesAfterYears !== undefined)
    .sort((a, b) => Number(a.lapsesAfterYears) - Number(b.lapsesAfterYears))
  const mustName = [...new Set(apply.flatMap((effect) => effect.mustName ?? []))]
  return {
    rule: named.rule,
    basis: named.basis,
    form: written ? 'written' : 'any',
    ...(written && { formRule: written.rule }),
    ...(lapse?.lapsesAfterYears !== undefined && {
      lapsesAfterYears: lapse.lapsesAfterYears,
      lapseRule: lapse.rule,
    }),
    ...(apply.some(({ prior }) => prior) && { prior: true }),
    ...(mustName.length > 0 && { mustName }),
  }
}

function applies(effect: ConsentEffect, { to, from, pull }: Way): boolean {
  return (
    effect.to === to &&
    (effect.from === undefined || effect.from === from) &&
    (effect.pull === undefined || pull)
  )
}

function narrowness({ from, pull }: ConsentEffect): number {
  return (from === undefined ? 0 : 1) + (pull ? 1 : 0)
}

interface Units {
  readonly recipient: UnitType
  /** Unknown: no basis that names the sender applies. */
  readonly custodian: UnitType | undefined
}

function statutoryBases(
  effects: readonly InForce<LawEffect>[],
  jurisdiction: Jurisdiction,
  { recipient, custodian }: Units,
): readonly StatutoryBasis[] {
  return effects
    .filter((effect) => effect.kind === 'statutory')
    .filter(({ from, to }) => isAmong(custodian, from, jurisdiction) && isAmong(recipient, to, jurisdiction))
    .map(({ rule, code, demands, eventOnly = false, informPatient = false }) => ({
      rule,
      code,
      demands,
      // A basis comes after blocks and objections, also where the law would let it pass: our choice.
      yieldsToObjection: true,
      eventOnly,
      informPatient,
    }))
}

function isAmong(unit: UnitType | undefined, { field, unitTypes }: Among, country: Jurisdiction): boolean {
  if (!unit) return false
  return (field !== undefined && unit.field[country] === field) || (unitTypes?.includes(unit.code) ?? false)
}
