/** Prints what the lint finds in `mappings/`, a line each, and ends with 1 when there is anything. */
import { readFileSync } from 'node:fs'
import { indexStructureDefinitionBundle } from '@medplum/core'
import { readMappings } from '#assets/mappings.ts'
import { lintMappings } from '#mapping/compile.ts'

const root = new URL('../', import.meta.url)
indexStructureDefinitionBundle(
  JSON.parse(readFileSync(new URL('profiles/generated/r4-definitions.json', root), 'utf8')),
)
const assets = readMappings(new URL('mappings/', root))
const faults = lintMappings(assets)
for (const { file, line, rule, message } of faults) console.log(`mappings/${file}:${line} ${rule} ${message}`)
console.log(
  `${assets.maps.length} maps and ${assets.conceptMaps.length} concept maps, ${faults.length} findings`,
)
process.exitCode = faults.length === 0 ? 0 : 1
