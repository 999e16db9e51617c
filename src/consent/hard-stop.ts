/** What no consent and no override can lift: the wrong person, or a recipient that no law is known for. */
import type { LawRuleId } from '#law/legal-frame.ts'
import type { AccessRequest, DecisionContext } from './access-request.ts'
import type { ReasonCode } from './reason.ts'

export interface HardStop {
  readonly reason: ReasonCode
  readonly law?: LawRuleId
}

export function hardStop(
  { patient }: Pick<AccessRequest, 'patient'>,
  { law }: Pick<DecisionContext, 'law'>,
): HardStop | undefined {
  // SUL 141(7): anonymous treatment is neither matched nor exchanged.
  if (patient.identity === 'anonymous') return { reason: 'anonymous-treatment' }
  if (patient.identity === 'unsafe') return { reason: 'identity-unsafe' }
  return law?.stop && { reason: law.stop.reason, law: law.stop.rule }
}
