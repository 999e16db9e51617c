import { readFileSync } from 'node:fs'
import { indexStructureDefinitionBundle } from '@medplum/core'

const file = new URL('../../profiles/generated/r4-definitions.json', import.meta.url)

/** What the process does at start: without the definitions neither the engine nor the lint knows what is a list. */
export function indexDefinitions(): void {
  indexStructureDefinitionBundle(JSON.parse(readFileSync(file, 'utf8')))
}
