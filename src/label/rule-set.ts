/** The labelling rules, compiled from `mappings/codes/*.json`: codes by prefix per system, and words in free text. */
import { type CodeNormalizer, codeNormalizers, normalizeSystem } from './code-system.ts'
import { builtInRules, type Confidentiality } from './label-record.ts'
import type { CodeRule, RuleEffect, RuleFile, WordRule } from './rule-file.ts'

/** What a rule says of the element that it fires on. */
export interface Label {
  readonly rule: string
  readonly sensitivities: readonly string[]
  readonly confidentiality: Confidentiality
  /** As in an `ElementLabel`. */
  readonly confidence?: number
  readonly inCourseOf?: string
}

export interface LabelRuleSet {
  readonly version: string
  /**
   * Labels of a code: none for a code that is known to say nothing, undefined for one that nobody can judge, since its
   * system is unknown, it is no code of that system, or its system is too large for the rules to be all there is to say.
   */
  ofCode(system: string | undefined, code: string | undefined): readonly Label[] | undefined
  /** Labels of words in Danish, Norwegian and English. */
  ofText(text: string): readonly Label[]
}

interface CodeTable {
  readonly normalize: CodeNormalizer
  readonly unlisted: RuleFile['unlisted']
  readonly byPrefix: Map<string, Label[]>
  readonly exact: Map<string, Label[]>
}

export function compileLabelRules(version: string, files: readonly RuleFile[]): LabelRuleSet {
  const tables = new Map<string, CodeTable>()
  const harmless = files.flatMap((file) => file.harmlessSystemPrefixes)
  for (const file of files) for (const system of file.systems) addCodes(tables, system, file)
  const judgeCode = (system: string, code: string): readonly Label[] | undefined => {
    const uri = normalizeSystem(system)
    const table = tables.get(uri)
    if (table) return judge(table, code)
    return harmless.some((prefix) => uri.startsWith(prefix)) ? [] : undefined
  }
  const judged = new Map<string, Map<string, readonly Label[] | undefined>>()
  let remembered = 0
  return {
    version,
    ofCode(system, code) {
      if (system === undefined || code === undefined) return undefined
      const ofSystem = judged.get(system)
      const before = ofSystem?.get(code)
      if (before !== undefined || ofSystem?.has(code)) return before
      const labels = judgeCode(system, code)
      if (system.length + code.length > REMEMBERED_LENGTH) return labels
      if (remembered++ >= REMEMBERED_CODES) {
        judged.clear()
        remembered = 1
      }
      judged.set(system, (judged.get(system) ?? new Map()).set(code, labels))
      return labels
    },
    ofText: compileWords(files),
  }
}

/** A gateway sees the same few hundred codes all day; a sender who makes up others must not fill the memory. */
const REMEMBERED_CODES = 5_000
const REMEMBERED_LENGTH = 200

function addCodes(tables: Map<string, CodeTable>, system: string, file: RuleFile): void {
  const uri = normalizeSystem(system)
  const { normalize, unlisted } = file
  const table = tables.get(uri) ?? { normalize, unlisted, byPrefix: new Map(), exact: new Map() }
  if (table.normalize !== normalize) throw new Error(`rule files disagree on how to read codes of \`${uri}\``)
  tables.set(uri, table)
  for (const rule of file.rules) {
    const labels = labelsOf(rule)
    for (const prefix of prefixesOf(rule)) push(table.byPrefix, codeNormalizers[normalize](prefix), labels)
    for (const code of rule.codes) push(table.exact, codeNormalizers[normalize](code), labels)
  }
}

function labelOf({ id, sensitivities, confidentiality, confidence }: RuleEffect): Label {
  return { rule: id, sensitivities, confidentiality, ...(confidence < 1 ? { confidence } : {}) }
}

function labelsOf(rule: CodeRule): readonly Label[] {
  const label = labelOf(rule)
  if (rule.inCourseOf !== undefined) return [{ ...label, inCourseOf: rule.inCourseOf }]
  const { sensitivities, confidentiality } = rule
  const unit = { rule: builtInRules.sensitiveUnit, sensitivities: [...sensitivities, 'SSP'], confidentiality }
  return rule.facility ? [label, unit] : [label]
}

function push(table: Map<string, Label[]>, key: string, labels: readonly Label[]): void {
  table.set(key, [...(table.get(key) ?? []), ...labels])
}

/** `["F20", "F69"]` as the fifty categories F20 to F69: a letter and two digits, as in ICD-10 and ICPC-2. */
function prefixesOf(rule: CodeRule): readonly string[] {
  const categories = rule.ranges.flatMap(([from, to]) => {
    const [letter, first, last] = [from.slice(0, 1), Number(from.slice(1)), Number(to.slice(1))]
    return Array.from(
      { length: last - first + 1 },
      (_, index) => `${letter}${String(first + index).padStart(2, '0')}`,
    )
  })
  return [...rule.prefixes, ...categories]
}

/**
 * A diagnosis, or of SKS an operation (NOMESCO, `KNFB20`). Its other chapters name treatments, some of them of addiction,
 * which the rules for diagnoses say nothing of.
 */
const ICD_FORM = /^(?:[A-Z]\d\d|K[A-Z]{3}\d\d)/

function judge(table: CodeTable, code: string): readonly Label[] | undefined {
  const read = codeNormalizers[table.normalize]
  const found = partsOf(table, code).flatMap((part) => lookUp(table, read(part)))
  if (found.length > 0) return found
  if (table.normalize === 'icd' && !ICD_FORM.test(read(code))) return undefined
  return table.exact.has(read(code)) || table.unlisted === 'harmless' ? [] : undefined
}

/** SKS writes an addition after its diagnosis, `DZ032+DF102`, and ICD-10 a dagger and an asterisk: each says something. */
function partsOf({ normalize }: CodeTable, code: string): readonly string[] {
  const parts = normalize === 'icd' ? code.split(/[^A-Za-z0-9. ]+/).filter((part) => part !== '') : []
  return parts.length > 1 ? [code, ...parts] : [code]
}

function lookUp(table: CodeTable, code: string): readonly Label[] {
  const found = [...(table.exact.get(code) ?? [])]
  if (table.byPrefix.size > 0) {
    for (let length = 1; length <= code.length; length++)
      found.push(...(table.byPrefix.get(code.slice(0, length)) ?? []))
  }
  return found
}

/** Soft hyphens and zero-width characters split a word for us and not for a reader. */
const INVISIBLE = /[\u00AD\u200B-\u200F\u2060\uFEFF]/g

function compileWords(files: readonly RuleFile[]): LabelRuleSet['ofText'] {
  const rules = files.flatMap((file) => file.words)
  const patterns = rules.map((rule) => ({ label: labelOf(rule), pattern: wordPattern([rule]) }))
  const any = wordPattern(rules)
  return (text) => {
    const plain = text.normalize('NFKC').replace(INVISIBLE, '').toLowerCase()
    // Nearly every text is free of all of them, so one look settles most.
    if (!any.test(plain)) return []
    return patterns.flatMap(({ label, pattern }) => (pattern.test(plain) ? [label] : []))
  }
}

function wordPattern(rules: readonly WordRule[]): RegExp {
  const whole = rules.flatMap((rule) => rule.whole).map((word) => `${word}(?![\\p{L}\\p{N}])`)
  const starting = [...rules.flatMap((rule) => rule.starting), ...whole]
  const parts = rules.flatMap((rule) => rule.anywhere)
  if (starting.length > 0) parts.push(`(?<![\\p{L}\\p{N}])(?:${starting.join('|')})`)
  return parts.length > 0 ? new RegExp(parts.join('|'), 'u') : /(?!)/
}
