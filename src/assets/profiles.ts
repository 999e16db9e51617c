import { readFileSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { StructureDefinition } from '@medplum/fhirtypes'
import type { ProfileAssets } from '#fhir/profile-assets.ts'
import type { RequiredCodes } from '#fhir/required-codes.ts'

/**
 * Reads what `npm run profiles` made, once, at start. `root` is the folder that holds `profiles/`.
 * @throws Error naming the file that is absent or unreadable.
 */
export function readProfiles(root: URL | string): ProfileAssets {
  const base = typeof root === 'string' ? pathToFileURL(root.endsWith('/') ? root : `${root}/`) : root
  const folder = new URL('profiles/generated/', base)
  const names = readdirSync(folder).filter((name) => name.startsWith('StructureDefinition-'))
  if (names.length === 0)
    throw new Error(`no profile in ${folder.pathname}; make them with \`npm run profiles\``)
  // The types are taken on trust: the files are our own, and `npm run check` fails when they are not what the build makes.
  const definitions: StructureDefinition[] = readJson('r4-definitions.json', folder)
  const profiles: StructureDefinition[] = names.sort().map((name) => readJson(name, folder))
  const requiredCodes: RequiredCodes = readJson('required-codes.json', folder)
  return { definitions, profiles, requiredCodes }
}

function readJson(name: string, folder: URL): ReturnType<typeof JSON.parse> {
  const url = new URL(name, folder)
  try {
    return JSON.parse(readFileSync(url, 'utf8'))
  } catch (error) {
    throw new Error(`cannot read ${url.pathname}; make it with \`npm run profiles\``, { cause: error })
  }
}
