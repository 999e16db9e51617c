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
  /** Id of the rule that fired. The rule's file says where it comes from. */
  readonly rule: string
  /** The codes that it fired on, `system|code`; none for words, units and references. They never leave the gateway. */
  readonly codes?: readonly string[]
  /** Below 1: a hint. It counts in full until a person has cleared it. */
  readonly confidence?: number
  /** Says nothing by itself, and in a record of this treatment it is part of it: a hepatitis test of an addiction unit. */
  readonly inCourseOf?: string
}

/** Where an element points to: a resource, `Condition/<id>`, or a party by its number, `<system>|<value>`. */
export interface Pointer {
  readonly path: string
  readonly to: string
}

export interface LabelRecord {
  readonly ruleSetVersion: string
  /** Union over the elements, sorted. */
  readonly sensitivities: readonly string[]
  /** Highest of the elements. */
  readonly confidentiality: Confidentiality
  readonly elements: readonly ElementLabel[]
  /** What they point to is labelled when a decision is made, not here: absent when they point to nothing. */
  readonly pointers?: readonly Pointer[]
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
  /** A resource with labels of its own points to this one. */
  referring: 'referring',
  /** Part of the treatment that the record is about. */
  course: 'in-course',
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
