/**
 * The ways a unit may be released, tried in order until one does: consent, a law that needs none, a consent that names
 * break-glass, an override. What consent permits is never counted as an override. https://profiles.ihe.net/ITI/PCF/
 */
import type { Coding } from '@medplum/fhirtypes'
import type { LawRuleId, StatutoryBasis } from '#law/legal-frame.ts'
import type { AccessRequest, DecisionContext } from './access-request.ts'
import type { CompiledConsent } from './candidate.ts'
import { type Judgement, judge } from './judge.ts'
import { codedBlock } from './national-block.ts'
import { isRefusedByName } from './no-by-name.ts'
import { overrideRule } from './override.ts'
import { BREAK_GLASS } from './purpose-of-use.ts'
import type { Question } from './question.ts'
import { type Standing, standingOf } from './standing.ts'
import { statutoryBasis } from './statutory-basis.ts'
import type { UnitLabels } from './unit-labels.ts'

export interface Pass {
  readonly judge: (unit: UnitLabels) => Judgement
  /** The rule of national law that it rests on. */
  readonly law?: LawRuleId
  /** The basis without consent, with what it asks for afterwards. */
  readonly basis?: StatutoryBasis
}

export interface Asked {
  readonly request: AccessRequest
  readonly question: Question
  readonly consents: readonly CompiledConsent[]
  readonly context: DecisionContext
  /** What stands in `meta.security`. */
  readonly security: readonly Coding[]
}

/** The first is the ordinary one: what it says is the answer where no pass releases. */
export function passesOf(asked: Asked): readonly [Pass, ...Pass[]] {
  const ordinary = ordinaryPass(asked)
  const byName = breakGlassPass(asked)
  return [ordinary, ...lawPass(asked, ordinary), ...byName, ...overridePass(asked)]
}

function ordinaryPass({ question, consents, context, security }: Asked): Pass {
  const standing = standingOf(consents, question, context)
  return blockedByCode(security, question) ?? { judge: (unit) => judge(standing, unit) }
}

/** The citizen blocked the data at its source: as much a refusal as a consent that denies. Volven 9603 */
function blockedByCode(security: readonly Coding[], question: Question): Pass | undefined {
  if (codedBlock(security, question) !== 'national-block') return undefined
  return { judge: () => ({ outcome: 'denied', reason: 'national-block', basis: [], objected: true }) }
}

/** After blocks and objections: a law that permits yields to somebody who said no. SUL 41(3) */
function lawPass({ request, context }: Asked, ordinary: Pass): readonly Pass[] {
  const basis = statutoryBasis(request.legalBasis, context.law)
  if (!basis || basis.eventOnly) return []
  const permit = { outcome: 'permit', reason: 'permitted-by-law', basis: [] } as const
  return [
    {
      law: basis.rule,
      basis,
      judge: (unit) => {
        const answer = ordinary.judge(unit)
        return answer.objected ? answer : permit
      },
    },
  ]
}

function breakGlassPass(asked: Asked): readonly Pass[] {
  const { request, question } = asked
  if (!request.purposeOfUse.includes(BREAK_GLASS) && !request.override) return []
  if (blockedByCode(asked.security, question)) return []
  const standing = breakGlassStanding(asked)
  return [
    {
      judge: (unit) => {
        const answer = judge(standing, unit)
        return answer.outcome === 'permit'
          ? { ...answer, reason: 'permitted-by-break-glass-consent' as const }
          : answer
      },
    },
  ]
}

function overridePass(asked: Asked): readonly Pass[] {
  const { request, question, context } = asked
  const law = overrideRule(request.override, context.law, question.at)
  if (law === undefined) return []
  const standing = breakGlassStanding(asked)
  const permit = { outcome: 'permit', reason: 'permitted-by-override', basis: [] } as const
  return [
    {
      law,
      judge: (unit) => (isRefusedByName(standing, unit) ? judge(standing, unit) : permit),
    },
  ]
}

function breakGlassStanding({ question, consents, context }: Asked): Standing {
  return standingOf(consents, { ...question, purposes: [BREAK_GLASS] }, context)
}
