/** What the rules say of every code, label and text in a piece of FHIR JSON, and where it points to. */
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM, normalizeSystem } from './code-system.ts'
import { builtInRules, isConfidentiality } from './label-record.ts'
import type { Label, LabelRuleSet } from './rule-set.ts'
import { impliedConfidentiality, isSensitivity } from './sensitivity.ts'
import { type TextFound, walk } from './walk.ts'

/** What a finding is of. */
export interface FoundIn {
  /** What goes when the text must go; a finding without it holds for all that was looked at. */
  readonly text?: string
  /** `system|code` of a code that a rule knows. */
  readonly code?: string
}

export interface Finder {
  found(label: Label, of: FoundIn): void
  reference(reference: string, path: string): void
}

export function findIn(value: unknown, path: string, rules: LabelRuleSet, finder: Finder): void {
  walk(value, path, {
    coding: ({ system, code }) => findCode(system, code, rules, finder),
    text: (found) => findText(found, rules, finder),
    isKnown: (system, code) => rules.ofCode(system, code) !== undefined,
    reference: (reference, at) => finder.reference(reference, at),
  })
}

const NOTHING: FoundIn = {}

function findCode(
  system: string | undefined,
  code: string | undefined,
  rules: LabelRuleSet,
  finder: Finder,
): void {
  const labels = rules.ofCode(system, code)
  if (labels === undefined) finder.found(unknownCode, NOTHING)
  if (system === undefined || code === undefined) return
  const uri = normalizeSystem(system)
  if (labels !== undefined && labels.length > 0) {
    const of = { code: `${uri}|${code}` }
    for (const found of labels) finder.found(found, of)
  }
  if (uri === ACT_CODE_SYSTEM && isSensitivity(code)) {
    const confidentiality = impliedConfidentiality([code])
    finder.found({ rule: builtInRules.inlineLabel, sensitivities: [code], confidentiality }, NOTHING)
  }
  if (uri === CONFIDENTIALITY_SYSTEM && isConfidentiality(code)) {
    finder.found({ rule: builtInRules.inlineLabel, sensitivities: [], confidentiality: code }, NOTHING)
  }
}

function findText({ text, kind, path }: TextFound, rules: LabelRuleSet, finder: Finder): void {
  for (const found of rules.ofText(text)) finder.found(found, NOTHING)
  if (kind === 'free') finder.found(textWithoutCode, { text: path })
  if (kind === 'heading') finder.found(heading, { text: path })
}

/** What nobody can judge may be anything. */
const unknownCode: Label = { rule: builtInRules.unknownCode, sensitivities: [], confidentiality: 'V' }
const textWithoutCode: Label = { rule: builtInRules.textWithoutCode, sensitivities: [], confidentiality: 'V' }
const heading: Label = { rule: builtInRules.heading, sensitivities: [], confidentiality: 'N' }
