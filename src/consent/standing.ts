/** The consents that speak to a question, each with what law and form make of its permits. */
import type { DecisionContext } from './access-request.ts'
import { assess, type Bystander, type Candidate, type ConsentVersion } from './candidate.ts'
import { lifeOf } from './lapse.ts'
import { isBlock, lifts } from './national-block.ts'
import type { Question } from './question.ts'
import type { ReasonCode } from './reason.ts'
import { representativeFault } from './representative.ts'
import { isDocumented } from './written-form.ts'

/** A candidate as the law hears it. Its denies hold whatever is wrong with its form. */
export interface Speaker {
  readonly candidate: Candidate
  /** Why its permits cannot be relied on: they are only possible. */
  readonly doubt: ReasonCode | undefined
  /** Its permits have ended by law, whatever its own period says. */
  readonly lapsed: boolean
  /** Not a consent but a block of national law. */
  readonly block: boolean
  /** Blocks that it names and may lift. */
  readonly lifts: readonly Candidate[]
}

export interface Standing {
  readonly speakers: readonly Speaker[]
  readonly bystanders: readonly Bystander[]
}

type Context = Pick<DecisionContext, 'law' | 'resources'>

export function standingOf(
  consents: readonly ConsentVersion[],
  question: Question,
  context: Context,
): Standing {
  const candidates: Candidate[] = []
  const bystanders: Bystander[] = []
  for (const version of consents) {
    const assessed = assess(version, question)
    if (assessed && 'root' in assessed) candidates.push(assessed)
    else if (assessed) bystanders.push(assessed)
  }
  const blocks = candidates.filter(({ version }) => isBlock(version.consent))
  const speakers = candidates.map((candidate) => ({
    candidate,
    ...formOf(candidate, question, context),
    block: blocks.includes(candidate),
    lifts: blocks.filter(({ version }) => lifts(candidate.version.consent, version)),
  }))
  return { speakers, bystanders }
}

function formOf(
  { version: { consent }, defects }: Candidate,
  question: Question,
  { law, resources }: Context,
): Pick<Speaker, 'doubt' | 'lapsed'> {
  const { form, lapsesAfterYears } = law?.consent ?? {}
  const life = lapsesAfterYears ? lifeOf(consent, lapsesAfterYears, question.at, resources) : 'within'
  const lapsed = life === 'lapsed'
  if (defects.length > 0 || life === 'unknown') return { doubt: 'consent-defective', lapsed }
  if (form === 'written' && !isDocumented(consent, resources)) return { doubt: 'form-not-written', lapsed }
  return {
    doubt: representativeFault(consent, question, { ...(law && { law }), ...(resources && { resources }) }),
    lapsed,
  }
}
