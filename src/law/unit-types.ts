/** What a unit does, and which law that makes of it: the content of `mappings/law/unit-types.json`. */
import type { Field } from './law-rule.ts'
import type { Jurisdiction } from './legal-frame.ts'

export interface UnitType {
  readonly code: string
  readonly display: Readonly<Record<'da' | 'nb' | 'en', string>>
  /** A country that is absent lets such a unit receive nothing. */
  readonly field: Readonly<Partial<Record<Jurisdiction, Field>>>
  /** What it is a kind of. */
  readonly broader?: string
  readonly source?: string
  readonly note?: string
}

/** A register of organisations, known by the systems of its numbers. */
export interface Register {
  readonly name: string
  readonly systems: readonly string[]
  /** Only numbers that begin so are of it. */
  readonly startsWith?: string
  readonly jurisdiction: Jurisdiction
  /** What a unit must be to be in it. */
  readonly unitType?: string
}

/** A foreign code of `Organization.type`. Without a unit type: units under different laws carry it. */
export interface ForeignCoding {
  readonly system: string
  readonly code: string
  readonly unitType?: string
}

export interface UnitTypesFile {
  readonly title: string
  readonly unitTypes: readonly UnitType[]
  readonly codings: readonly ForeignCoding[]
  readonly registers: readonly Register[]
  readonly countries: Readonly<Record<Jurisdiction, readonly string[]>>
}
