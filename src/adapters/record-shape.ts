/** What `record-parts.schema.json` describes, as types. */
export interface PersonPart {
  readonly id?: { readonly scheme: string; readonly value: string }
}

export interface OrganizationPart {
  readonly scheme: string
  readonly value: string
  readonly name?: string
}

export interface CodePart {
  readonly system: string
  readonly code: string
  readonly display?: string
}

export interface ContactPart {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly from?: string
  readonly until?: string
  readonly provider?: OrganizationPart
  readonly reasons?: readonly CodePart[]
}

export interface EffortPart {
  readonly id: string
  readonly kind?: string
  readonly text: string
  readonly code?: CodePart
  readonly status: string
  readonly from?: string
  readonly until?: string
  readonly responsible?: OrganizationPart
  readonly goals?: readonly string[]
  readonly contacts?: readonly string[]
}

export interface ConsentPart {
  readonly id: string
  readonly given: string
  readonly form: string
  readonly from?: string
  readonly until?: string
  readonly recipients: readonly OrganizationPart[]
  readonly purposes: readonly string[]
  readonly what: readonly string[]
  readonly sensitivities: readonly string[]
  readonly legalBasis: string
  readonly evidence?: {
    readonly system?: string
    readonly value: string
    readonly contentType?: string
    readonly hash?: string
    readonly witness?: { readonly system: string; readonly value: string }
  }
  readonly whyOral?: string
  readonly withdrawn?: string
}
