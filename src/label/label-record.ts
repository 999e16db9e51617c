/** What the labelling stage found, element by element. https://hl7.org/fhir/R4/security-labels.html */

/** v3-Confidentiality, from least to most restricted. */
export const confidentialities = ['U', 'L', 'M', 'N', 'R', 'V'] as const
export type Confidentiality = (typeof confidentialities)[number]

/** One finding. An element without any finding is N with no sensitivity, in a record whose rule set is in force. */
export interface ElementLabel {
  /** `CarePlan.activity[2]`; `CarePlan` alone stands for every element. */
  readonly path: string
  /** v3-ActCode. */
  readonly sensitivities: readonly string[]
  readonly confidentiality: Confidentiality
  /** Id of the rule that fired, never content. */
  readonly rule: string
}

export interface LabelRecord {
  readonly ruleSetVersion: string
  /** Union over the elements, sorted. */
  readonly sensitivities: readonly string[]
  /** Highest of the elements. */
  readonly confidentiality: Confidentiality
  readonly elements: readonly ElementLabel[]
}

/** Ids of rules that are ours rather than data under `mappings/codes`. */
export const builtInRules = {
  /** The unit that sent it, or that the element names, gives away what it treats. */
  sensitiveUnit: 'sensitive-unit',
  /** The source labelled the whole resource in `meta.security`. */
  sourceLabel: 'source-label',
  /** A label inside the resource, inline or in a provision. */
  inlineLabel: 'inline-label',
  /** A code without a system, or of a system that no rule file knows. */
  unknownCode: 'unknown-code',
  /** Text that no code and no person classified: most restricted, and never part of a partial release. */
  textWithoutCode: 'text-without-code',
  /** A heading: searched for words, not restricted by itself, and never part of a partial release. */
  heading: 'heading',
  /** The element points to a resource with labels of its own. */
  referenced: 'referenced',
} as const

export function isConfidentiality(code: string | undefined): code is Confidentiality {
  return confidentialities.some((known) => known === code)
}

export function exceeds(found: Confidentiality, ceiling: Confidentiality): boolean {
  return confidentialities.indexOf(found) > confidentialities.indexOf(ceiling)
}

export function highest(codes: Iterable<Confidentiality>): Confidentiality {
  let top: Confidentiality = 'N'
  for (const code of codes) if (exceeds(code, top)) top = code
  return top
}
