/** A rule of national law as it stands in `mappings/law`: its source, its dates, and what it asks of a disclosure. */
import type { Jurisdiction, LawRuleId, StatutoryBasis } from './legal-frame.ts'

/** Whose law a unit works under: in Denmark health or social law, in Norway within or outside the cooperating personnel. */
export type Field = 'health' | 'social' | 'cooperating' | 'outside'

export const fieldsOf: Readonly<Record<Jurisdiction, readonly Field[]>> = {
  DK: ['health', 'social'],
  NO: ['cooperating', 'outside'],
}

/** What a consent can name. */
export type NamedElement = 'purpose' | 'recipient' | 'information'

/** Units of a field of law, or of these types. */
export interface Among {
  readonly field?: Field
  readonly unitTypes?: readonly string[]
}

export interface ConsentEffect {
  readonly kind: 'consent'
  readonly to: Field
  readonly from?: Field
  readonly pull?: true
  readonly basis?: string
  readonly form?: 'any' | 'written'
  readonly lapsesAfterYears?: number
  readonly prior?: true
  readonly mustName?: readonly NamedElement[]
}

export interface StatutoryEffect {
  readonly kind: 'statutory'
  readonly code: string
  readonly from: Among
  readonly to: Among
  readonly demands: StatutoryBasis['demands']
  readonly eventOnly?: true
  readonly informPatient?: true
}

export type LawEffect =
  | ConsentEffect
  | StatutoryEffect
  | { readonly kind: 'age'; readonly years: number }
  | { readonly kind: 'override'; readonly grounds: readonly string[] }
  | { readonly kind: 'capture'; readonly mustName: readonly NamedElement[] }

export interface LawRule {
  readonly id: LawRuleId
  readonly title: string
  readonly source: string
  readonly validFrom: string
  readonly validTo?: string
  readonly validFromIs: 'commencement' | 'ours'
  readonly status: 'on' | 'off'
  readonly why?: string
  readonly note?: string
  readonly honouredBy?: string
  readonly effects?: readonly LawEffect[]
}

export interface LawFile {
  readonly title: string
  readonly jurisdiction: Jurisdiction | 'EU'
  readonly unitTypeRule?: LawRuleId
  readonly denyCoversParents?: boolean
  readonly rules: readonly LawRule[]
}

const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/

/** Both ends are inclusive (T1). A day that is none is in no rule's time. */
export function isInForce({ validFrom, validTo }: LawRule, day: string): boolean {
  return DAY.test(day) && validFrom <= day && (validTo === undefined || day <= validTo)
}
