/** The answer of `$decide`: what would go to whom and why. Content is never in it. https://hl7.org/fhir/R4/parameters.html */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Basis, Decision } from '#consent/decision.ts'
import { explain } from '#consent/explain.ts'
import { labelsTold } from '#consent/labels-told.ts'
import type { OverallDecision } from '#consent/overall-decision.ts'
import type { Language } from '#consent/reason.ts'
import type { DecidedHeld } from './decide-held.ts'

export const REASON_SYSTEM = 'https://sluse.example/fhir/CodeSystem/decision-reason'

export interface DecideAnswer {
  readonly overall: OverallDecision
  readonly decided: readonly DecidedHeld[]
  readonly at: Date
  readonly inputsHash: string
  readonly language: Language
  /** Whether the reader's organisation sent this consent in: of others' it learns the id alone. */
  readonly isOwn: (consent: string) => boolean
}

export function decideAnswer({ overall, decided, at, inputsHash, ...reader }: DecideAnswer): Parameters {
  const labels = [...new Set(decided.flatMap((each) => labelsTold(each.decision, each.labels)))].sort()
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'effect', valueCode: overall.effect },
      ...reasonOf(overall, labels, reader),
      ...basisOf(overall.basis, reader),
      { name: 'at', valueInstant: at.toISOString() },
      { name: 'inputsHash', valueString: inputsHash },
      ...decided.map((each) => ({ name: 'result', part: resultOf(each, reader) })),
    ],
  }
}

type Reader = Pick<DecideAnswer, 'language' | 'isOwn'>

function resultOf({ version, labels, decision }: DecidedHeld, reader: Reader): ParametersParameter[] {
  const { effect, withheld, obligations } = decision
  return [
    { name: 'reference', valueReference: { reference: `${version.resourceType}/${version.id}` } },
    { name: 'version', valueId: version.versionId },
    { name: 'effect', valueCode: effect === 'permit' && withheld.length > 0 ? 'redact' : effect },
    ...reasonOf(decision, labelsTold(decision, labels), reader),
    ...basisOf(decision.basis, reader),
    ...obligations.map(({ system, code }) => ({ name: 'obligation', valueCoding: { system, code } })),
    ...withheld.map(({ path }) => ({ name: 'withheld', valueString: path })),
  ]
}

function reasonOf(
  decision: Pick<Decision, 'reason' | 'basis' | 'law'>,
  labels: readonly string[],
  { language, isOwn }: Reader,
): ParametersParameter[] {
  // Where in another's consent it stands is not for this reader.
  const basis = decision.basis.map((each) =>
    isOwn(each.consent) ? each : { ...each, provision: 'provision' },
  )
  const sentence = explain({ ...decision, basis }, { language, audience: 'privacyOfficer', labels })
  return [
    { name: 'reason', valueCoding: { system: REASON_SYSTEM, code: decision.reason } },
    { name: 'because', valueString: sentence },
  ]
}

function basisOf(basis: readonly Basis[], { isOwn }: Reader): ParametersParameter[] {
  const parts = basis.map(({ consent, version, provision }): ParametersParameter[] => {
    const named = { name: 'consent', valueReference: { reference: `Consent/${consent}` } }
    if (!isOwn(consent)) return [named]
    return [named, { name: 'version', valueId: version }, { name: 'provision', valueString: provision }]
  })
  // Two provisions of another's consent are one to this reader.
  const distinct = new Map(parts.map((part) => [JSON.stringify(part), part]))
  return [...distinct.values()].map((part) => ({ name: 'basis', part }))
}
