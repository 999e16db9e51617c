/** Every rule of `mappings/law` is held by a test: by a case of a frame, or here, where something else keeps it. */
import { describe, expect, test } from 'vitest'
import { captureTerms } from '#law/capture-terms.ts'
import { basisCases } from './basis-cases.ts'
import { frameCases } from './frame-cases.ts'
import { book, frameOf, openBook, rules } from './real-law.ts'

/** Rules without an effect on a frame: what keeps them instead, or that nothing here does. */
// prettier-ignore
const elsewhere: readonly { readonly rule: string; readonly honouredBy: RegExp }[] = [
  { rule: 'DK-3', honouredBy: /yields to a block or an objection/ },
  { rule: 'DK-4', honouredBy: /a block is a Consent that denies/ },
  { rule: 'DK-9c', honouredBy: /nothing is fetched without consent/ },
  { rule: 'DK-13', honouredBy: /^not used/ },
  { rule: 'DK-14', honouredBy: /^not here/ },
  { rule: 'DK-15', honouredBy: /region-dual-diagnosis/ },
  { rule: 'DK-16', honouredBy: /^a hard stop/ },
  { rule: 'DK-18', honouredBy: /audit row/ },
  { rule: 'DK-19', honouredBy: /never deleted/ },
  { rule: 'NO-23', honouredBy: /no Norwegian rule here permits a disclosure without consent/ },
  { rule: 'NO-24', honouredBy: /audit row/ },
  { rule: 'EU-25', honouredBy: /stops what is queued/ },
]

describe('a rule without an effect', () => {
  test.for(elsewhere)('$rule says what keeps it', ({ rule, honouredBy }) => {
    const found = rules.find(({ id }) => id === rule)
    expect(found?.effects).toBeUndefined()
    expect(found?.honouredBy).toMatch(honouredBy)
  })

  test('DK-3: every basis yields to an objection', () => {
    const frames = basisCases.map(({ question }) => frameOf(question, openBook))
    const bases = frames.flatMap(({ withoutConsent }) => withoutConsent)
    expect(bases.length).toBeGreaterThan(20)
    expect(bases.filter(({ yieldsToObjection }) => !yieldsToObjection)).toEqual([])
  })

  test('DK-13: no rule knows 13 years', () => {
    expect(JSON.stringify(rules.map(({ effects }) => effects))).not.toContain('"years":13')
  })
})

describe('DK-11, DK-12, NO-20, NO-22: what a consent must be when it is taken in', () => {
  test('Denmark', () => {
    expect(captureTerms(book, 'DK', '2026-11-22')).toEqual({
      mustName: [
        { rule: 'DK-11', element: 'purpose' },
        { rule: 'DK-11', element: 'recipient' },
        { rule: 'DK-11', element: 'information' },
      ],
      ageOfConsent: { rule: 'DK-12', years: 15 },
    })
  })

  test('Norway', () => {
    expect(captureTerms(book, 'NO', '2026-11-22')).toEqual({
      mustName: [
        { rule: 'NO-20', element: 'purpose' },
        { rule: 'NO-20', element: 'recipient' },
        { rule: 'NO-20', element: 'information' },
      ],
      ageOfConsent: { rule: 'NO-22', years: 16 },
    })
  })

  test('before the rules, no age is known', () => {
    expect(captureTerms(book, 'DK', '2006-12-31')).toEqual({ mustName: [] })
    expect(captureTerms(book, 'NO', 'never')).toEqual({ mustName: [] })
  })
})

test('every rule is cited', () => {
  const cited = new Set([
    ...frameCases.flatMap((each) => each.rules),
    ...basisCases.map(({ rule }) => rule),
    ...elsewhere.map(({ rule }) => rule),
    // Of the frames as a whole and of what is taken in.
    'DK-12',
    'DK-17',
    'NO-21',
    'NO-22',
  ])
  expect([...cited].toSorted()).toEqual(rules.map(({ id }) => id).toSorted())
})

test('the 25 rules that were asked for are there', () => {
  const numbers = rules.map(({ id }) => Number(/\d+/.exec(id)?.[0]))
  expect([...new Set(numbers)].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1))
})

test('a rule that is off says why; the others do not', () => {
  expect(rules.filter(({ status, why }) => (status === 'off') !== (why !== undefined))).toEqual([])
  expect(rules.filter(({ status }) => status === 'off').map(({ id }) => id)).toEqual(['DK-9c', 'EU-25'])
})
