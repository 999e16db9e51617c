/** What one consent says before there is any content: what is certain, and what hangs on the content. https://profiles.ihe.net/ITI/PCF/ */
import type { Consent } from '@medplum/fhirtypes'
import { type ContentElement, contentNeeded, type Told } from './content-criteria.ts'
import type { Effect } from './criteria-match.ts'
import { denialAmong, type Finding, pool } from './evaluate.ts'
import type { Condition, Exception } from './residual.ts'
import { residualEntry } from './residual-entry.ts'
import type { CompiledRule, Rule } from './rule.ts'

/** `cover` is 1 where a permit is certain. `deciding` names conditional rules too. */
export interface OpenFinding extends Finding {
  /** Under a deny: what would lift it. */
  readonly permits: readonly Condition[]
  readonly exceptions: readonly Exception[]
}

const NOTHING: OpenFinding = {
  denied: 'no',
  cover: 0,
  possible: 0,
  deciding: [],
  doubtful: [],
  permits: [],
  exceptions: [],
}

export interface Hearing {
  readonly consent: Consent
  readonly told: Told
  /** What its formal faults and its age leave of its permits. Its denies hold. */
  readonly permitsAre: 'good' | 'doubtful' | 'over'
}

/** `rule` was matched without the elements that need content; `source` has them. */
export function evaluateWithoutContent(
  rule: Rule,
  source: CompiledRule,
  hearing: Hearing,
  depth = 0,
): OpenFinding {
  const beneath = together(
    rule.children.map((child, index) => {
      const inner = source.children[index]
      return inner ? evaluateWithoutContent(child, inner, hearing, depth + 1) : NOTHING
    }),
  )
  if (beneath.denied !== 'no' || rule.applies === false || !rule.effect) return beneath
  const judged = { rule, source, hearing, depth }
  return rule.effect === 'permit' ? together([beneath, permitOf(judged)]) : denyOf(judged, beneath)
}

/** Of siblings, and of consents: denies override, permits are pooled. A deny is lifted only where each of them is. */
export function together(findings: readonly OpenFinding[]): OpenFinding {
  const exceptions = findings.flatMap((each) => each.exceptions)
  const denial = denialAmong(findings)
  if (!denial) return { ...pool(findings), permits: findings.flatMap(({ permits }) => permits), exceptions }
  const denials = findings.filter(({ denied }) => denied !== 'no')
  const isLiftable = denials.every(({ permits }) => permits.length > 0)
  return { ...denial, permits: isLiftable ? denials.flatMap(({ permits }) => permits) : [], exceptions }
}

interface Judged {
  readonly rule: Rule
  readonly source: CompiledRule
  readonly hearing: Hearing
  readonly depth: number
}

function permitOf(judged: Judged): OpenFinding {
  const { rule, source, hearing } = judged
  if (hearing.permitsAre === 'over') return NOTHING
  const { toTell, open } = contentNeeded(source.criteria, 'permit', hearing.told)
  if (toTell === 'nobody' || rule.applies !== true || hearing.permitsAre === 'doubtful')
    return { ...NOTHING, possible: 1, doubtful: [rule] }
  if (toTell === 'nothing') return { ...NOTHING, cover: 1, deciding: [rule] }
  return { ...NOTHING, deciding: [rule], permits: [conditionOf(judged, 'permit', open)] }
}

/** A certain permit inside a deny lifts all of it; a conditional one lifts what content will tell. */
function denyOf(judged: Judged, beneath: OpenFinding): OpenFinding {
  const { rule, source, hearing } = judged
  if (beneath.cover === 1) return beneath
  const { permits, exceptions } = beneath
  const { toTell, open } = contentNeeded(source.criteria, 'deny', hearing.told)
  if (toTell === 'content') {
    const exception = { forbid: conditionOf(judged, 'deny', open), lifts: permits, within: exceptions }
    return { ...beneath, deciding: [...beneath.deciding, rule], exceptions: [exception] }
  }
  const denied = toTell === 'nothing' && rule.applies === true ? 'yes' : 'unknown'
  return { ...NOTHING, denied, deciding: [rule], permits, exceptions }
}

function conditionOf(
  { rule, source, hearing, depth }: Judged,
  effect: Effect,
  open: readonly ContentElement[],
): Condition {
  const { criteria } = source
  return {
    depth,
    entry: residualEntry({ consent: hearing.consent, path: rule.path, effect, criteria, open }),
    isUnclear: criteria.securityLabel?.isUnclear ?? false,
  }
}
