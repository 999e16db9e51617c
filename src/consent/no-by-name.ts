/**
 * Who says no to emergencies in so many words is heard in one; a general no is not meant for them. All who say no are
 * asked, not only those whose no is told: a national block or a plainer no may stand before the one by name. [our choice]
 */
import { denies, type Finding } from './evaluate.ts'
import { hear, withoutLifted } from './judge.ts'
import { BREAK_GLASS } from './purpose-of-use.ts'
import type { Rule } from './rule.ts'
import { completeCoverage } from './security-label.ts'
import type { Standing } from './standing.ts'
import type { UnitLabels } from './unit-labels.ts'

/** `standing`: of a request for break-glass alone. A no of which it cannot be told whether it applies is one. */
export function isRefusedByName(standing: Standing, unit: UnitLabels): boolean {
  const heard = standing.speakers.map((speaker) => ({ speaker, finding: hear(speaker, unit) }))
  return withoutLifted(heard, completeCoverage(unit)).some(
    ({ speaker, finding }) => isNo(finding) && namesIt(speaker.candidate.root, unit),
  )
}

function isNo({ denied }: Finding): boolean {
  return denied !== 'no'
}

function namesIt(rule: Rule, unit: UnitLabels): boolean {
  const own = rule.effect === 'deny' && (rule.purpose?.includes(BREAK_GLASS) ?? false)
  return (own && denies(rule, unit) !== false) || rule.children.some((child) => namesIt(child, unit))
}
