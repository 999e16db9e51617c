/** The question put to `decide()`: who asks for whose data, held by whom, for what. */

/** One party by everything it is known as; a match on any of these is a match. */
export interface Party {
  readonly references: readonly string[]
  readonly identifiers: readonly { readonly system: string; readonly value: string }[]
  /** The organisation chain up to the legal entity, nearest first. */
  readonly parents: readonly Party[]
}

export interface AccessRequest {
  /** `Patient/<subject uuid>`. */
  readonly patient: string
  readonly recipient: Party
  readonly custodian: Party
  /** The custodian's, for dates without a time. */
  readonly timeZone: string
  /** v3-ActReason. */
  readonly purposeOfUse: readonly string[]
  /** `disclose` for a push, `access` for a pull. */
  readonly action: 'disclose' | 'access'
  /** The instant of the decision. */
  readonly now: string
}
