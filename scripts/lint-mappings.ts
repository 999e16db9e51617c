/** Prints what the lint finds in `mappings/`, a line each, and ends with 1 when there is anything. */
import { readFileSync } from 'node:fs'
import { indexStructureDefinitionBundle } from '@medplum/core'
import { readLawFiles } from '#assets/law.ts'
import { readMappings } from '#assets/mappings.ts'
import { lintLawFiles } from '#law/law-files.ts'
import { lintMappings } from '#mapping/compile.ts'

const root = new URL('../', import.meta.url)
indexStructureDefinitionBundle(
  JSON.parse(readFileSync(new URL('profiles/generated/r4-definitions.json', root), 'utf8')),
)
const assets = readMappings(new URL('mappings/', root))
const faults = lintMappings(assets)
for (const { file, line, rule, message } of faults) console.log(`mappings/${file}:${line} ${rule} ${message}`)
const lawFiles = readLawFiles(root)
const lawFaults = lintLawFiles(lawFiles)
for (const fault of lawFaults) console.log(fault)
const findings = faults.length + lawFaults.length
console.log(
  `${assets.maps.length} maps, ${assets.conceptMaps.length} concept maps and ${lawFiles.length} files of law, ${findings} findings`,
)
process.exitCode = findings === 0 ? 0 : 1
