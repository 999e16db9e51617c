/** The import table, the code and ARCHITECTURE.md agree; and the tools that say so can still see. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CarePlan } from '@medplum/fhirtypes'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '#exchange/answer.ts'
import { composition, cruiseOptions, layers, renderImportTable } from '#test/import-rules.ts'
import { sourceFaults, sourceRuleNames } from '#test/source-rules.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const SRC = join(ROOT, 'src')

/** There were 217 files when this was written. A parser that sees nothing reports no violation either. */
const FEWEST_FILES = 200

async function cruised(root: string): Promise<ICruiseResult> {
  const { output } = await cruise(['src'], cruiseOptions(root))
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text')
  return output
}

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

describe('the code', () => {
  let result: ICruiseResult
  beforeAll(async () => {
    result = await cruised(ROOT)
  })

  test('is seen whole by dependency-cruiser', () => {
    const seen = result.modules.map(({ source }) => source).filter((source) => /^src\/.*\.ts$/.test(source))
    expect(seen.toSorted()).toEqual(sources.map((file) => `src/${file}`).toSorted())
    expect(seen.length).toBeGreaterThan(FEWEST_FILES)
    expect(result.summary.totalDependenciesCruised).toBeGreaterThan(2 * FEWEST_FILES)
  })

  test('keeps every import rule', () => {
    const found = result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)
    expect(found).toEqual([])
  })

  test('has no folder without a row in the table', () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).toSorted()).toEqual(Object.keys(layers).toSorted())
  })

  test('uses every import that the table allows: an allowance that nobody needs is a hole', () => {
    const used = importsOf(result)
    const idle = [...Object.entries(layers), ['', composition] as const].flatMap(([folder, allowed]) =>
      [...allowed.folders, ...allowed.packages]
        .filter((name) => !(used.get(folder) ?? []).some((one) => matches(one, name)))
        .map((name) => `${folder || 'src/*.ts'} does not use ${name}`),
    )
    expect(idle).toEqual([])
  })

  test('has no hidden input in a pure folder, and few files that read the environment, answer, or open a Disclosure', () => {
    const texts = new Map(sources.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]))
    expect(texts.size).toBeGreaterThan(FEWEST_FILES)
    expect(sourceFaults(texts)).toEqual([])
  })

  test('cannot answer with a resource that nobody released', () => {
    const plan: CarePlan = { resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: {} }
    // @ts-expect-error -- tsc, in `npm run check`, fails when this begins to compile.
    const bare: Answer = { status: 200, disclosure: { resource: plan } }
    // @ts-expect-error -- nor as a resource that holds no clinical content
    const posed: Answer = { status: 200, nonClinical: plan }
    expect([bare.status, posed.status]).toEqual([200, 200])
  })
})

/** What each folder imports from others: folder names, and packages as they are written. `''` is `src/*.ts`. */
function importsOf({ modules }: ICruiseResult): ReadonlyMap<string, readonly string[]> {
  const used = new Map<string, string[]>()
  for (const { source, dependencies } of modules) {
    if (!source.startsWith('src/')) continue
    const folder = /^src\/([^/]+)\//.exec(source)?.[1] ?? ''
    for (const { module, resolved, dependencyTypes } of dependencies) {
      const other = /^src\/([^/]+)\//.exec(resolved)?.[1]
      const name = dependencyTypes.includes('core')
        ? `node:${module.replace(/^node:/, '')}`
        : (other ?? module)
      used.set(folder, [...(used.get(folder) ?? []), name])
    }
  }
  return used
}

function matches(used: string, allowed: string): boolean {
  return allowed.endsWith('*')
    ? used.startsWith(allowed.slice(0, -1))
    : used === allowed || used.startsWith(`${allowed}/`)
}

describe('ARCHITECTURE.md', () => {
  test('shows the table that the rules are made from', () => {
    const document = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
    const table = /<!-- import-rules:begin[^>]*-->\n([\s\S]*?)\n<!-- import-rules:end -->/.exec(document)?.[1]
    expect(table).toBe(renderImportTable())
  })
})

/** Each file breaks one rule. `on` is what must be said of it; none: the file is clean. */
const planted: readonly { readonly file: string; readonly text: string; readonly on?: string }[] = [
  { file: 'consent/decide.ts', text: 'export const decide = 1' },
  {
    file: 'redact/disclosure.ts',
    text: "import { redact } from './redact.ts'\nexport const release = redact",
  },
  { file: 'redact/redact.ts', text: 'export const redact = 1' },
  { file: 'consent/reason.ts', text: 'export const reason = 1' },
  { file: 'store/resources.ts', text: "import pg from 'pg'\nexport const findResource = pg" },
  {
    file: 'store/seal.ts',
    text: "import { createHmac } from 'node:crypto'\nexport type Seal = typeof createHmac",
  },
  { file: 'egress/post.ts', text: "import { request } from 'undici'\nexport const post = request" },
  {
    file: 'fhir/outcome.ts',
    text: "import type { Resource } from '@medplum/fhirtypes'\nexport type Held = Resource",
  },
  {
    file: 'exchange/decide-stored.ts',
    text: "import { decide } from '#consent/decide.ts'\nexport const decideStored = decide",
  },
  {
    file: 'exchange/disclose.ts',
    text: "import { release } from '#redact/disclosure.ts'\nexport const disclose = release",
  },
  {
    file: 'exchange/through-the-door.ts',
    text: "import { disclose } from './disclose.ts'\nexport const read = disclose",
  },

  {
    file: 'consent/reads-store.ts',
    text: "import { findResource } from '#store/resources.ts'\nexport const x = findResource",
    on: 'folder-consent',
  },
  {
    file: 'consent/type-of-store.ts',
    text: "import type { Seal } from '#store/seal.ts'\nexport type X = Seal",
    on: 'folder-consent',
  },
  {
    file: 'consent/type-of-pg.ts',
    text: "import type { Pool } from 'pg'\nexport type X = Pool",
    on: 'folder-consent',
  },
  {
    file: 'consent/reads-disk.ts',
    text: "import { readFileSync } from 'node:fs'\nexport const x = readFileSync",
    on: 'folder-consent',
  },
  {
    file: 'consent/new-package.ts',
    text: "import x from 'left-pad'\nexport const y = x",
    on: 'folder-consent',
  },
  { file: 'consent/later.ts', text: "export const x = () => import('#store/seal.ts')", on: 'folder-consent' },
  { file: 'fhir/knows-consent.ts', text: "export { reason } from '#consent/reason.ts'", on: 'folder-fhir' },
  {
    file: 'fhir/lookalike.ts',
    text: "import x from '@medplum/core-extra'\nexport const y = x",
    on: 'folder-fhir',
  },
  {
    file: 'adapters/decides.ts',
    text: "import { reason } from '#consent/reason.ts'\nexport const x = reason",
    on: 'folder-adapters',
  },
  {
    file: 'exchange/maps.ts',
    text: "import { x } from '#mapping/map.ts'\nexport const y = x",
    on: 'folder-exchange',
  },
  { file: 'mapping/map.ts', text: 'export const x = 1' },
  {
    file: 'queue/reads.ts',
    text: "import type { Seal } from '#store/seal.ts'\nexport type X = Seal",
    on: 'folder-queue',
  },
  {
    file: 'queue/posts.ts',
    text: "import { request } from 'undici'\nexport const x = request",
    on: 'folder-queue',
  },
  { file: 'exchange/asks-sql.ts', text: "import pg from 'pg'\nexport const x = pg", on: 'folder-exchange' },
  {
    file: 'http/asks-above.ts',
    text: "import { x } from '../start.ts'\nexport const y = x",
    on: 'folder-http',
  },
  { file: 'start.ts', text: 'export const x = 1' },
  {
    file: 'main.ts',
    text: "import { reason } from '#consent/reason.ts'\nexport const x = reason",
    on: 'composition',
  },
  {
    file: 'exchange/decides-itself.ts',
    text: "import { decide } from '#consent/decide.ts'\nexport const x = decide",
    on: 'one-door-decide',
  },
  { file: 'consent/side-entrance.ts', text: "export { decide } from './decide.ts'", on: 'one-door-decide' },
  {
    file: 'exchange/releases.ts',
    text: "import { release } from '#redact/disclosure.ts'\nexport const x = release",
    on: 'one-door-release',
  },
  {
    file: 'exchange/redacts.ts',
    text: "import { redact } from '#redact/redact.ts'\nexport const x = redact",
    on: 'one-door-redact',
  },
  {
    file: 'http/reads-content.ts',
    text: "import { findResource } from '#store/resources.ts'\nexport const x = findResource",
    on: 'stored-content',
  },
  {
    file: 'exchange/posts.ts',
    text: "import { post } from '#egress/post.ts'\nexport const x = post",
    on: 'one-way-out',
  },
  {
    file: 'audit/chicken.ts',
    text: "import { egg } from './egg.ts'\nexport const chicken = egg",
    on: 'no-circular',
  },
  {
    // A cycle is reported once, where it was first entered.
    file: 'audit/egg.ts',
    text: "import type { chicken } from './chicken.ts'\nexport const egg: typeof chicken | 1 = 1",
  },
]

describe('a planted violation', () => {
  const root = mkdtempSync(join(tmpdir(), 'sluse-planted-'))
  let found: readonly { readonly file: string; readonly rule: string }[] = []
  beforeAll(async () => {
    const { imports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { imports: object }
    writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module', imports }))
    for (const { file, text } of planted) {
      mkdirSync(dirname(join(root, 'src', file)), { recursive: true })
      writeFileSync(join(root, 'src', file), `${text}\n`)
    }
    const { summary } = await cruised(root)
    found = summary.violations.map(({ rule, from }) => ({ file: from, rule: rule.name }))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test.each(planted.filter(({ on }) => on !== undefined))('in $file is caught by $on', ({ file, on }) => {
    expect(found).toContainEqual({ file: `src/${file}`, rule: on })
  })

  test.each(planted.filter(({ on }) => on === undefined))(
    'is not seen in $file, which is clean',
    ({ file }) => {
      expect(found.filter((one) => one.file === `src/${file}`)).toEqual([])
    },
  )
})

const plantedLines: readonly { readonly rule: string; readonly file: string; readonly line: string }[] = [
  { rule: 'pure-clock', file: 'consent/x.ts', line: 'const now = new Date()' },
  { rule: 'pure-clock', file: 'audit/x.ts', line: 'const at = Date.now()' },
  { rule: 'pure-clock', file: 'audit/x.ts', line: 'const at = Date()' },
  { rule: 'pure-time-zone', file: 'consent/x.ts', line: 'const hour = instant.getHours()' },
  { rule: 'pure-time-zone', file: 'label/x.ts', line: 'const day = new Date(2026, 0, 31)' },
  { rule: 'pure-randomness', file: 'mapping/x.ts', line: 'const id = crypto.randomUUID()' },
  { rule: 'pure-process', file: 'fhir/x.ts', line: "const zone = process.env['TZ']" },
  { rule: 'pure-process', file: 'audit/x.ts', line: "Buffer.from('x')" },
  { rule: 'pure-timers', file: 'fhir/x.ts', line: 'setTimeout(run, 1)' },
  { rule: 'pure-io', file: 'mapping/x.ts', line: "await fetch('https://sluse.example')" },
  { rule: 'environment', file: 'store/x.ts', line: "const url = process.env['DATABASE_URL']" },
  { rule: 'answer-writer', file: 'exchange/x.ts', line: 'response.status(200).json(stored.content)' },
  { rule: 'answer-writer', file: 'http/x.ts', line: 'response.end(JSON.stringify(stored))' },
  { rule: 'disclosure-opened', file: 'exchange/x.ts', line: 'log(disclosure.resource)' },
  { rule: 'forged-disclosure', file: 'exchange/x.ts', line: 'const d = stored as unknown as Disclosure' },
  { rule: 'forged-transaction', file: 'exchange/x.ts', line: 'run(database as Transaction)' },
  { rule: 'forged-requester', file: 'http/x.ts', line: 'const requester = claims as Requester' },
  {
    rule: 'disclosure-opened',
    file: 'exchange/x.ts',
    line: 'return disclosures.map(({ resource }) => resource)',
  },
  { rule: 'disclosure-opened', file: 'exchange/x.ts', line: 'const { resource } = judged.disclosure' },
]

describe('a planted line', () => {
  test.each(plantedLines)('of $file, $line, is caught by $rule', ({ rule, file, line }) => {
    expect(sourceFaults(new Map([[file, `${line}\n`]]))).toContain(`${rule} ${file}: ${line}`)
  })

  test('is there for every rule', () => {
    expect([...new Set(plantedLines.map(({ rule }) => rule))].toSorted()).toEqual(sourceRuleNames.toSorted())
  })

  test.each([
    ['consent/x.ts', 'const at = new Date(request.now)'],
    ['consent/x.ts', '// new Date() is not here\nconst hour = instant.getUTCHours()'],
    ['consent/x.ts', '/** Date.now() in words only */'],
    ['start.ts', 'now: () => new Date(),'],
    ['start.ts', 'else response.writeHead(404).end()'],
    ['exchange/respond.ts', 'write(response, answer.disclosure.resource)'],
  ])('that is none, in %s, is let pass', (file, text) => {
    expect(sourceFaults(new Map([[file, text]]))).toEqual([])
  })
})
