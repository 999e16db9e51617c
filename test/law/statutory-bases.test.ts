import { describe, expect, test } from 'vitest'
import { readLaw } from '#assets/law.ts'
import { statutoryBasisCodes } from '#config/settings.ts'
import { statutoryBasisCodes as codesOf } from '#law/law-book.ts'
import { basisCases } from './basis-cases.ts'
import { book, frameOf, openBook, parsed, withRules } from './real-law.ts'

describe('with all of them switched on', () => {
  test.for(basisCases)('$title', ({ question, codes }) => {
    expect(frameOf(question, openBook).withoutConsent.map(({ code }) => code)).toEqual(codes)
  })
})

describe('as delivered', () => {
  test.for(basisCases)('off: $title', ({ question }) => {
    expect(frameOf(question).withoutConsent).toEqual([])
  })
})

test('each says what it demands, and yields to an objection', () => {
  const bases = [
    ...frameOf({}, openBook).withoutConsent,
    ...frameOf({ recipientUnitType: 'municipal-drug-treatment' }, openBook).withoutConsent,
  ]
  const usual = { yieldsToObjection: true, eventOnly: false, informPatient: false }
  expect(bases).toEqual([
    { rule: 'DK-2', code: 'SUL-41-2-1', demands: ['reason'], ...usual },
    { rule: 'DK-2', code: 'SUL-41-2-2', demands: ['reason'], ...usual },
    { rule: 'DK-2', code: 'SUL-41-2-4', demands: ['reason'], ...usual },
    { rule: 'DK-7', code: 'SUL-43-2-2', demands: ['reason'], ...usual, informPatient: true },
    { rule: 'DK-8', code: 'PSL-13c', demands: ['document'], ...usual },
    { rule: 'DK-10', code: 'RSL-12c', demands: [], ...usual, eventOnly: true },
  ])
})

test('switching one on switches no other on, and changes nothing else', () => {
  const one = readLaw(new URL('../../', import.meta.url), ['PSL-13c'])
  const question = { recipientUnitType: 'municipal-drug-treatment' }
  const { withoutConsent, ...rest } = frameOf(question, one)
  expect(withoutConsent.map(({ code }) => code)).toEqual(['PSL-13c'])
  const { withoutConsent: none, ...before } = frameOf(question)
  expect(none).toEqual([])
  expect(rest).toEqual(before)
})

test('a code that no rule has ends the start', () => {
  expect(() => readLaw(new URL('../../', import.meta.url), ['PSL-13c', 'SUL-42A'])).toThrow(
    '`SUL-42A` is no statutory basis of mappings/law: SUL-41-2-1, SUL-41-2-2, SUL-41-2-4, SUL-43-2-2, PSL-13c, RSL-12c',
  )
})

test('a code whose rule is off ends the start', () => {
  const off = () =>
    withRules(
      (rule) => (rule.id === 'DK-8' ? [{ ...rule, status: 'off', why: 'test' }] : [rule]),
      ['PSL-13c'],
    )
  expect(off).toThrow('`PSL-13c` is no statutory basis')
})

test('the setting knows the codes of the rules, and no other', () => {
  expect([...statutoryBasisCodes]).toEqual(codesOf(parsed.laws))
})

test('what is switched on is part of the version, whatever its order', () => {
  const root = new URL('../../', import.meta.url)
  const [one, other] = [readLaw(root, ['PSL-13c', 'RSL-12c']), readLaw(root, ['RSL-12c', 'PSL-13c'])]
  expect(one.version).toBe(other.version)
  expect(one.version).not.toBe(book.version)
})
