/** The form of the files under `mappings/codes`. A fault in one stops the start: a rule lost is data let out. */
import { type CodeNormalizer, codeNormalizers } from './code-system.ts'
import { builtInRules, type Confidentiality, exceeds, isConfidentiality } from './label-record.ts'
import { impliedConfidentiality, isClinicalOfUnit, isSensitivity } from './sensitivity.ts'

export interface RuleEffect {
  readonly id: string
  readonly sensitivities: readonly string[]
  readonly confidentiality: Confidentiality
  readonly confidence: number
}

export interface CodeRule extends RuleEffect {
  readonly codes: readonly string[]
  readonly prefixes: readonly string[]
  /** `["F20", "F69"]`: categories of a letter and two digits, both ends included. */
  readonly ranges: readonly (readonly [string, string])[]
  /** The codes name a kind of unit: to be treated there gives the illness away, as the unit's own name does. */
  readonly facility: boolean
  /** Of no meaning but in a record of this treatment: there the codes are part of it, and most restricted. */
  readonly inCourseOf?: string
}

export interface WordRule extends RuleEffect {
  /** Met inside a compound too: `misbrug` in `stofmisbrug`. */
  readonly anywhere: readonly string[]
  /** At the start of a word: `angst`, but not in `langstrakt`. */
  readonly starting: readonly string[]
  readonly whole: readonly string[]
}

export interface RuleFile {
  readonly systems: readonly string[]
  readonly normalize: CodeNormalizer
  /**
   * A code without a rule: `harmless` where the rules cover the whole system, `unknown` where they are only some of its
   * codes, such as single concepts of SNOMED CT.
   */
  readonly unlisted: 'harmless' | 'unknown'
  readonly rules: readonly CodeRule[]
  readonly words: readonly WordRule[]
  /** Starts of the URIs of administrative systems, whose codes say nothing of an illness. */
  readonly harmlessSystemPrefixes: readonly string[]
}

const fileFields = ['title', 'systems', 'normalize', 'unlisted', 'rules', 'words', 'harmlessSystemPrefixes']
// `source` says where a rule comes from, `weak` that it is a hint.
const effectFields = ['id', 'sensitivities', 'confidentiality', 'source', 'weak']

/** Of a hint: less than certain, and still counted in full until a person has cleared it. */
const HINT = 0.5

export function parseRuleFile(name: string, content: unknown): RuleFile {
  const file = fieldsOf(content, name, fileFields)
  const rules = listOf(file.get('rules'), `${name} rules`)
  const words = listOf(file.get('words'), `${name} words`)
  return {
    systems: stringsOf(file.get('systems'), `${name} systems`),
    normalize: normalizerOf(file.get('normalize'), name),
    unlisted: unlistedOf(file.get('unlisted'), name),
    rules: rules.map((rule, index) => codeRule(rule, `${name} rules[${index}]`)),
    words: words.map((rule, index) => wordRule(rule, `${name} words[${index}]`)),
    harmlessSystemPrefixes: stringsOf(file.get('harmlessSystemPrefixes'), `${name} harmlessSystemPrefixes`),
  }
}

function codeRule(value: unknown, where: string): CodeRule {
  const own = ['codes', 'prefixes', 'ranges', 'facility', 'inCourseOf']
  const rule = fieldsOf(value, where, [...effectFields, ...own])
  const [codes, prefixes] = ['codes', 'prefixes'].map((key) => stringsOf(rule.get(key), `${where} ${key}`))
  const ranges = listOf(rule.get('ranges'), where).map((range) => rangeOf(range, where))
  const read = {
    ...effectOf(rule, where),
    ...courseOf(rule, where),
    facility: flagOf(rule, 'facility', where),
    codes: codes ?? [],
    prefixes: prefixes ?? [],
    ranges,
  }
  if (read.codes.length + read.prefixes.length + ranges.length === 0)
    throw fault(where, 'codes, prefixes or ranges')
  return read
}

function wordRule(value: unknown, where: string): WordRule {
  const rule = fieldsOf(value, where, [...effectFields, 'anywhere', 'starting', 'whole'])
  const forms = ['anywhere', 'starting', 'whole'].map((key) => stringsOf(rule.get(key), `${where} ${key}`))
  // They become a pattern: anything but lower-case letters, digits, blanks and hyphens would mean something else there.
  if (forms.flat().some((word) => !/^[\p{Ll}\p{N}][\p{Ll}\p{N} -]*$/u.test(word)))
    throw fault(where, 'lower-case words')
  if (forms.flat().length === 0) throw fault(where, 'words')
  const [anywhere = [], starting = [], whole = []] = forms
  return { ...effectOf(rule, where), anywhere, starting, whole }
}

function effectOf(rule: ReadonlyMap<string, unknown>, where: string): RuleEffect {
  const [id, confidentiality] = [rule.get('id'), rule.get('confidentiality')]
  const sensitivities = stringsOf(rule.get('sensitivities'), `${where} sensitivities`)
  if (typeof id !== 'string' || !/^[a-z0-9-]+$/.test(id)) throw fault(where, 'an id of lower-case letters')
  if (Object.values<string>(builtInRules).includes(id))
    throw fault(where, `an id other than \`${id}\`, which is built in`)
  if (typeof confidentiality !== 'string' || !isConfidentiality(confidentiality))
    throw fault(where, 'a confidentiality')
  if (!sensitivities.every(isSensitivity)) throw fault(where, 'sensitivities of v3-ActCode')
  const least = impliedConfidentiality(sensitivities)
  if (exceeds(least, confidentiality)) throw fault(where, `${least} at least, for its sensitivities`)
  if (typeof rule.get('source') !== 'string') throw fault(where, 'a source')
  return { id, sensitivities, confidentiality, confidence: flagOf(rule, 'weak', where) ? HINT : 1 }
}

function courseOf(rule: ReadonlyMap<string, unknown>, where: string): { readonly inCourseOf?: string } {
  const course = rule.get('inCourseOf')
  if (course === undefined) return {}
  if (typeof course !== 'string' || !isClinicalOfUnit(course))
    throw fault(where, 'as `inCourseOf` what a unit treats')
  return { inCourseOf: course }
}

function flagOf(rule: ReadonlyMap<string, unknown>, name: string, where: string): boolean {
  const flag = rule.get(name) ?? false
  if (typeof flag !== 'boolean') throw fault(where, `true or false as \`${name}\``)
  return flag
}

function normalizerOf(value: unknown, where: string): CodeNormalizer {
  const found = Object.keys(codeNormalizers).find(
    (name): name is CodeNormalizer => name === (value ?? 'exact'),
  )
  if (!found) throw fault(where, `one of ${Object.keys(codeNormalizers).join(', ')} as \`normalize\``)
  return found
}

function unlistedOf(value: unknown, where: string): RuleFile['unlisted'] {
  if (value === undefined || value === 'harmless') return 'harmless'
  if (value === 'unknown') return value
  throw fault(where, 'harmless or unknown as `unlisted`')
}

function rangeOf(value: unknown, where: string): readonly [string, string] {
  const [from, to, ...more] = stringsOf(value, where)
  const ordered = from !== undefined && to !== undefined && from <= to && from.slice(0, 1) === to.slice(0, 1)
  if (!ordered || more.length > 0 || !/^[A-Z]\d\d$/.test(from) || !/^[A-Z]\d\d$/.test(to))
    throw fault(where, 'ranges')
  return [from, to]
}

function fieldsOf(value: unknown, where: string, allowed: readonly string[]): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault(where, 'an object')
  const fields = new Map<string, unknown>(Object.entries(value))
  for (const key of fields.keys()) if (!allowed.includes(key)) throw fault(where, `no field \`${key}\``)
  return fields
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw fault(where, 'a list')
  return value
}

function stringsOf(value: unknown, where: string): readonly string[] {
  return listOf(value, where).map((item) => {
    if (typeof item !== 'string' || item === '') throw fault(where, 'texts')
    return item
  })
}

function fault(where: string, expected: string): Error {
  return new Error(`${where}: must have ${expected}`)
}
