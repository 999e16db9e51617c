/** A provision, matched against one request: what remains to be tested is the labels of each unit. https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.provision */
import type { Coding, ConsentProvision } from '@medplum/fhirtypes'
import { type Criteria, inherit } from './criteria.ts'
import { matchCriteria } from './criteria-match.ts'
import { positionIn } from './period.ts'
import type { Question } from './question.ts'
import type { ReasonCode } from './reason.ts'
import { and, type Truth } from './truth.ts'

export interface Rule {
  /** `provision.provision[0]`, as a reader finds it in the Consent. */
  readonly path: string
  /** Undefined for a nested provision without its type: it does nothing, and its children count. */
  readonly effect: 'permit' | 'deny' | undefined
  /** Whether all but its labels match. */
  readonly applies: Truth
  readonly miss: ReasonCode | undefined
  readonly securityLabel: readonly Coding[] | undefined
  readonly children: readonly Rule[]
}

export interface RuleSource {
  readonly provision: ConsentProvision
  readonly effect: Rule['effect']
  readonly path: string
  readonly parent: Criteria
  /** The period of every provision around this one. */
  readonly inForce: Truth
}

export function ruleFrom({ provision, effect, path, parent, inForce }: RuleSource, question: Question): Rule {
  const criteria = inherit(parent, provision)
  const period = positionIn(provision.period, question.at)
  const within = inForce === true ? inForceAt[period] : inForce
  const children = (provision.provision ?? []).map((child, index) =>
    ruleFrom(
      {
        provision: child,
        effect: typeOf(child),
        path: `${path}.provision[${index}]`,
        parent: criteria,
        inForce: within,
      },
      question,
    ),
  )
  const match = matchCriteria(criteria, effect ?? 'permit', question)
  return {
    path,
    effect,
    applies: and(within, match.applies),
    miss: within === false ? missOf[period] : match.miss,
    securityLabel: criteria.securityLabel,
    children,
  }
}

export function typeOf({ type }: ConsentProvision): Rule['effect'] {
  return type === 'permit' || type === 'deny' ? type : undefined
}

const inForceAt = { before: false, within: true, after: false, unreadable: 'unknown' } as const
// Out of force with a period of its own that is not over: a provision around it is, and that one is reported.
const missOf = {
  before: 'consent-not-yet-valid',
  within: 'no-consent',
  after: 'consent-expired',
  unreadable: undefined,
} as const
