/** Every rule is cited by a case or held by a named test; nothing is cited that is no rule. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import ruleBook from './rules.json' with { type: 'json' }
import { caseFiles } from './case-files.ts'

interface NamedTest {
  /** From the top of the repository. */
  readonly file: string
  /** As it stands in the file, so that it is found again. */
  readonly title: string
}

/** How many rules each section has; a number that is missing from the rule book is a rule that nobody thought of. */
const SECTIONS = {
  Q: 5,
  V: 10,
  T: 6,
  B: 7,
  M: 34,
  N: 6,
  C: 6,
  D: 3,
  L: 19,
  BG: 7,
  I: 3,
  X: 6,
  W: 7,
  O: 6,
  K: 6,
  S: 16,
  E: 25,
}
const numbered = Object.entries(SECTIONS).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
)

const { rules, later } = ruleBook
const elsewhere: Readonly<Record<string, { rule: string; tests: readonly NamedTest[] }>> = ruleBook.elsewhere
const byCases = Object.keys(rules)
const byTests = Object.keys(elsewhere)

test('the rule book has every number once', () => {
  const listed = [...byCases, ...byTests, ...Object.keys(later)]
  const ours = ['2.2', '2.5', 'own-record']
  expect(listed.toSorted()).toEqual([...numbered, ...ours].sort())
})

test('every rule is cited by a case, and every case cites a rule', () => {
  const cited = new Set([
    ...caseFiles().flatMap(([, cases]) => cases.map(({ rule }) => rule)),
    ...rulesOfFolder('cases-without-content/'),
  ])
  // `DK-2` is a rule of law: those are cited in test/law.
  const ofTheBook = [...cited].filter((rule) => !byTests.includes(rule) && !/^(?:DK|NO)-/.test(rule))
  expect(ofTheBook.sort()).toEqual(byCases.sort())
})

function rulesOfFolder(folder: string): readonly string[] {
  const files = readdirSync(new URL(folder, import.meta.url))
  const sources = files.map((name) => readFileSync(new URL(`${folder}${name}`, import.meta.url), 'utf8'))
  return sources.flatMap((source) => [...source.matchAll(/"rule": "([^"]+)"/g)].map(([, rule = '']) => rule))
}

test.each(Object.entries(later))('%s is not done, and the book says why', (_, { why }) => {
  expect(why.length).toBeGreaterThan(40)
})

describe.each(Object.entries(elsewhere))('%s', (_, { tests }) => {
  test.each(tests)('is held by $file: $title', ({ file, title }) => {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    expect(source).toContain(title)
  })

  test('has a test', () => expect(tests).not.toEqual([]))
})

test('no two cases of a file have the same title', () => {
  for (const [file, cases] of caseFiles()) {
    const titles = cases.map(({ rule, title }) => `${rule}: ${title}`)
    expect(
      titles.filter((title, index) => titles.indexOf(title) !== index).map((title) => `${file} ${title}`),
    ).toEqual([])
  }
})

test('there are at least 250 cases', () => {
  expect(caseFiles().flatMap(([, cases]) => cases).length).toBeGreaterThanOrEqual(250)
})
