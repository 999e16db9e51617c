/** What one consent says about one unit: denies first, then how much of its labels permits account for. https://profiles.ihe.net/ITI/PCF/ */
import { matchesCode } from './criteria-code.ts'
import type { Rule } from './rule.ts'
import { completeCoverage, type Coverage, denyMatches, permitCoverage } from './security-label.ts'
import { and, anyOf, type Truth } from './truth.ts'
import type { UnitLabels } from './unit-labels.ts'

export interface Finding {
  readonly denied: 'no' | 'unknown' | 'yes'
  readonly cover: Coverage
  /** What would be covered as well if everything that cannot be told went the permits' way. */
  readonly possible: Coverage
  /** The rules that `denied` or `cover` rests on. */
  readonly deciding: readonly Rule[]
  /** The rules that `possible` rests on. */
  readonly doubtful: readonly Rule[]
}

const NOTHING: Finding = { denied: 'no', cover: 0, possible: 0, deciding: [], doubtful: [] }

/** `permitsCount` is false in a defective consent: its denies apply, its permits are only possible. */
export function evaluate(rule: Rule, unit: UnitLabels, permitsCount: boolean): Finding {
  const beneath = rule.children.length === 0 ? NOTHING : evaluateAll(rule.children, unit, permitsCount)
  // A child overrides its parent with its own type, and among siblings a deny wins.
  if (beneath.denied !== 'no') return beneath
  if (rule.effect === 'permit') return pool([beneath, permitOf(rule, unit, permitsCount)])
  return rule.effect === 'deny' ? denyUnlessLifted(rule, unit, beneath) : beneath
}

function evaluateAll(rules: readonly Rule[], unit: UnitLabels, permitsCount: boolean): Finding {
  const findings = rules.map((rule) => evaluate(rule, unit, permitsCount))
  return denialAmong(findings) ?? pool(findings)
}

/** The denies among findings, certain ones before uncertain ones. */
export function denialAmong(findings: readonly Finding[]): Finding | undefined {
  if (findings.every(({ denied }) => denied === 'no')) return undefined
  for (const denied of ['yes', 'unknown'] as const) {
    const found = findings.filter((finding) => finding.denied === denied)
    if (found.length > 0) return { ...NOTHING, denied, deciding: found.flatMap(({ deciding }) => deciding) }
  }
  return undefined
}

export function pool(findings: readonly Finding[]): Finding {
  const [first = NOTHING, ...more] = findings.filter((finding) => finding !== NOTHING)
  if (more.length === 0) return first
  return {
    denied: 'no',
    cover: findings.reduce((bits, { cover }) => bits | cover, 0),
    possible: findings.reduce((bits, { possible }) => bits | possible, 0),
    deciding: findings.flatMap(({ deciding }) => deciding),
    doubtful: findings.flatMap(({ doubtful }) => doubtful),
  }
}

function permitOf(rule: Rule, unit: UnitLabels, permitsCount: boolean): Finding {
  const applies = appliesTo(rule, unit)
  if (applies === false) return NOTHING
  const { certain, possible } = permitCoverage(rule.securityLabel, unit)
  const cover = permitsCount && applies === true ? certain : 0
  const doubt = (certain | possible) & ~cover
  if ((cover | doubt) === 0) return NOTHING
  return {
    denied: 'no',
    cover,
    possible: doubt,
    deciding: cover === 0 ? [] : [rule],
    doubtful: doubt === 0 ? [] : [rule],
  }
}

/** A permit inside a deny lifts it where it covers the unit completely; in part is not enough. */
function denyUnlessLifted(rule: Rule, unit: UnitLabels, beneath: Finding): Finding {
  const matches = denies(rule, unit)
  if (matches === false || beneath.cover === completeCoverage(unit)) return beneath
  return { ...NOTHING, denied: matches === true ? 'yes' : 'unknown', deciding: [rule] }
}

/** Whether a deny is meant for the unit, whatever lifts it. */
export function denies(rule: Rule, unit: UnitLabels): Truth {
  return and(appliesTo(rule, unit), denyMatches(rule.securityLabel, unit))
}

/** Codes are looked for in the unit itself, as its labels are. */
function appliesTo({ applies, code }: Rule, { codes }: UnitLabels): Truth {
  if (code === undefined || applies === false) return applies
  return and(applies, codes === undefined ? 'unknown' : anyOf(code, (test) => matchesCode(test, codes)))
}
