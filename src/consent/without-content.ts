/**
 * A decision before there is any content: may this recipient have anything of this patient, and what is left to content.
 * For a token or a preview; what is released is always decided on the content itself. https://profiles.ihe.net/ITI/PCF/
 */
import type { LawRuleId } from '#law/legal-frame.ts'
import type { DecisionContext } from './access-request.ts'
import type { CompiledConsent } from './compiled-consent.ts'
import { NO_CONTENT } from './content-criteria.ts'
import type { Basis, Obligation, ReasonCode } from './decision.ts'
import { AUDIT } from './duties.ts'
import { exportedResidual } from './exported-residual.ts'
import { hardStop } from './hard-stop.ts'
import { type Judgement, sortedBasis } from './judge.ts'
import { isCustodian } from './own-record.ts'
import {
  breakGlassPass,
  type ContentFreeRequest,
  type OpenPass,
  ordinaryPass,
} from './pass-without-content.ts'
import { BREAK_GLASS } from './purpose-of-use.ts'
import { readQuestion } from './question.ts'
import { redactionDuties } from './redaction-duties.ts'
import { type ResidualEntry, type ResidualStep, stepsOf } from './residual.ts'

export interface ContentFreeDecision {
  readonly effect: 'permit' | 'deny'
  readonly reason: ReasonCode
  readonly basis: readonly Basis[]
  readonly obligations: readonly Obligation[]
  readonly law?: LawRuleId
  /** For information. Empty under a permit: all is permitted; under a deny: nothing is, whatever the content. */
  readonly residual: readonly ResidualEntry[]
  /** What a foreign enforcement point may be handed beside a permit. Undefined: nothing may be left to one. */
  readonly exported: readonly ResidualEntry[] | undefined
}

export function decideWithoutContent(
  request: ContentFreeRequest,
  consents: readonly CompiledConsent[],
  context: DecisionContext,
): ContentFreeDecision {
  const question = readQuestion(request, NO_CONTENT, context)
  if (!question) return plain('request-malformed', 'deny')
  if (isCustodian(question)) return plain('own-record', 'permit')
  const stop = hardStop(request, context)
  if (stop) return { ...plain(stop.reason, 'deny'), ...(stop.law !== undefined && { law: stop.law }) }
  const asked = { request, question, consents: inOrder(consents), context }
  const ordinary = ordinaryPass(asked)
  const breaksGlass = request.purposeOfUse.includes(BREAK_GLASS) || request.override !== undefined
  return breaksGlass ? pooled(ordinary, breakGlassPass(asked)) : answer(ordinary)
}

/** The list of what is left to content is the same whatever the order in which the consents were found. */
function inOrder(consents: readonly CompiledConsent[]): readonly CompiledConsent[] {
  const keyOf = ({ version }: CompiledConsent) => `${version.id}\n${version.versionId}`
  return consents.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}

function plain(reason: ReasonCode, effect: 'permit' | 'deny'): ContentFreeDecision {
  const exported = effect === 'permit' ? [] : undefined
  return { effect, reason, basis: [], obligations: [], residual: [], exported }
}

function answer({ judgement, conditions }: OpenPass): ContentFreeDecision {
  return written(judgement, stepsOf(conditions))
}

/** With content the second pass is for what the first does not release, so without it both count. */
function pooled(ordinary: OpenPass, byName: OpenPass): ContentFreeDecision {
  const isPermitted = ordinary.judgement.outcome === 'permit'
  const first = stepsOf(ordinary.conditions)
  if (byName.judgement.outcome !== 'permit' || (isPermitted && first.length === 0)) return answer(ordinary)
  const { obligations, ...rest } = isPermitted ? union(ordinary, byName) : answer(byName)
  // Whoever reads the list elsewhere cannot tell what to audit.
  return { ...rest, obligations: [AUDIT, ...obligations], exported: undefined }
}

/** In a list of two passes the permits of the second lift the forbids of the first; its forbids bind both, which is less. */
function union(ordinary: OpenPass, byName: OpenPass): ContentFreeDecision {
  const [, ...second] = stepsOf(byName.conditions)
  const basis = sortedBasis([...ordinary.judgement.basis, ...byName.judgement.basis])
  const steps = byName.conditions.coversAll
    ? stepsOf(byName.conditions)
    : [...stepsOf(ordinary.conditions), ...second]
  return written({ ...byName.judgement, basis }, steps)
}

function written(judgement: Judgement, steps: readonly ResidualStep[]): ContentFreeDecision {
  const { outcome, reason, basis, law } = judgement
  const residual = steps.map(({ entry }) => entry)
  const ruled = law === undefined ? {} : { law }
  if (outcome !== 'permit')
    return { effect: 'deny', reason, basis, obligations: [], ...ruled, residual, exported: undefined }
  return {
    effect: 'permit',
    reason: reason === 'permitted' && residual.length > 0 ? 'permitted-on-conditions' : reason,
    basis,
    obligations: redactionDuties(steps),
    ...ruled,
    residual,
    exported: exportedResidual(steps),
  }
}
