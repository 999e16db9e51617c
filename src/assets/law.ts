/** Reads the national rules of `mappings/law` once, at start. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileLaw, type LawBook } from '#law/law-book.ts'
import { type NamedFile, parseLawFiles } from '#law/law-files.ts'

/**
 * `root` is the project's root, `statutoryBases` what this deployment has switched on.
 * @throws when a file is malformed: a rule that is not understood is not skipped.
 */
export function readLaw(root: URL | string, statutoryBases: readonly string[]): LawBook {
  const files = readLawFiles(root)
  const hash = createHash('sha256')
  for (const { name, content } of files) hash.update(`${name}\0${JSON.stringify(content)}\0`)
  return compileLaw(hash.digest('hex').slice(0, 12), parseLawFiles(files), statutoryBases)
}

export function readLawFiles(root: URL | string): readonly NamedFile[] {
  const folder = join(typeof root === 'string' ? root : fileURLToPath(root), 'mappings', 'law')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ name, content: parse(name, readFileSync(join(folder, name), 'utf8')) }))
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`mappings/law/${name} is not JSON`, { cause })
  }
}
