/** Reads the labelling rules of `mappings/codes` once, at start. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseRuleFile } from '#label/rule-file.ts'
import { compileLabelRules, type LabelRuleSet } from '#label/rule-set.ts'

/** Raise it when the code of `src/label` would label the same data with the same rules differently. */
const LABELLER = 7

/** `root` is the project's root. The version follows from the rules themselves, so that no change of them is forgotten. */
export function readLabelRules(root: URL | string): LabelRuleSet {
  const folder = join(typeof root === 'string' ? root : fileURLToPath(root), 'mappings', 'codes')
  const hash = createHash('sha256')
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8')
      hash.update(`${name}\0${text}\0`)
      return parseRuleFile(name, JSON.parse(text))
    })
  if (files.length === 0)
    throw new Error(`no labelling rules in mappings/codes: put back the *.json files of the release`)
  return compileLabelRules(`${LABELLER}-${hash.digest('hex').slice(0, 12)}`, files)
}
