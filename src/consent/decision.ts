/** The answer of `decide()`, as data: what, why, on whose word, and what must be left out. */
import type { Confidentiality } from '#label/label-record.ts'
import type { LawRuleId } from '#law/legal-frame.ts'
import type { LabelCode } from './meant-labels.ts'
import type { ReasonCode } from './reason.ts'

export { type ReasonCode, reasons } from './reason.ts'

/** A provision that decided, found again in that version of that Consent. */
export interface Basis {
  readonly consent: string
  readonly version: string
  /** `provision.provision[0]`, or `policyRule` for a consent without provisions. */
  readonly provision: string
}

/** What a permit requires of whoever releases. https://hl7.org/fhir/R4/v3/ActCode/cs.html */
export interface Obligation {
  readonly system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
  readonly code: 'REDACT' | 'MASK' | 'AUDIT' | 'PERSISTLABEL' | 'NORDSCLCD' | 'DELAU'
  /** Only without content: what must be left out of whatever comes, by labels found on it or missing from it. */
  readonly params?:
    { readonly codes: readonly LabelCode[] } | { readonly exceptAnyOfCodes: readonly LabelCode[] }
}

export interface Withheld {
  /** `CarePlan.activity[1]`, counted in the resource that was decided. */
  readonly path: string
  readonly reason: ReasonCode
}

/** A permit with something withheld is a release in part. */
export interface Decision {
  readonly effect: 'permit' | 'deny'
  readonly reason: ReasonCode
  readonly basis: readonly Basis[]
  readonly obligations: readonly Obligation[]
  readonly withheld: readonly Withheld[]
  /** The rule of national law that decided, such as `DK-6`. */
  readonly law?: LawRuleId
  /** What a person must do after the release: look at an override, or tell the patient of it. */
  readonly followUp?: readonly ('review' | 'inform-patient')[]
  /** Labels of what remains of a release in part. Those of the rest stay in here, and never go out. */
  readonly remaining?: {
    readonly ruleSetVersion: string
    readonly sensitivities: readonly string[]
    readonly confidentiality: Confidentiality
  }
}
