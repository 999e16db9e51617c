/**
 * Writes the pages that repeat code: settings, error codes, reasons, and the import table in ARCHITECTURE.md. With
 * `--check` it writes nothing, names each page that is stale, and exits with 1 if there is one.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { generatedPages } from './docs/generated-pages.ts'

const root = new URL('../', import.meta.url)
const { values: options } = parseArgs({ options: { check: { type: 'boolean' } } })

const stale = [...generatedPages((path) => readFileSync(new URL(path, root), 'utf8'))].filter(
  ([path, text]) => text !== present(path),
)
for (const [path, text] of stale) {
  if (options.check) {
    process.stderr.write(`${path} is stale: run \`node scripts/docs.ts\` and commit it\n`)
    process.exitCode = 1
  } else {
    writeFileSync(new URL(path, root), text)
    process.stdout.write(`wrote ${path}\n`)
  }
}

function present(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, root), 'utf8')
  } catch {
    return undefined
  }
}
