/** What makes a consent unfit to permit anything. Its denies still apply. https://hl7.org/fhir/R4/consent.html */
import type { Base } from './base-decision.ts'
import { type Fields, isFields } from './element-reader.ts'
import { readPeriod } from './period.ts'
import { typeOf } from './rule.ts'

export interface Defect {
  readonly code: keyof typeof defects
  /** Of the element to blame, such as `Consent.provision.provision[0].type`. */
  readonly expression: string
}

export const defects = {
  'policy-missing': 'neither `policy` nor `policyRule` says what the consent rests on',
  'base-undetermined': 'nothing says whether the consent permits or denies outside its provisions',
  'base-contradictory': '`policyRule` and the outermost provision disagree',
  'recorded-by-recipient': 'the organisation that it favours sent it in itself',
  'modifier-unknown': 'a modifier that is not understood may turn the meaning round',
  'element-malformed': 'an element is not of the form that R4 gives it',
  'element-unknown': 'an element is none of R4, and may be a limit that nobody reads',
  'type-missing': 'a nested provision says neither permit nor deny',
  'nesting-too-deep': 'provisions are nested deeper than 8 levels',
  'period-unreadable': 'a period is no period, or ends before it starts',
} as const

/** All that can be seen without a request. */
export function defectsOf(consent: Fields, base: Base): readonly Defect[] {
  const found: Defect[] = []
  const add = (code: Defect['code'], expression: string) => found.push({ code, expression })
  if (!restsOnPolicy(consent)) add('policy-missing', 'Consent.policyRule')
  if (base.effect === undefined) add('base-undetermined', 'Consent.provision.type')
  if (base.isContradictory) add('base-contradictory', 'Consent.policyRule')
  for (const expression of modifiersOf(consent)) add('modifier-unknown', expression)
  for (const expression of unknownIn(consent)) add('element-unknown', expression)
  const { provision } = consent
  if (isFields(provision)) found.push(...defectsOfProvision(provision, 'Consent.provision', 0))
  return found
}

/** ppc-1. A policy or rule that says nothing is none. In R5 it is the regulation, or the policy that it refers to. */
function restsOnPolicy({ policy, policyRule, regulatoryBasis, policyBasis }: Fields): boolean {
  const policies: readonly unknown[] = Array.isArray(policy) ? policy : []
  return (
    isFilled(regulatoryBasis) ||
    (isFields(policyBasis) && (isFilled(policyBasis['url']) || isFields(policyBasis['reference']))) ||
    (isFields(policyRule) && (isFilled(policyRule['coding']) || isFilled(policyRule['text']))) ||
    policies.some((each) => isFields(each) && (isFilled(each['uri']) || isFilled(each['authority'])))
  )
}

function isFilled(value: unknown): boolean {
  return (Array.isArray(value) || typeof value === 'string') && value.length > 0
}

/** Deeper than anybody can read; what stands below still denies. */
const MAX_DEPTH = 8

function defectsOfProvision(provision: Fields, expression: string, depth: number): readonly Defect[] {
  const found: Defect[] = [
    ...(provision['modifierExtension'] === undefined ? [] : [`${expression}.modifierExtension`]),
    ...modifiedItems(provision['actor'], `${expression}.actor`),
    ...modifiedItems(provision['data'], `${expression}.data`),
  ].map((place) => ({ code: 'modifier-unknown', expression: place }))
  if (depth > 0 && !typeOf(provision)) found.push({ code: 'type-missing', expression: `${expression}.type` })
  // One is enough to lose the permits, and below it there may be thousands.
  if (depth > MAX_DEPTH) return [...found, { code: 'nesting-too-deep', expression }]
  for (const element of ['period', 'dataPeriod']) {
    const period = provision[element]
    if (period !== undefined && readPeriod(period) === 'unreadable')
      found.push({ code: 'period-unreadable', expression: `${expression}.${element}` })
  }
  const nested: readonly unknown[] = Array.isArray(provision['provision']) ? provision['provision'] : []
  return [
    ...found,
    ...nested.flatMap((child, index) =>
      isFields(child) ? defectsOfProvision(child, `${expression}.provision[${index}]`, depth + 1) : [],
    ),
  ]
}

/** R4 allows modifiers on the resource and its own parts, and nowhere inside the data types that it uses. */
function modifiersOf(consent: Fields): readonly string[] {
  const own = ['modifierExtension', 'implicitRules', '_implicitRules']
  return [
    ...own.filter((element) => consent[element] !== undefined).map((element) => `Consent.${element}`),
    ...modifiedItems(consent['policy'], 'Consent.policy'),
    ...modifiedItems(consent['verification'], 'Consent.verification'),
  ]
}

const R4: ReadonlySet<string> = new Set(
  `resourceType id meta implicitRules _implicitRules language _language text contained extension modifierExtension
  identifier status _status scope category patient dateTime _dateTime performer organization sourceAttachment
  sourceReference policy policyRule verification provision`.split(/\s+/),
)
const R5: ReadonlySet<string> = new Set(
  `subject date _date period grantor grantee manager controller regulatoryBasis policyBasis policyText decision
  _decision`.split(/\s+/),
)

/** A provision under another name, or a limit where another version of FHIR has it, would leave a permit without bounds. */
function unknownIn(consent: Fields): readonly string[] {
  const isR5 = consent['decision'] !== undefined
  return Object.keys(consent)
    .filter((element) => !R4.has(element) && !(isR5 && R5.has(element)))
    .map((element) => `Consent.${element}`)
}

function modifiedItems(items: unknown, expression: string): readonly string[] {
  if (!Array.isArray(items)) return []
  return items.flatMap((item: unknown, index) =>
    isFields(item) && item['modifierExtension'] !== undefined
      ? [`${expression}[${index}].modifierExtension`]
      : [],
  )
}
