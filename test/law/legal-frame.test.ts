import { describe, expect, test } from 'vitest'
import { frameCases, stopCases } from './frame-cases.ts'
import { book, frameOf, openBook, withRules } from './real-law.ts'

describe('a consent must be', () => {
  test.for(frameCases)('$clause: $title', ({ question, consent }) => {
    const frame = frameOf(question)
    expect(frame.consent).toEqual(consent)
    expect(frame.stop).toBeUndefined()
  })
})

describe('nothing may be received when', () => {
  test.for(stopCases)('$clause: $title', ({ question, stop }) => {
    // Not even on a statutory basis, and there is nothing in it that a consent or a person could satisfy.
    expect(frameOf(question, openBook)).toEqual({
      jurisdiction: question.jurisdiction ?? 'DK',
      stop,
      consent: { rule: stop.rule, basis: 'NONE', form: 'written', lapsesAfterYears: 0 },
      withoutConsent: [],
      ageOfConsent: { rule: stop.rule, years: 999 },
      denyCoversParents: false,
      overrideGrounds: [],
    })
  })
})

test('DK-12, DK-17: a Danish frame as a whole', () => {
  expect(frameOf({})).toEqual({
    jurisdiction: 'DK',
    consent: { rule: 'DK-1', basis: 'SUL-41-1', form: 'any' },
    withoutConsent: [],
    ageOfConsent: { rule: 'DK-12', years: 15 },
    denyCoversParents: false,
    overrideGrounds: [
      { rule: 'DK-17', code: 'patient-agrees' },
      { rule: 'DK-17', code: 'patient-unreachable' },
    ],
  })
})

test('NO-21, NO-22: a Norwegian frame as a whole', () => {
  expect(frameOf({ jurisdiction: 'NO' })).toEqual({
    jurisdiction: 'NO',
    consent: { rule: 'NO-20', basis: 'PBRL-5-3', form: 'any' },
    withoutConsent: [],
    ageOfConsent: { rule: 'NO-22', years: 16 },
    denyCoversParents: false,
    overrideGrounds: [
      { rule: 'NO-21', code: 'danger-to-life' },
      { rule: 'NO-21', code: 'serious-harm' },
    ],
  })
})

test('the custodian alone decides whose law it is: the same units in the other country', () => {
  const to = { recipientUnitType: 'municipal-social' } as const
  expect([frameOf(to), frameOf({ ...to, jurisdiction: 'NO' })].map(({ consent }) => consent.basis)).toEqual([
    'SUL-43-1',
    'INFORMED-CONSENT',
  ])
})

test('of several statutory lives the shortest counts', () => {
  const book2 = withRules((rule) =>
    rule.id === 'DK-5'
      ? [
          {
            ...rule,
            effects: [...(rule.effects ?? []), { kind: 'consent', to: 'social', lapsesAfterYears: 3 }],
          },
        ]
      : [rule],
  )
  const { consent } = frameOf({ recipientUnitType: 'municipal-social' }, book2)
  expect(consent).toMatchObject({ lapsesAfterYears: 1, lapseRule: 'DK-6' })
})

test('without a rule that says how old, nothing may be received: nobody is known to decide alone', () => {
  const ageless = withRules((rule) => (rule.id === 'DK-12' ? [] : [rule]))
  expect(frameOf({}, ageless).stop).toEqual({ rule: 'DK-5', reason: 'no-legal-basis-for-unit' })
})

test('where a country says so, a deny covers those above as well', () => {
  const laws = { ...book.laws, DK: { ...book.laws.DK, denyCoversParents: true } }
  expect(frameOf({}, { ...book, laws }).denyCoversParents).toBe(true)
  expect(frameOf({ recipientUnitType: undefined }, { ...book, laws }).denyCoversParents).toBe(true)
  expect(frameOf({ jurisdiction: 'NO' }, { ...book, laws }).denyCoversParents).toBe(false)
})
