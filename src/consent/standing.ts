/** The consents that speak to a question, each with what law and form make of its permits. */
import type { LawRuleId } from '#law/legal-frame.ts'
import type { DecisionContext } from './access-request.ts'
import { assess, type Bystander, type Candidate, type CompiledConsent } from './candidate.ts'
import { formalFault, isLapsed } from './formal-fault.ts'
import { lifts } from './national-block.ts'
import type { Question } from './question.ts'
import type { ReasonCode } from './reason.ts'
import { representativeFault } from './representative.ts'

export interface Doubt {
  readonly reason: ReasonCode
  readonly law?: LawRuleId
}

/** A candidate as the law hears it. Its denies hold whatever is wrong with its form. */
export interface Speaker {
  readonly candidate: Candidate
  /** Why its permits cannot be relied on: they are only possible. */
  readonly doubt: Doubt | undefined
  /** The rule by which its permits have ended, whatever its own period says. */
  readonly lapsed: LawRuleId | undefined
  /** Not a consent but a block, under this law. */
  readonly block: string | undefined
  /** Blocks that it names and may lift. */
  readonly lifts: readonly Candidate[]
}

export interface Standing {
  readonly speakers: readonly Speaker[]
  readonly bystanders: readonly Bystander[]
}

type Context = Pick<DecisionContext, 'law' | 'resources'>

export function standingOf(
  consents: readonly CompiledConsent[],
  question: Question,
  context: Context,
): Standing {
  const candidates: Candidate[] = []
  const bystanders: Bystander[] = []
  for (const consent of consents) {
    const assessed = assess(consent, question)
    if (assessed && 'root' in assessed) candidates.push(assessed)
    else if (assessed) bystanders.push(assessed)
  }
  const blocks = candidates.filter(({ block }) => block !== undefined)
  const speakers = candidates.map((candidate) => ({
    candidate,
    ...formOf(candidate, question, context),
    block: candidate.block,
    lifts: blocks.filter(({ version }) => lifts(candidate.version.consent, version)),
  }))
  return { speakers, bystanders }
}

function formOf(
  candidate: Candidate,
  question: Question,
  { law, resources }: Context,
): Pick<Speaker, 'doubt' | 'lapsed'> {
  const { defects } = candidate
  const { consent } = candidate.version
  const terms = law?.consent
  const lapsed = terms && isLapsed(consent, terms, question.at, resources)
  if (defects.length > 0) return { doubt: { reason: 'consent-defective' }, lapsed }
  const fault = terms && formalFault(consent, terms, question.at, resources)
  if (fault) return { doubt: fault, lapsed }
  const reason = representativeFault(candidate, question, { law, resources })
  return { doubt: reason && { reason, ...(law && { law: law.ageOfConsent.rule }) }, lapsed }
}
