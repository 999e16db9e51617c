/** One answer for a request over several resources, from the answers about each. https://profiles.ihe.net/ITI/PCF/ */
import type { Basis, Decision, Obligation } from './decision.ts'
import { EXCEPTIONAL } from './duties.ts'
import { sortedBasis } from './judge.ts'
import { type Outcome, outcomeOf, type ReasonCode } from './reason.ts'

export interface OverallDecision {
  readonly effect: 'permit' | 'deny'
  readonly reason: ReasonCode
  readonly basis: readonly Basis[]
  readonly obligations: readonly Obligation[]
}

/** Nothing released: a deny before what could not be told, and that before no consent. */
const DENIALS: readonly Outcome[] = ['denied', 'indeterminate', 'no-consent']

/** Without any resource nobody can say what would be released: that is `no-consent`, and a deny. */
export function overallDecision(decisions: readonly Decision[]): OverallDecision {
  const released = decisions.filter(({ effect }) => effect === 'permit')
  const basis = sortedBasis((released.length > 0 ? released : decisions).flatMap((each) => each.basis))
  if (released.length === 0)
    return { effect: 'deny', reason: reasonOfDenial(decisions), basis, obligations: [] }
  return {
    effect: 'permit',
    reason: reasonOfRelease(decisions, released),
    basis,
    obligations: sortedObligations(released),
  }
}

function reasonOfDenial(decisions: readonly Decision[]): ReasonCode {
  const reasons = decisions.map(({ reason }) => reason).sort()
  for (const outcome of DENIALS) {
    const found = reasons.find((reason) => outcomeOf(reason) === outcome)
    if (found) return found
  }
  return 'no-consent'
}

function reasonOfRelease(decisions: readonly Decision[], released: readonly Decision[]): ReasonCode {
  const [first] = released
  const same = first && released.every(({ reason }) => reason === first.reason) ? first.reason : undefined
  const whole = released.length === decisions.length
  if (same && (whole || EXCEPTIONAL.includes(same))) return same
  const plain = released.every(({ reason }) => reason === 'permitted' || reason === 'own-record')
  return whole && plain ? 'permitted' : 'permitted-in-part'
}

function sortedObligations(released: readonly Decision[]): readonly Obligation[] {
  const byCode = new Map(released.flatMap((each) => each.obligations).map((each) => [each.code, each]))
  return [...byCode.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}
