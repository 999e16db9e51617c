import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readLabelRules } from '#assets/codes.ts'
import { parseRuleFile } from '#label/rule-file.ts'
import { compileLabelRules } from '#label/rule-set.ts'

const rule = { id: 'r', codes: ['1'], sensitivities: ['PSY'], confidentiality: 'R', source: 'test' }
const words = { id: 'w', whole: ['rus'], sensitivities: ['SUD'], confidentiality: 'R', source: 'test' }

describe('a rule file is refused when', () => {
  test.each([
    ['it is no object', [], 'f.json: must have an object'],
    ['it has a field that nobody reads', { rulez: [] }, 'f.json: must have no field `rulez`'],
    ['rules are no list', { rules: {} }, 'f.json rules: must have a list'],
    ['a system is no text', { systems: [1] }, 'f.json systems: must have texts'],
    [
      'codes are read in an unknown way',
      { normalize: 'x' },
      'f.json: must have one of exact, icd, upper, kl as `normalize`',
    ],
    [
      'a rule has no id',
      { rules: [{ ...rule, id: undefined }] },
      'f.json rules[0]: must have an id of lower-case letters',
    ],
    [
      'a rule has the id of one that is built in',
      { rules: [{ ...rule, id: 'heading' }] },
      'f.json rules[0]: must have an id other than `heading`, which is built in',
    ],
    [
      'a rule has no code',
      { rules: [{ ...rule, codes: [] }] },
      'f.json rules[0]: must have codes, prefixes or ranges',
    ],
    [
      'a sensitivity is misspelt',
      { rules: [{ ...rule, sensitivities: ['SUDD'] }] },
      'f.json rules[0]: must have sensitivities of v3-ActCode',
    ],
    [
      'a confidentiality is misspelt',
      { rules: [{ ...rule, confidentiality: 'X' }] },
      'f.json rules[0]: must have a confidentiality',
    ],
    [
      'a rule asks for less than its sensitivities do',
      { rules: [{ ...rule, confidentiality: 'N' }] },
      'f.json rules[0]: must have R at least, for its sensitivities',
    ],
    [
      'a rule for notes of a therapist asks for less than V',
      { rules: [{ ...rule, sensitivities: ['PSYTHPN'] }] },
      'f.json rules[0]: must have V at least, for its sensitivities',
    ],
    [
      'a flag is a text',
      { rules: [{ ...rule, weak: 'yes' }] },
      'f.json rules[0]: must have true or false as `weak`',
    ],
    [
      'a course is none that a unit treats',
      { rules: [{ ...rule, inCourseOf: 'HIV' }] },
      'f.json rules[0]: must have as `inCourseOf` what a unit treats',
    ],
    [
      'a rule has no source',
      { rules: [{ ...rule, source: undefined }] },
      'f.json rules[0]: must have a source',
    ],
    [
      'a range is turned round',
      { rules: [{ ...rule, ranges: [['F20', 'F10']] }] },
      'f.json rules[0]: must have ranges',
    ],
    [
      'a range spans letters',
      { rules: [{ ...rule, ranges: [['F20', 'G10']] }] },
      'f.json rules[0]: must have ranges',
    ],
    [
      'a word is a pattern',
      { words: [{ ...words, whole: ['ru.'] }] },
      'f.json words[0]: must have lower-case words',
    ],
    [
      'a word is in capitals, and would never be met',
      { words: [{ ...words, whole: ['LAR'] }] },
      'f.json words[0]: must have lower-case words',
    ],
    ['a word rule has no word', { words: [{ ...words, whole: [] }] }, 'f.json words[0]: must have words'],
  ])('%s', (_, content, message) => {
    expect(() => parseRuleFile('f.json', content)).toThrow(message)
  })
})

test('two files may share a system, and must read its codes alike', () => {
  const file = (normalize: string, code: string) =>
    parseRuleFile('f.json', { systems: ['urn:x'], normalize, rules: [{ ...rule, codes: [code] }] })
  const both = compileLabelRules('1', [file('exact', 'a'), file('exact', 'b')])
  expect(['a', 'b', 'c'].map((code) => both.ofCode('urn:x', code)?.length)).toEqual([1, 1, 0])
  expect(() => compileLabelRules('1', [file('exact', 'a'), file('upper', 'b')])).toThrow(
    'rule files disagree',
  )
})

describe('the rule set', () => {
  test('judges a code the second time as the first, after many others, and by system and code apart', () => {
    const file = parseRuleFile('f.json', { systems: ['urn:x'], rules: [rule] })
    const set = compileLabelRules('1', [file])
    const answers = () =>
      (
        [
          ['urn:x', '1'],
          ['urn:x', '2'],
          ['urn:x\n1', ''],
          ['urn:y', '1'],
        ] as const
      ).map(([system, code]) => set.ofCode(system, code)?.map((label) => label.rule))
    const first = answers()
    expect(first).toEqual([['r'], [], undefined, undefined])
    expect(answers()).toEqual(first)
    for (let i = 0; i < 6_000; i++) set.ofCode('urn:x', `other-${i}`)
    expect(answers()).toEqual(first)
  })

  const root = fileURLToPath(new URL('../../', import.meta.url))

  test('has the same version when read twice, and another when one rule changes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rules-'))
    try {
      cpSync(join(root, 'mappings/codes'), join(folder, 'mappings/codes'), { recursive: true })
      expect(readLabelRules(folder).version).toBe(readLabelRules(root).version)
      writeFileSync(join(folder, 'mappings/codes/more.json'), '{ "title": "none" }')
      expect(readLabelRules(folder).version).not.toBe(readLabelRules(root).version)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('without any file nothing starts', () => {
    expect(() => readLabelRules(join(root, 'test'))).toThrow()
  })
})
