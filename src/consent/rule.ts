/** A provision: read once, then matched against each request. What remains is tested unit by unit: labels and codes. https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.provision */
import { type Criteria, readCriteria } from './criteria.ts'
import type { CodeTest } from './criteria-code.ts'
import { type Effect, matchCriteria } from './criteria-match.ts'
import { type Fields, isFields, malformed } from './element-reader.ts'
import { positionAt, type ReadPeriod, readPeriod } from './period.ts'
import type { Question } from './question.ts'
import type { ReadingPlace } from './reading-place.ts'
import type { ReasonCode } from './reason.ts'
import type { LabelCriteria } from './security-label.ts'
import { and, type Truth } from './truth.ts'

export interface CompiledRule {
  /** `provision.provision[0]`, as a reader finds it in the Consent. */
  readonly path: string
  /** Undefined for a nested provision without its type: it does nothing, and its children count. */
  readonly effect: Effect | undefined
  readonly criteria: Criteria
  readonly period: ReadPeriod | undefined
  readonly children: readonly CompiledRule[]
}

export interface Rule {
  readonly path: string
  readonly effect: Effect | undefined
  /** Whether all but its labels and codes match. */
  readonly applies: Truth
  readonly miss: ReasonCode | undefined
  readonly purpose: Criteria['purpose']
  readonly securityLabel: LabelCriteria | undefined
  readonly code: readonly CodeTest[] | undefined
  readonly children: readonly Rule[]
}

/** Far below what counts; a rule that deep is not looked at, and stands for a deny that cannot be told. */
const UNREAD_DEPTH = 64

export interface RuleSource extends Omit<ReadingPlace, 'expression'> {
  readonly path: string
  readonly effect: Effect | undefined
  readonly parent: Criteria
  readonly depth: number
}

export function compileRule(value: unknown, source: RuleSource): CompiledRule {
  const { path, effect, parent, depth, ...place } = source
  const expression = `Consent.${path}`
  if (!isFields(value) || depth > UNREAD_DEPTH) {
    malformed(expression, place.faults)
    return { path, effect: 'deny', criteria: UNREADABLE, period: undefined, children: [] }
  }
  if (value['type'] !== undefined && !typeOf(value)) malformed(`${expression}.type`, place.faults)
  for (const element of Object.keys(value))
    if (!elements.has(element))
      place.faults.push({ code: 'element-unknown', expression: `${expression}.${element}` })
  const criteria = readCriteria(parent, value, { ...place, expression })
  const { period } = value
  return {
    path,
    effect,
    criteria,
    period: period === undefined ? undefined : readPeriod(period),
    children: childrenOf(value, source, criteria),
  }
}

function childrenOf({ provision }: Fields, source: RuleSource, parent: Criteria): readonly CompiledRule[] {
  if (provision === undefined) return []
  // One object in place of a list is no list, and is read as what it seems to be, since it may deny.
  const listed: readonly unknown[] = Array.isArray(provision) ? provision : [provision]
  const path = (index: number) => `${source.path}.provision${Array.isArray(provision) ? `[${index}]` : ''}`
  if (!Array.isArray(provision)) malformed(`Consent.${path(0)}`, source.faults)
  return listed.map((child, index) =>
    compileRule(child, {
      ...source,
      path: path(index),
      effect: isFields(child) ? typeOf(child) : undefined,
      parent,
      depth: source.depth + 1,
    }),
  )
}

/** A criterion that nobody knows would be no constraint if it were passed over. */
const elements: ReadonlySet<string> = new Set(
  `id extension modifierExtension type _type period actor action securityLabel purpose class code dataPeriod data
  provision`.split(/\s+/),
)

const UNREADABLE: Criteria = { purpose: [] }

export function typeOf({ type }: { readonly type?: unknown }): Effect | undefined {
  return type === 'permit' || type === 'deny' ? type : undefined
}

/** `inForce`: whether every provision around this one is. */
export function ruleFor(compiled: CompiledRule, question: Question, inForce: Truth = true): Rule {
  const { path, effect, criteria, period } = compiled
  const position = positionAt(period, question.at)
  const within = and(inForce, inForceAt[position])
  const { applies, miss } =
    within === false
      ? { applies: false, miss: missOf[position] }
      : matchCriteria(criteria, effect ?? 'permit', question)
  return {
    path,
    effect,
    applies: and(within, applies),
    miss,
    purpose: criteria.purpose,
    securityLabel: criteria.securityLabel,
    code: criteria.code,
    children: compiled.children.map((child) => ruleFor(child, question, within)),
  }
}

const inForceAt = { before: false, within: true, after: false, unreadable: 'unknown' } as const
// Out of force with a period of its own that is not over: a provision around it is, and that one is reported.
const missOf = {
  before: 'consent-not-yet-valid',
  within: 'no-consent',
  after: 'consent-expired',
  unreadable: undefined,
} as const
