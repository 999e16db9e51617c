/** The ways to a release, before there is any content: by consent, by a law that needs none, by a consent that names break-glass. */
import type { AccessRequest, DecisionContext } from './access-request.ts'
import type { CompiledConsent } from './compiled-consent.ts'
import { withoutContent } from './content-criteria.ts'
import { evaluateWithoutContent, type OpenFinding, together } from './evaluate-without-content.ts'
import { type Heard, type Judgement, weigh, withoutLifted } from './judge.ts'
import { BREAK_GLASS } from './purpose-of-use.ts'
import type { Question } from './question.ts'
import type { Conditions } from './residual.ts'
import { type Speaker, standingOf } from './standing.ts'
import { statutoryBasis } from './statutory-basis.ts'

export interface ContentFreeRequest extends AccessRequest {
  /** The class of data, where the request states one. */
  readonly resourceType?: string
}

export interface Asked {
  readonly request: ContentFreeRequest
  readonly question: Question
  readonly consents: readonly CompiledConsent[]
  readonly context: DecisionContext
}

/** What is judged, and what content decides. */
export interface OpenPass {
  readonly judgement: Judgement
  readonly conditions: Conditions
}

export function ordinaryPass(asked: Asked): OpenPass {
  return byLaw(asked, byConsent(asked))
}

/** A law that needs no consent permits what nobody objects to. One that lets only an event be known needs the content. */
function byLaw({ request, context }: Asked, ordinary: OpenPass): OpenPass {
  const basis = statutoryBasis(request.legalBasis, context.law)
  const { judgement, conditions } = ordinary
  if (!basis || basis.eventOnly || judgement.objected || conditions.coversAll) return ordinary
  return {
    judgement: { outcome: 'permit', reason: 'permitted-by-law', basis: [], law: basis.rule },
    conditions: { ...conditions, coversAll: true },
  }
}

/** An override is never told ahead: it belongs to one person's request for content. */
export function breakGlassPass(asked: Asked): OpenPass {
  const { judgement, conditions } = byConsent({
    ...asked,
    question: { ...asked.question, purposes: [BREAK_GLASS] },
  })
  if (judgement.outcome !== 'permit') return { judgement, conditions }
  return { judgement: { ...judgement, reason: 'permitted-by-break-glass-consent' }, conditions }
}

const COMPLETE = 1

function byConsent({ request, question, consents, context }: Asked): OpenPass {
  const told = { at: question.at, resourceType: request.resourceType }
  const stripped = consents.map((consent) => withoutContent(consent, request.resourceType))
  const standing = standingOf(stripped, question, context)
  const heard = standing.speakers.flatMap((speaker): readonly OpenlyHeard[] => {
    const source = consents.find(({ version }) => version === speaker.candidate.version)
    if (!source) return []
    const hearing = { consent: source.version.consent, told, permitsAre: permitsOf(speaker) }
    return [{ speaker, finding: evaluateWithoutContent(speaker.candidate.root, source.root, hearing) }]
  })
  const counted = withoutLiftedInPart(withoutLifted(heard, COMPLETE))
  const { cover, permits, exceptions } = together(counted.map(({ finding }) => finding))
  return {
    judgement: weigh(counted.map(asCertain), standing, COMPLETE),
    conditions: { coversAll: cover === COMPLETE, permits, exceptions },
  }
}

interface OpenlyHeard extends Heard {
  readonly finding: OpenFinding
}

function permitsOf({ doubt, lapsed }: Speaker): 'good' | 'doubtful' | 'over' {
  if (lapsed !== undefined) return 'over'
  return doubt === undefined ? 'good' : 'doubtful'
}

/** A block holds but for what content may show to be lifted. */
function withoutLiftedInPart(heard: readonly OpenlyHeard[]): readonly OpenlyHeard[] {
  return heard.map((each) => {
    const { speaker, finding } = each
    if (finding.denied === 'no') return each
    const lifting = heard.filter((other) => other.speaker.lifts.includes(speaker.candidate))
    const permits = lifting.flatMap((other) => other.finding.permits)
    return permits.length === 0 ? each : { speaker, finding: { ...finding, permits } }
  })
}

/** To be weighed, a permit on conditions is a permit: the conditions are told beside it. */
function asCertain({ speaker, finding }: OpenlyHeard): Heard {
  return { speaker, finding: finding.permits.length === 0 ? finding : { ...finding, cover: COMPLETE } }
}
