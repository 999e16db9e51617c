import type { PersonIdentifier } from '#fhir/person-identifier.ts'

/**
 * What an adapter's parser hands to the maps: flat, plain JSON, dates in ISO form, code systems and references ready.
 * Maps only name what goes where; see docs/adr on mapping files with guard rails.
 */
export type SourceValue = string | number | boolean | SourceRecord | readonly SourceValue[]
export interface SourceRecord {
  readonly [element: string]: SourceValue | undefined
}

export type { PersonIdentifier }

/** One resource to be: the map that makes it, the record, and the key by which the source knows it. */
export interface SourceEntry {
  /** Path of the map below `mappings/`, without its ending: `hospital/AdtToEncounter`. */
  readonly map: string
  /**
   * The source's own key of this resource, such as a visit number: the same key from the same organisation is the
   * same resource. Unique per resource type within the organisation. Never a national id.
   */
  readonly key: string
  readonly record: SourceRecord
  /**
   * Where a coded element of the record stood in the source, so that an unknown code is reported where its sender
   * can find it: `{ patientClass: 'PV1-2' }`. Handed to `transform()`.
   */
  readonly fields?: SourceFields
}

/** Record element (`efforts.status` for an element of a list's items) to the source's own name of the field. */
export type SourceFields = Readonly<Record<string, string>>

/** The formats that Sluse reads; one adapter route each. */
export type SourceFormat =
  | 'hl7v2-adt'
  | 'medcom-hospitalnotification'
  | 'municipality-record'
  | 'kl-careplan'
  | 'medcom-conditionlist'
  | 'gp-contact'

export interface SourceMessage {
  readonly format: SourceFormat
  /** The sender's id of the message: with the client it is the idempotency key. */
  readonly messageId: string
  readonly patient: PersonIdentifier
  readonly entries: readonly SourceEntry[]
  /** What was tolerated and how it was read, for the receipt: never patient data. */
  readonly warnings: readonly string[]
}

/** Another resource of the same source, before ids are known; intake replaces it by `Type/id`. */
export function sourceReference(resourceType: string, key: string): string {
  return `urn:sluse:source:${resourceType}/${encodeURIComponent(key)}`
}
