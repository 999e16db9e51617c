/**
 * A map as its text has it, with lines: the engine's own parser drops what it does not understand, so the lint reads
 * the text itself. https://hl7.org/fhir/R4/mapping-language.html
 */
export interface MapText {
  readonly url: string
  readonly uses: readonly { readonly url: string; readonly mode: string; readonly line: number }[]
  readonly groups: readonly MapGroup[]
  /** Clauses that the engine reads and does not obey, such as `extends`; each is a finding. */
  readonly ignored: readonly IgnoredClause[]
}

export interface IgnoredClause {
  readonly clause: string
  readonly line: number
}

export interface MapGroup {
  readonly line: number
  readonly name: string
  readonly inputs: readonly { readonly mode: string; readonly name: string; readonly type?: string }[]
  readonly rules: readonly MapRule[]
}

export interface MapRule {
  readonly line: number
  readonly sources: readonly MapSource[]
  readonly targets: readonly MapTarget[]
  readonly rules: readonly MapRule[]
  readonly calls: readonly MapCall[]
}

export interface MapSource {
  readonly line: number
  readonly path: readonly string[]
  readonly listMode?: string
  readonly variable?: string
  readonly where?: Condition
  readonly hasCheck: boolean
}

/** `equals` is set when the condition has the one safe form, `variable = literal`. */
export interface Condition {
  readonly equals?: { readonly variable: string }
}

export interface MapTarget {
  readonly line: number
  readonly path: readonly string[]
  readonly transform?: Transform
  readonly variable?: string
}

export type Transform =
  | { readonly kind: 'literal' }
  | { readonly kind: 'copy'; readonly variable: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Argument[] }
  | { readonly kind: 'fhirpath' }

export type Argument =
  { readonly kind: 'literal'; readonly value: string } | { readonly kind: 'variable'; readonly name: string }

export interface MapCall {
  readonly line: number
  readonly name: string
  readonly args: readonly string[]
}
