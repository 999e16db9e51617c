import { TransformMapCollection, parseMappingLanguage } from '@medplum/core'
import type { StructureMap } from '@medplum/fhirtypes'
import { indexEngineTypes } from './engine-types.ts'
import type { Translation } from './lint-group.ts'
import { lintConceptMap } from './lint-concept-map.ts'
import { analyseMap } from './lint-map.ts'
import type { MappingAssets } from './mapping-assets.ts'
import type { RecordSchema } from './record-schema.ts'

/** Maps that passed the lint: made by `compileMaps()` alone. */
export interface CompiledMaps {
  readonly maps: ReadonlyMap<string, CompiledMap>
  readonly collection: TransformMapCollection
}

export interface CompiledMap {
  readonly structureMap: StructureMap
  readonly recordSchema: RecordSchema
  readonly translations: readonly Translation[]
}

/** One line of `npm run lint:mappings`. */
interface MappingFault {
  /** Path below `mappings/`. */
  readonly file: string
  readonly line: number
  readonly rule: string
  readonly message: string
}

/**
 * Lints and parses every map, once, at start. Throws with one line per fault: a map with a fault never runs. The R4
 * definitions must have been indexed (`indexStructureDefinitionBundle`), or every map is at fault.
 */
export function compileMaps(assets: MappingAssets): CompiledMaps {
  const faults = lintMappings(assets)
  if (faults.length > 0) {
    const lines = faults.map(({ file, line, rule, message }) => `mappings/${file}:${line} ${rule} ${message}`)
    throw new Error(`the mappings have ${faults.length} faults:\n${lines.join('\n')}`)
  }
  indexEngineTypes()
  const conceptMaps = assets.conceptMaps.map((asset) => asset.conceptMap)
  const maps = new Map<string, CompiledMap>()
  for (const { name, text, recordSchema } of assets.maps) {
    const { translations } = analyseMap(text, { recordSchema })
    maps.set(name, { structureMap: parseMappingLanguage(text), recordSchema, translations })
  }
  return { maps, collection: new TransformMapCollection(conceptMaps) }
}

/** Every fault of the maps and concept maps, in the order of the files. */
export function lintMappings(assets: MappingAssets): MappingFault[] {
  const urls = new Set(assets.conceptMaps.flatMap(({ conceptMap }) => conceptMap.url ?? []))
  return [
    ...assets.maps.flatMap(({ name, text, recordSchema }) =>
      analyseMap(text, { recordSchema, conceptMaps: urls }).findings.map((found) => ({
        file: `${name}.map`,
        ...found,
      })),
    ),
    ...assets.conceptMaps.flatMap(({ name, conceptMap }) =>
      lintConceptMap(conceptMap).map((message) => ({
        file: `${name}.conceptmap.json`,
        line: 1,
        rule: 'concept-map',
        message,
      })),
    ),
  ]
}
