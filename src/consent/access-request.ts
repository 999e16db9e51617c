/** The question put to `decide()`: who asks for whose data, held by whom, for what, and under which law. */
import type { Resource } from '@medplum/fhirtypes'
import type { LegalFrame } from '#law/legal-frame.ts'

export interface BusinessIdentifier {
  readonly system: string
  readonly value: string
}

/** The citizen, by everything that may be used to match one across organisations. */
export interface Subject {
  /** `Patient/<subject uuid>`. */
  readonly references: readonly string[]
  readonly identifiers: readonly BusinessIdentifier[]
  /** `1979-09-25`; absent when nobody knows it, and then no age rule can be answered in favour of a permit. */
  readonly birthDate?: string
  /** `anonymous` and `unsafe` (a local or regional number, a merge under way) stop every exchange. Absent: safe. */
  readonly identity?: 'safe' | 'unsafe' | 'anonymous'
}

/** One party by everything it is known as; a match on any of these is a match. */
export interface Party {
  readonly references: readonly string[]
  readonly identifiers: readonly BusinessIdentifier[]
  /** The organisation chain up to the legal entity, nearest first. */
  readonly parents: readonly Party[]
  /** What the unit does, by code of `mappings/law/unit-types.json`. Absent: unknown. */
  readonly unitType?: string
}

/** A claim that a law permits the disclosure without consent. */
export interface LegalBasisClaim {
  /** Such as `SUL-41-2-1`. */
  readonly code: string
  readonly reason?: string
  /** The discharge agreement or coordination plan that the law speaks of. */
  readonly document?: string
}

/** A person who breaks the glass, for one patient and for a limited time. */
export interface OverrideClaim {
  /** Whether client and person belong to those who may. */
  readonly privileged: boolean
  /** Code of the ground, and the reason in words (kept in the review, never in an answer). */
  readonly ground: string
  readonly hasReason: boolean
  /** The end of its time box. */
  readonly until: string
}

export interface AccessRequest {
  readonly patient: Subject
  readonly recipient: Party
  /** Absent in a dry run: then nobody reads its own record, and no national rule applies. */
  readonly custodian?: Party
  /** The custodian's, for dates without a time. */
  readonly timeZone: string
  /** v3-ActReason. */
  readonly purposeOfUse: readonly string[]
  /** `disclose` for a push, `access` for a pull. */
  readonly action: 'collect' | 'access' | 'use' | 'disclose' | 'correct'
  /** The instant of the decision. */
  readonly now: string
  readonly legalBasis?: LegalBasisClaim
  readonly override?: OverrideClaim
}

/** What the caller looked up for one decision: nothing here is fetched by the engine. */
export interface DecisionContext {
  /** The labelling rules in force; labels of another set do not count. */
  readonly ruleSetVersion: string
  /** What the custodian's law asks of a disclosure to this recipient. Absent: its jurisdiction is not known. */
  readonly law?: LegalFrame
  /**
   * Parties that the caller could look up. A consent may name one by a number that the request does not have; only here
   * can it be told from a number that nobody knows, which leaves the question open.
   */
  readonly parties?: readonly Party[]
  /**
   * Resolved references, by `Type/id`: groups, care teams, practitioner roles, related persons, provenances, and the
   * patient's other resources for `related` and `dependents`.
   */
  readonly resources?: ReadonlyMap<string, Resource>
  /** Who holds each of these, as `Organization/id`: what the recipient holds it can rewrite. */
  readonly heldBy?: ReadonlyMap<string, string>
  /** Of SNOMED CT concepts that consents name, all that lie below; of others nobody here can tell. */
  readonly snomedBelow?: ReadonlyMap<string, ReadonlySet<string>>
}
