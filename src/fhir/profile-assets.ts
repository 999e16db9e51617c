import type { StructureDefinition } from '@medplum/fhirtypes'
import type { RequiredCodes } from './required-codes.ts'

/** What `npm run profiles` makes and validation reads. */
export interface ProfileAssets {
  /** The R4 data types and resources that Sluse accepts. */
  readonly definitions: readonly StructureDefinition[]
  /** Our profiles, with snapshots. */
  readonly profiles: readonly StructureDefinition[]
  readonly requiredCodes: RequiredCodes
}
