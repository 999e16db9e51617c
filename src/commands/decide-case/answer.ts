/** What `decide` prints. Its members are a contract: scripts read them. */
import type { Resource } from '@medplum/fhirtypes'
import type { Decision } from '#consent/decision.ts'
import { explain } from '#consent/explain.ts'
import type { OverallDecision } from '#consent/overall-decision.ts'
import type { Audience, Language } from '#consent/reason.ts'

/** For whom to put the reasons into sentences. */
export interface Reader {
  readonly language: Language
  readonly audience: Audience
}

export interface Decided {
  /** `Type/id`, or the place in the file of a resource without id. */
  readonly reference: string
  readonly decision: Decision
  /** Of what is withheld, for sentences to a privacy officer. */
  readonly labels: readonly string[]
  readonly released?: Resource
}

export interface CaseAnswer extends OverallDecision {
  readonly because?: string
  readonly resources: readonly ResourceAnswer[]
}

interface ResourceAnswer {
  readonly reference: string
  readonly effect: 'permit' | 'redact' | 'deny'
  readonly reason: string
  readonly because?: string
  /** Paths in the resource as it stands in the file. */
  readonly withheld: readonly string[]
  readonly resource?: Resource
}

export function answerOf(
  decided: readonly Decided[],
  { effect, reason, basis, obligations }: OverallDecision,
  reader: Reader | undefined,
): CaseAnswer {
  const labels = [...new Set(decided.flatMap((each) => each.labels))].sort()
  return {
    effect,
    reason,
    ...sentence({ reason, basis }, labels, reader),
    basis,
    obligations,
    resources: decided.map((each) => resourceAnswer(each, reader)),
  }
}

function resourceAnswer(
  { reference, decision, labels, released }: Decided,
  reader: Reader | undefined,
): ResourceAnswer {
  const { effect, reason, withheld } = decision
  return {
    reference,
    effect: effect === 'permit' && withheld.length > 0 ? 'redact' : effect,
    reason,
    ...sentence(decision, labels, reader),
    withheld: withheld.map(({ path }) => path),
    ...(released === undefined ? {} : { resource: released }),
  }
}

function sentence(
  decision: Pick<Decision, 'reason' | 'basis'>,
  labels: readonly string[],
  reader: Reader | undefined,
): { because?: string } {
  return reader ? { because: explain(decision, { ...reader, labels }) } : {}
}
