/**
 * Builds `profiles/generated` from `profiles/*.fsh` and the R4 definitions. With `--check` it writes nothing, names
 * each file that is stale, and exits with 1 if there is one. `--out FOLDER` is another place to write or check. Why: docs/adr/0005-fsh-as-source.md
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { expandRequiredCodes } from './profiles/expand-required-codes.ts'
import { isObject, readR4 } from './profiles/r4-source.ts'
import type { JsonObject } from './profiles/r4-source.ts'
import { runSushi } from './profiles/run-sushi.ts'
import { isNeeded, trimDefinition } from './profiles/trim-definition.ts'

const profiles = fileURLToPath(new URL('../profiles', import.meta.url))
const { values: options } = parseArgs({ options: { check: { type: 'boolean' }, out: { type: 'string' } } })
const generated = options.out ?? join(profiles, 'generated')

const files = build()
if (options.check) report(stale(files))
else write(files)

function build(): Map<string, string> {
  const definitions = [...readR4('profiles-types.json'), ...readR4('profiles-resources.json')].filter(
    (resource) => resource['resourceType'] === 'StructureDefinition',
  )
  const terminology = [...readR4('valuesets.json'), ...readR4('v3-codesystems.json')]
  const trimmed = definitions.filter(isNeeded).map(trimDefinition)
  const compiled = runSushi(profiles, definitions)
  return new Map([
    ['r4-definitions.json', linePerItem(trimmed)],
    ['required-codes.json', linePerEntry(expandRequiredCodes([...trimmed, ...compiled], terminology))],
    ...compiled.map((profile): [string, string] => [
      `StructureDefinition-${String(profile['id'])}.json`,
      `${JSON.stringify(profile, null, 2)}\n`,
    ]),
  ])
}

function stale(expected: ReadonlyMap<string, string>): string[] {
  const present = existsSync(generated) ? readdirSync(generated) : []
  const old = present.filter((name) => !expected.has(name))
  const changed = [...expected].filter(
    ([name, text]) => !present.includes(name) || readFileSync(join(generated, name), 'utf8') !== text,
  )
  return [...old, ...changed.map(([name]) => name)].sort()
}

function report(names: readonly string[]): void {
  for (const name of names)
    console.error(`profiles/generated/${name} is stale: run \`npm run profiles\` and commit it`)
  if (names.length > 0) process.exitCode = 1
}

function write(expected: ReadonlyMap<string, string>): void {
  rmSync(generated, { recursive: true, force: true })
  mkdirSync(generated, { recursive: true })
  for (const [name, text] of expected) writeFileSync(join(generated, name), text)
  const bytes = [...expected.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  console.log(`profiles/generated: ${expected.size} files, ${(bytes / 1e6).toFixed(1)} MB`)
}

/** One definition, or one value set, to a line: small files, and a diff that shows which one changed. */
function linePerItem(items: readonly JsonObject[]): string {
  return `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]\n`
}

function linePerEntry(object: object): string {
  const sections = Object.entries(object).map(([name, value]) => {
    const lines = Object.entries(isObject(value) ? value : {}).map(
      ([key, entry]) => `    ${JSON.stringify(key)}: ${JSON.stringify(entry)}`,
    )
    return `  ${JSON.stringify(name)}: {\n${lines.join(',\n')}\n  }`
  })
  return `{\n${sections.join(',\n')}\n}\n`
}
