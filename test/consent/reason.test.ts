import { describe, expect, test } from 'vitest'
import { explain } from '#consent/explain.ts'
import { missesByNearness, outcomeOf, type ReasonCode, reasons } from '#consent/reason.ts'

const all = Object.entries(reasons)
const languages = ['da', 'nb', 'en'] as const
const audiences = ['clinician', 'privacyOfficer', 'citizen'] as const

describe.each(all)('%s', (_, reason) => {
  test.each(languages)('in %s is one sentence for every reader', (language) => {
    for (const audience of audiences) expect(reason[language][audience]).toMatch(/^\p{Lu}[^.]+\.$/u)
  })

  test.each(languages)(
    'in %s tells a clinician neither the consent nor the kind of what was withheld',
    (language) => {
      expect(reason[language].clinician).not.toMatch(/\{/)
      expect(reason[language].citizen).not.toContain('{label}')
    },
  )

  test('takes no placeholder but the three that are filled', () => {
    const used = languages.flatMap((language) =>
      audiences.flatMap((who) => reason[language][who].match(/\{\w+\}/g) ?? []),
    )
    expect([...new Set(used)].filter((name) => !['{consent}', '{label}', '{rule}'].includes(name))).toEqual(
      [],
    )
  })
})

test('a decision in a sentence', () => {
  const basis = ['b', 'a', 'a'].map((consent) => ({ consent, version: '1', provision: 'provision' }))
  const labels = ['SUD', 'PSY']
  expect(
    explain({ reason: 'label-denied', basis }, { language: 'da', audience: 'privacyOfficer', labels }),
  ).toBe('Samtykke b (provision), a (provision) siger nej til disse oplysninger, som er mærket SUD, PSY.')
  expect(
    explain({ reason: 'label-denied', basis: [] }, { language: 'en', audience: 'citizen', labels: [] }),
  ).toBe('You have refused to share this kind of information.')
})

test('a part in brackets is said only when there is something to name in it', () => {
  const officer = { language: 'en', audience: 'privacyOfficer', labels: [] } as const
  const basis = [{ consent: 'a', version: '1', provision: 'provision' }]
  expect(explain({ reason: 'label-denied', basis }, officer)).toBe(
    'Consent a (provision) refuses this information.',
  )
  expect(explain({ reason: 'permitted-in-part', basis }, { ...officer, labels: ['SUD'] })).toBe(
    'Consent a (provision) gives access to a part; the rest, which is labelled SUD, was withheld.',
  )
  expect(explain({ reason: 'national-block', basis }, officer)).toBe(
    'Block a (provision) applies to this recipient, and nothing lifts it.',
  )
  expect(explain({ reason: 'consent-lapsed', basis: [], law: 'DK-6' }, officer)).toBe(
    'Consent – has lapsed, a year after it was given (DK-6).',
  )
})

test.each(all)('%s has no bracket that stays open, and no sentence loses its end', (_, reason) => {
  for (const language of languages)
    for (const audience of audiences)
      expect(reason[language][audience].replaceAll(/\[[^[\]]*\{\w+\}[^[\]]*\]/g, '')).toMatch(/^[^[\]]+\.$/)
})

test('every reason for no consent has its place among the misses, and no other has', () => {
  const codes = all.map(([code]) => code).filter((code): code is ReasonCode => code in reasons)
  const noConsent = codes.filter((code) => outcomeOf(code) === 'no-consent')
  expect([...missesByNearness].sort()).toEqual(noConsent.sort())
})
