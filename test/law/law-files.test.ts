import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readLaw } from '#assets/law.ts'
import { lintLawFiles, type NamedFile, parseLawFiles } from '#law/law-files.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { book, files } from './real-law.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const rule = {
  id: 'DK-1',
  title: 'a rule',
  source: 'test',
  validFrom: '2026-01-01',
  validFromIs: 'ours',
  status: 'on',
  effects: [{ kind: 'consent', to: 'health', basis: 'SUL-41-1' }],
}
const age = { ...rule, id: 'DK-2', effects: [{ kind: 'age', years: 15 }] }
const law = { title: 'a law', jurisdiction: 'DK', unitTypeRule: 'DK-1', rules: [rule] }
const norway = {
  ...law,
  jurisdiction: 'NO',
  unitTypeRule: 'NO-1',
  rules: [{ ...rule, id: 'NO-1', effects: [age.effects[0]] }],
}
const union = { ...(mergePatch(rule, { effects: null }) as object), id: 'EU-1', honouredBy: 'nobody' }
const unitTypes = {
  title: 'types',
  unitTypes: [{ code: 'gp', display: { da: 'a', nb: 'b', en: 'c' }, field: { DK: 'health' } }],
  codings: [],
  registers: [],
  countries: { DK: ['DK'], NO: ['NO'] },
}

/** A law that is right, but for one thing. */
function filesWith(patch: { dk?: object; no?: object; types?: object }): readonly NamedFile[] {
  return [
    { name: 'dk.json', content: mergePatch(law, patch.dk ?? {}) },
    { name: 'no.json', content: mergePatch(norway, patch.no ?? {}) },
    { name: 'unit-types.json', content: mergePatch(unitTypes, patch.types ?? {}) },
  ]
}

const DK = 'mappings/law/dk.json'
const TYPES = 'mappings/law/unit-types.json'
const dkRule = (change: object) => ({ dk: { rules: [mergePatch(rule, change)] } })
const effect = (change: object) => dkRule({ effects: [change] })

// prettier-ignore
const faults: readonly { readonly title: string; readonly patch: Parameters<typeof filesWith>[0]; readonly want: readonly string[] }[] = [
  { title: 'a field that nobody reads', patch: { dk: { rulez: [] } }, want: [`${DK} / must NOT have additional properties (rulez)`] },
  { title: 'a country that is none of ours', patch: { dk: { jurisdiction: 'SE' } }, want: [`${DK} /jurisdiction must be equal to one of the allowed values (DK, NO, EU)`] },
  { title: 'no rules', patch: { dk: { rules: [] } }, want: [`${DK} /rules must NOT have fewer than 1 items`] },
  { title: 'a rule without a source', patch: dkRule({ source: null }), want: [`${DK} /rules/0 must have required property 'source' (source)`] },
  { title: 'a rule with an empty source', patch: dkRule({ source: '' }), want: [`${DK} /rules/0/source must NOT have fewer than 1 characters`] },
  { title: 'a rule without a first day', patch: dkRule({ validFrom: null }), want: [`${DK} /rules/0 must have required property 'validFrom' (validFrom)`] },
  { title: 'a first day that the calendar does not have', patch: dkRule({ validFrom: '2027-02-29' }), want: [`${DK} /rules/0/validFrom must match format "day" (day)`] },
  { title: 'a first day with a time', patch: dkRule({ validFrom: '2027-02-28T00:00:00Z' }), want: [`${DK} /rules/0/validFrom must match format "day" (day)`] },
  { title: 'a last day that is a month', patch: dkRule({ validTo: '2027-02' }), want: [`${DK} /rules/0/validTo must match format "day" (day)`] },
  { title: 'a rule that ends before it begins', patch: dkRule({ validTo: '2025-12-31' }), want: ['mappings/law: DK-1 ends before it begins'] },
  { title: 'a status that is neither', patch: dkRule({ status: 'draft' }), want: [`${DK} /rules/0/status must be equal to one of the allowed values (on, off)`] },
  { title: 'a rule that is off without a reason', patch: dkRule({ status: 'off' }), want: [`${DK} /rules/0 must have required property 'why' (why)`] },
  { title: 'an effect of no kind', patch: effect({ kind: 'permit' }), want: [`${DK} /rules/0/effects/0 value of tag "kind" must be in oneOf (kind, permit)`] },
  { title: 'a form that is none', patch: effect({ kind: 'consent', to: 'health', basis: 'X', form: 'oral' }), want: [`${DK} /rules/0/effects/0/form must be equal to one of the allowed values (any, written)`] },
  { title: 'a statutory life of no year', patch: effect({ kind: 'consent', to: 'health', lapsesAfterYears: 0 }), want: [`${DK} /rules/0/effects/0/lapsesAfterYears must be >= 1 (>=)`] },
  { title: 'an age of nobody', patch: effect({ kind: 'age', years: 150 }), want: [`${DK} /rules/0/effects/0/years must be <= 21 (<=)`] },
  { title: 'a basis that does not say what it demands', patch: effect({ kind: 'statutory', code: 'X', from: { field: 'health' }, to: { field: 'health' } }), want: [`${DK} /rules/0/effects/0 must have required property 'demands' (demands)`] },
  { title: 'a basis that objections do not stop', patch: effect({ kind: 'statutory', code: 'X', from: { field: 'health' }, to: { field: 'health' }, demands: [], yieldsToObjection: false }), want: [`${DK} /rules/0/effects/0 must NOT have additional properties (yieldsToObjection)`] },
  { title: 'a basis to everybody', patch: effect({ kind: 'statutory', code: 'X', from: { field: 'health' }, to: {}, demands: [] }), want: [`${DK} /rules/0/effects/0/to must NOT have fewer than 1 properties`] },
  { title: 'a basis to a unit type that is none', patch: effect({ kind: 'statutory', code: 'X', from: { field: 'health' }, to: { unitTypes: ['gps'] }, demands: [] }), want: ['mappings/law: DK-1 names unit type `gps`, which is not there'] },
  { title: 'a field of another country\'s law', patch: effect({ kind: 'consent', to: 'outside', basis: 'X' }), want: ['mappings/law: DK-1 speaks of `outside`, which DK does not have'] },
  { title: 'a sender of another country\'s law', patch: effect({ kind: 'consent', to: 'health', from: 'cooperating', basis: 'X' }), want: ['mappings/law: DK-1 speaks of `cooperating`, which DK does not have'] },
  { title: 'a basis to a field of another country\'s law', patch: effect({ kind: 'statutory', code: 'X', from: { field: 'health' }, to: { field: 'outside' }, demands: [] }), want: ['mappings/law: DK-1 speaks of `outside`, which DK does not have'] },
  { title: 'a rule of another country', patch: { dk: { rules: [rule, { ...rule, id: 'NO-2' }] } }, want: ['mappings/law: NO-2 stands in the file of DK'] },
  { title: 'one id twice', patch: { dk: { rules: [rule, rule] } }, want: ['mappings/law: two rules are DK-1'] },
  { title: 'two ages on one day', patch: { dk: { rules: [rule, age, { ...age, id: 'DK-3', validFrom: '2027-01-01' }] } }, want: ['mappings/law: DK-2 and DK-3 set an age for the same day'] },
  { title: 'two ages that share their last and first day', patch: { dk: { rules: [rule, { ...age, id: 'DK-3', validFrom: '2027-01-01' }, { ...age, validTo: '2027-01-01' }] } }, want: ['mappings/law: DK-3 and DK-2 set an age for the same day'] },
  { title: 'two ages, one after the other', patch: { dk: { rules: [rule, { ...age, validTo: '2026-12-31' }, { ...age, id: 'DK-3', validFrom: '2027-01-01' }] } }, want: [] },
  { title: 'two ages, one of them off', patch: { dk: { rules: [rule, age, { ...age, id: 'DK-3', status: 'off', why: 'test' }] } }, want: [] },
  { title: 'a stop that names no rule', patch: { dk: { unitTypeRule: 'DK-7' } }, want: ['mappings/law: unitTypeRule of DK names no rule of the file'] },
  { title: 'a stop without a rule', patch: { dk: { unitTypeRule: null } }, want: ['mappings/law: unitTypeRule of DK names no rule of the file'] },
  { title: 'a country without a law', patch: { no: { jurisdiction: 'EU', rules: [union] } }, want: ['mappings/law: no file is of NO'] },
  { title: 'a country with two', patch: { no: law }, want: ['mappings/law: no file is of NO', 'mappings/law: two files are of DK', 'mappings/law: two rules are DK-1'] },
  { title: 'a law of the union with effects, which nobody would apply', patch: { no: { jurisdiction: 'EU', rules: [{ ...rule, id: 'EU-1' }] } }, want: ['mappings/law: no file is of NO', 'mappings/law: EU-1 is of the union and has effects'] },
  { title: 'a unit type under no law', patch: { types: { unitTypes: [{ ...unitTypes.unitTypes[0], field: {} }] } }, want: [`${TYPES} /unitTypes/0/field must NOT have fewer than 1 properties`] },
  { title: 'a unit type under another country\'s law', patch: { types: { unitTypes: [{ ...unitTypes.unitTypes[0], field: { DK: 'outside' } }] } }, want: [`${TYPES} /unitTypes/0/field/DK must be equal to one of the allowed values (health, social)`] },
  { title: 'a unit type twice', patch: { types: { unitTypes: [unitTypes.unitTypes[0], unitTypes.unitTypes[0]] } }, want: ['mappings/law: unit type `gp` stands there twice'] },
  { title: 'a broader unit type that is none', patch: { types: { unitTypes: [{ ...unitTypes.unitTypes[0], broader: 'health-service' }] } }, want: ['mappings/law: unit type `health-service` is named, and not there'] },
  { title: 'a unit type that is broader than itself', patch: { types: { unitTypes: [{ ...unitTypes.unitTypes[0], broader: 'gp' }] } }, want: ['mappings/law: `gp` is broader than itself'] },
  { title: 'a coding for a unit type that is none', patch: { types: { codings: [{ system: 's', code: 'c', unitType: 'x' }] } }, want: ['mappings/law: unit type `x` is named, and not there'] },
  { title: 'a coding twice', patch: { types: { codings: [{ system: 's', code: 'c', unitType: 'gp' }, { system: 's', code: 'c' }] } }, want: ['mappings/law: `s|c` stands there twice'] },
  { title: 'a register for a unit type that is none', patch: { types: { registers: [{ name: 'r', systems: ['s'], jurisdiction: 'DK', unitType: 'x' }] } }, want: ['mappings/law: unit type `x` is named, and not there'] },
  { title: 'a register of the union', patch: { types: { registers: [{ name: 'r', systems: ['s'], jurisdiction: 'EU' }] } }, want: [`${TYPES} /registers/0/jurisdiction must be equal to one of the allowed values (DK, NO)`] },
]

test('the law of the release has no fault', () => {
  expect(lintLawFiles(files)).toEqual([])
})

test('the law that the cases break has none either', () => {
  expect(lintLawFiles(filesWith({}))).toEqual([])
})

describe('a fault', () => {
  test.for(faults)('$title', ({ patch, want }) => {
    const broken = filesWith(patch)
    expect(lintLawFiles(broken)).toEqual(want)
    if (want.length > 0) expect(() => parseLawFiles(broken)).toThrow(want[0])
  })

  test('a rule that neither does anything nor says what keeps it', () => {
    const faultsFound = lintLawFiles(filesWith(dkRule({ effects: null })))
    expect(faultsFound).toContain(`${DK} /rules/0 must have required property 'honouredBy' (honouredBy)`)
  })

  test('no unit types', () => {
    expect(lintLawFiles(filesWith({}).slice(0, 2))).toEqual([`${TYPES} is missing`])
  })

  test.each([
    ['a list', []],
    ['a text', 'law'],
    ['nothing', null],
  ])('%s instead of a law', (_, content) => {
    expect(lintLawFiles([...filesWith({}).slice(1), { name: 'dk.json', content }])).toEqual([
      `${DK} / must be object (object)`,
    ])
  })

  test('several, a line for each', () => {
    expect(() => parseLawFiles(filesWith({ dk: { rulez: 1, jurisdiction: 'SE' } }))).toThrow(
      `${DK} / must NOT have additional properties (rulez)\n${DK} /jurisdiction must be`,
    )
  })
})

describe('at the start', () => {
  function withFolder(use: (folder: string) => void): void {
    const folder = mkdtempSync(join(tmpdir(), 'law-'))
    try {
      cpSync(join(root, 'mappings/law'), join(folder, 'mappings/law'), { recursive: true })
      use(folder)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('the same files have the same version', () => {
    withFolder((folder) => expect(readLaw(folder, []).version).toBe(book.version))
  })

  test('one change of a rule is another version', () => {
    withFolder((folder) => {
      const [dk] = files.filter(({ name }) => name === 'dk.json')
      const changed = JSON.stringify(dk?.content).replace('"years":15', '"years":16')
      writeFileSync(join(folder, 'mappings/law/dk.json'), changed)
      expect(readLaw(folder, []).version).not.toBe(book.version)
    })
  })

  test('a file that is no JSON ends it', () => {
    withFolder((folder) => {
      writeFileSync(join(folder, 'mappings/law/no.json'), '{ "title": ')
      expect(() => readLaw(folder, [])).toThrow('mappings/law/no.json is not JSON')
    })
  })

  test('a file that is not understood ends it', () => {
    withFolder((folder) => {
      writeFileSync(join(folder, 'mappings/law/se.json'), '{}')
      expect(() => readLaw(folder, [])).toThrow("mappings/law/se.json / must have required property 'title'")
    })
  })

  test('no law ends it', () => {
    expect(() => readLaw(join(root, 'test'), [])).toThrow()
  })
})
