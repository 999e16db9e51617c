import type { ConceptMap } from '@medplum/fhirtypes'
import type { RecordSchema } from './record-schema.ts'

/** What `mappings/` holds, read once at start and handed to `compileMaps()`. */
export interface MappingAssets {
  readonly maps: readonly MapAsset[]
  readonly conceptMaps: readonly ConceptMapAsset[]
}

interface MapAsset {
  /** Path below `mappings/` without its ending: `hospital/AdtToEncounter`. */
  readonly name: string
  /** FHIR Mapping Language, https://hl7.org/fhir/R4/mapping-language.html. */
  readonly text: string
  /** What the adapter's parser hands over: the content of `<name>.record.json`. */
  readonly recordSchema: RecordSchema
}

interface ConceptMapAsset {
  readonly name: string
  readonly conceptMap: ConceptMap
}
