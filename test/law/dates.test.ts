import { describe, expect, test } from 'vitest'
import { isInForce, type LawRule } from '#law/law-rule.ts'
import { frameOf, rules, withRules } from './real-law.ts'

const rule: LawRule = {
  id: 'DK-99',
  title: 'a rule',
  source: 'test',
  validFrom: '2026-03-29',
  validTo: '2028-02-29',
  validFromIs: 'ours',
  status: 'on',
}

describe('L8: both ends are days of the rule', () => {
  test.each([
    ['the day before it begins', '2026-03-28', false],
    ['the day it begins, on which the clocks change', '2026-03-29', true],
    ['the day after', '2026-03-30', true],
    ['the day before it ends', '2028-02-28', true],
    ['the day it ends, a leap day', '2028-02-29', true],
    ['the day after it ended', '2028-03-01', false],
    ['a month', '2026-04', false],
    ['a year', '2027', false],
    ['an instant', '2026-04-01T00:00:00Z', false],
    ['no day', '', false],
  ])('%s', (_, day, inForce) => {
    expect(isInForce(rule, day)).toBe(inForce)
  })

  test('without an end it goes on', () => {
    const { validTo: _, ...endless } = rule
    expect(['2028-03-01', '9999-12-31'].map((day) => isInForce(endless, day))).toEqual([true, true])
  })
})

describe('a rule that is replaced', () => {
  // As a later release would write a longer statutory life: the old rule ends, the new one begins the day after.
  const replaced = withRules((each) =>
    each.id === 'DK-6'
      ? [
          { ...each, validTo: '2027-06-30' },
          {
            ...each,
            id: 'DK-6b',
            validFrom: '2027-07-01',
            effects: [{ kind: 'consent', to: 'social', lapsesAfterYears: 2 }],
          },
        ]
      : [each],
  )
  test.each([
    ['on its last day it counts', '2027-06-30', { lapsesAfterYears: 1, lapseRule: 'DK-6' }],
    ['the day after its successor does', '2027-07-01', { lapsesAfterYears: 2, lapseRule: 'DK-6b' }],
  ])('%s', (_, day, life) => {
    expect(frameOf({ day, recipientUnitType: 'municipal-social' }, replaced).consent).toMatchObject(life)
  })
})

test('the Danish rules begin with the Health Act', () => {
  expect(frameOf({ day: '2006-12-31' }).stop?.reason).toBe('no-legal-basis-for-unit')
  expect(frameOf({ day: '2007-01-01' }).stop).toBeUndefined()
})

test.each(rules.map(({ id, validFrom }) => ({ id, validFrom })))(
  '$id begins on a day that has been',
  ({ validFrom }) => {
    expect(validFrom <= '2026-11-22').toBe(true)
  },
)
