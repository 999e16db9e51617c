import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { statutoryBasisCodes } from '#config/settings.ts'
import { legalFrame, type LegalQuestion } from '#law/frame.ts'
import { compileLaw } from '#law/law-book.ts'
import type { LawRule } from '#law/law-rule.ts'
import type { LegalFrame } from '#law/legal-frame.ts'
import { book, openBook, parsed, rules, withRules } from './real-law.ts'

const unitTypes = parsed.unitTypes.unitTypes.map(({ code }) => code)
const anyType = fc.option(fc.constantFrom(...unitTypes), { nil: undefined })
const anyDay = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

const question: fc.Arbitrary<LegalQuestion> = fc.record({
  jurisdiction: fc.constantFrom('DK', 'NO'),
  day: anyDay,
  recipientUnitType: anyType,
  custodianUnitType: anyType,
  action: fc.constantFrom('disclose', 'access', 'collect', 'use'),
})

const effectful = rules.filter(({ status, effects }) => status === 'on' && effects)

/** How much a consent must be: what one that satisfies the second also satisfies of the first. */
function isAsStrict(one: LegalFrame, other: LegalFrame): boolean {
  if (one.stop) return true
  const [a, b] = [one.consent, other.consent]
  return (
    !other.stop &&
    (b.form === 'any' || a.form === 'written') &&
    (a.lapsesAfterYears ?? 999) <= (b.lapsesAfterYears ?? 999) &&
    (!b.prior || a.prior === true) &&
    (b.mustName ?? []).every((element) => a.mustName?.includes(element))
  )
}

describe('a rule that is off', () => {
  test('never changes a frame: it is as if it were not there', () => {
    fc.assert(
      fc.property(question, fc.constantFrom(...effectful), (asked, { id }) => {
        // The bases of a rule that is off cannot be switched on, so none is here.
        const off = withRules((rule) => (rule.id === id ? [{ ...rule, status: 'off', why: 'test' }] : [rule]))
        const gone = withRules((rule) => (rule.id === id ? [] : [rule]))
        expect(legalFrame(off, asked)).toEqual(legalFrame(gone, asked))
      }),
    )
  })

  test('adds nothing, whatever its effects would be', () => {
    const effects = rules.flatMap(({ effects: each }) => each ?? [])
    const extra = fc.record({
      country: fc.constantFrom('DK', 'NO'),
      effects: fc.subarray(effects, { minLength: 1 }),
    })
    fc.assert(
      fc.property(question, extra, (asked, { country, effects: some }) => {
        const more: LawRule = {
          id: `${country}-99`,
          title: 'more',
          source: 'test',
          validFrom: '2000-01-01',
          validFromIs: 'ours',
          status: 'off',
          why: 'test',
          effects: some,
        }
        const laws = parsed.laws.map((law) =>
          law.jurisdiction === country ? { ...law, rules: [...law.rules, more] } : law,
        )
        const withMore = compileLaw('more', { ...parsed, laws }, [...statutoryBasisCodes])
        expect(legalFrame(withMore, asked)).toEqual(legalFrame(openBook, asked))
      }),
    )
  })
})

test('on a day outside its dates a rule is as if it were not there', () => {
  fc.assert(
    fc.property(question, fc.constantFrom(...effectful), (asked, { id }) => {
      const bases: readonly string[] = statutoryBasisCodes
      const ended = withRules(
        (rule) => (rule.id === id ? [{ ...rule, validTo: '2000-01-01' }] : [rule]),
        bases,
      )
      const kept = bases.filter((code) => !codesOf(id).includes(code))
      const gone = withRules((rule) => (rule.id === id ? [] : [rule]), kept)
      const later = asked.day <= '2000-01-01' ? '2000-01-02' : asked.day
      expect(legalFrame(ended, { ...asked, day: later })).toEqual(legalFrame(gone, { ...asked, day: later }))
    }),
  )
})

function codesOf(id: string): readonly string[] {
  const effects = rules.find((rule) => rule.id === id)?.effects ?? []
  return effects.flatMap((effect) => (effect.kind === 'statutory' ? effect.code : []))
}

test('only what is switched on is ever offered, and it changes nothing else', () => {
  fc.assert(
    fc.property(question, fc.subarray<string>([...statutoryBasisCodes]), (asked, bases) => {
      const { withoutConsent, ...rest } = legalFrame(compileLaw('some', parsed, bases), asked)
      expect(withoutConsent.filter(({ code }) => !bases.includes(code))).toEqual([])
      const { withoutConsent: _, ...delivered } = legalFrame(book, asked)
      expect(rest).toEqual(delivered)
    }),
  )
})

test('an unknown recipient is stopped, whatever else is known', () => {
  fc.assert(
    fc.property(question, fc.string(), (asked, name) => {
      fc.pre(!unitTypes.includes(name))
      const { stop, withoutConsent, overrideGrounds } = legalFrame(openBook, {
        ...asked,
        recipientUnitType: name,
      })
      expect([stop?.reason, withoutConsent, overrideGrounds]).toEqual(['unit-type-unknown', [], []])
    }),
  )
})

test('to fetch never asks less of a consent than to be sent', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const [pull, push] = [asked, { ...asked, action: 'disclose' }].map((each) => legalFrame(book, each))
      expect(pull && push && isAsStrict(pull, push)).toBe(true)
    }),
  )
})

test('the sender never changes what is asked of a consent, only what it is called', () => {
  fc.assert(
    fc.property(question, anyType, (asked, other) => {
      const [one, two] = [asked, { ...asked, custodianUnitType: other }].map((each) => legalFrame(book, each))
      expect(one && two && isAsStrict(one, two) && isAsStrict(two, one)).toBe(true)
    }),
  )
})

test('one more rule for consent, when it is on, never asks less', () => {
  const consents = effectful.flatMap(({ effects = [] }) => effects).filter(({ kind }) => kind === 'consent')
  fc.assert(
    fc.property(question, fc.subarray(consents, { minLength: 1 }), (asked, some) => {
      const more = withRules((rule) =>
        rule.id === 'DK-1' || rule.id === 'NO-20'
          ? [rule, { ...rule, id: `${rule.id}z`, effects: some }]
          : [rule],
      )
      const [after, before] = [legalFrame(more, asked), legalFrame(book, asked)]
      fc.pre(before.stop === undefined)
      expect(isAsStrict(after, before)).toBe(true)
    }),
  )
})
