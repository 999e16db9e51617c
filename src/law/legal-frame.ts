/**
 * What the law of the custodian's country asks of one disclosure: the answer of `legalFrame()`, which the decision applies.
 * The rules behind it are data: `mappings/law/*.json`, each with its jurisdiction, source and dates.
 */

export type Jurisdiction = 'DK' | 'NO'

/** A rule of `mappings/law`, by its id, such as `DK-5`; what an explanation and an audit row name. */
export type LawRuleId = string

/** What a consent must be to permit this disclosure. It limits permits only: a deny needs no form. */
export interface ConsentTerms {
  readonly rule: LawRuleId
  /** `SUL-41-1`, `SUL-43-1`, `PBRL-5-3`, …: the duty of secrecy that the consent lifts, apart from any GDPR basis. */
  readonly basis: string
  /** `written`: evidence in `Consent.source[x]`, or a recorded reason why it was given orally. */
  readonly form: 'any' | 'written'
  /** The consent lapses so many years after it was given, whatever its own period says. */
  readonly lapsesAfterYears?: number
  /** The rules that demand the written form and set the statutory life, where `rule` does not itself. */
  readonly formRule?: LawRuleId
  readonly lapseRule?: LawRuleId
  /** It must have been given before the recipient asks. */
  readonly prior?: true
  /** What the permit itself must name: one that leaves it open is not informed. */
  readonly mustName?: readonly ('purpose' | 'recipient' | 'information')[]
}

/** A way to disclose without consent that the law names and this deployment has switched on. */
export interface StatutoryBasis {
  readonly rule: LawRuleId
  /** What the request must name as its basis, such as `SUL-41-2-1`. */
  readonly code: string
  /** What the request must carry beside the code. */
  readonly demands: readonly ('reason' | 'document')[]
  /** An objection on record beats it. Always true unless the law says otherwise. */
  readonly yieldsToObjection: boolean
  /** Only that something happened may go: no diagnosis, no text. */
  readonly eventOnly: boolean
  /** The patient must be told as soon as possible: an open task until done. */
  readonly informPatient: boolean
}

export interface LegalFrame {
  readonly jurisdiction: Jurisdiction
  /** Nothing lifts this, neither a consent nor an override. */
  readonly stop?: {
    readonly rule: LawRuleId
    readonly reason: 'unit-type-unknown' | 'no-legal-basis-for-unit'
  }
  readonly consent: ConsentTerms
  readonly withoutConsent: readonly StatutoryBasis[]
  /** From this birthday on the patient alone consents and objects. */
  readonly ageOfConsent: { readonly rule: LawRuleId; readonly years: number }
  /** Whether a deny of an organisation covers its parents as well. */
  readonly denyCoversParents: boolean
  /** Grounds that justify an override, by code of `https://sluse.example/fhir/CodeSystem/override-ground`. */
  readonly overrideGrounds: readonly { readonly rule: LawRuleId; readonly code: string }[]
}
