/** What the documents say about the code is true: pages made from it are fresh, and what they name exists. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { sectorRoutes } from '#adapters/sector-routes.ts'
import { settings } from '#config/settings.ts'
import { reasons } from '#consent/decision.ts'
import { subscriptionTopics } from '#exchange/subscription-topics.ts'
import { errors } from '#fhir/gateway-error.ts'
import { heldTypes } from '#fhir/held-types.ts'
import { searchParametersOf } from '#fhir/search-parameters.ts'
import { fhirRoutes } from '#exchange/interactions.ts'
import { openAddresses } from '#test/open-addresses.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const documents = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].toSorted()

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** The cells of a column of a page's tables, without marks. */
function column(page: string, at: number): string[] {
  const rows = page.split('\n').filter((line) => /^\| [`[]/.test(line))
  return rows.map((line) => (line.split(/(?<!\\)\|/)[at + 1] ?? '').trim())
}

function inBackticks(cell: string): string {
  return /`([^`]+)`/.exec(cell)?.[1] ?? ''
}

describe('a page made from code', () => {
  test('is fresh: `node scripts/docs.ts --check` finds nothing', () => {
    const output = execFileSync(process.execPath, ['scripts/docs.ts', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect(output).toBe('')
  })

  test('lists every setting, and no other', () => {
    expect(column(read('docs/configuration.md'), 0).map(inBackticks)).toEqual(
      settings.map(({ name }) => name),
    )
  })

  test('lists every error code with its status, and no other', () => {
    const page = read('docs/errors.md')
    expect(column(page, 0).map(inBackticks)).toEqual(Object.keys(errors))
    expect(column(page, 1).map(Number)).toEqual(Object.values(errors).map(({ status }) => status))
  })

  test('lists no error code that nothing answers with', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== 'fhir/gateway-error.ts')
      .map((file) => read(`src/${file}`))
    expect(Object.keys(errors).filter((code) => !sources.some((text) => text.includes(`'${code}'`)))).toEqual(
      [],
    )
  })

  test('says what each error means and what to do, in the style of the errors themselves', () => {
    const page = read('docs/errors.md')
    for (const text of [...column(page, 3), ...column(page, 4)]) {
      expect(text).toMatch(/^[a-z`].*[^.]$/)
    }
  })

  test('lists every reason with its outcome and its section, and no other', () => {
    const page = read('docs/reasons.md')
    expect(column(page, 0).map(inBackticks)).toEqual(Object.keys(reasons))
    expect(column(page, 1)).toEqual(Object.values(reasons).map(({ outcome }) => outcome))
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, code]) => code)).toEqual(Object.keys(reasons))
  })
})

describe('docs/api', () => {
  const pages = readdirSync(join(ROOT, 'docs/api')).filter((name) => name !== 'README.md')
  const documented = pages.flatMap((name) => addressesOf(read(`docs/api/${name}`)))

  test('has every address that is served on exactly one page, and no other', () => {
    const fhir = fhirRoutes.map(
      ({ method, path }) => `${method.toUpperCase()} /fhir${path.replace(/:(id|vid)/g, '{$1}')}`,
    )
    const sectors = sectorRoutes.map(({ path }) => `POST ${path}`)
    const open = openAddresses()
    expect(open.length).toBeGreaterThan(7)
    expect(documented.toSorted()).toEqual([...fhir, ...sectors, ...open].toSorted())
  })

  test('links every page from its README', () => {
    const linked = [...read('docs/api/README.md').matchAll(/\]\(([a-z0-9-]+\.md)\)/g)].map(
      ([, name = '']) => name,
    )
    expect([...new Set(linked)].toSorted()).toEqual(pages.toSorted())
  })

  test.each(sectorRoutes)(
    'names the media types, the scopes and the map of $path',
    ({ path, mediaTypes, makes }) => {
      const page =
        pages
          .map((name) => read(`docs/api/${name}`))
          .find((text) => addressesOf(text).includes(`POST ${path}`)) ?? ''
      for (const type of mediaTypes.slice(0, 1)) expect(page).toContain(`\`${type}\``)
      for (const type of makes) expect(page).toContain(`\`system/${type}.c\``)
      expect(page).toMatch(/`mappings\/[a-z]+\/\w+\.map`/)
    },
  )

  test.each(heldTypes)('lists the search parameters of %s', (type) => {
    const row = read('docs/api/search.md')
      .split('\n')
      .find((line) => line.split('|')[2]?.trim() === type)
    expect([...(row?.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(
      searchParametersOf(type),
    )
  })

  test('lists the subscription topics', () => {
    const named = column(read('docs/api/subscription.md'), 0).map(inBackticks)
    expect(named).toEqual(subscriptionTopics.map(({ url }) => url.split('/').at(-1)))
  })

  test('shows a case and its answer as `decide` gives it', () => {
    const [asked = '', answer = ''] = [...read('docs/api/decide.md').matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, text]) => text,
    )
    const folder = mkdtempSync(join(tmpdir(), 'sluse-decide-'))
    try {
      writeFileSync(join(folder, 'case.json'), asked)
      const printed = execFileSync(process.execPath, ['src/cli.ts', 'decide', join(folder, 'case.json')], {
        cwd: ROOT,
        encoding: 'utf8',
      })
      expect(JSON.parse(printed)).toEqual(JSON.parse(answer))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** Of the block that a page begins with; `{type}` stands for each type that is held, and no Consent is deleted. */
function addressesOf(page: string): string[] {
  const lines = /```addresses\n([\s\S]*?)\n```/.exec(page)?.[1]?.split('\n') ?? []
  return lines.flatMap((line) => {
    if (!line.includes('{type}')) return [line]
    const types = line.startsWith('DELETE ') ? heldTypes.filter((type) => type !== 'Consent') : heldTypes
    return types.map((type) => line.replace('{type}', type))
  })
}

const metricNames = [...read('src/observe/metrics.ts').matchAll(/name: '(sluse_\w+)'/g)].map(
  ([, name]) => name,
)

describe.each(documents)('%s', (path) => {
  const text = read(path)

  test('links to files and headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link = '']) => link)
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? path : normalize(join(dirname(path), file))
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  test('names files of the project that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|scripts|profiles|mappings|docs)\/[\w./*-]+)`/g)].map(
      ([, name = '']) => name,
    )
    const absent = named.filter(
      (name) => !existsSync(join(ROOT, name.includes('*') ? name.slice(0, name.search(/[\w.]*\*/)) : name)),
    )
    expect(absent).toEqual([])
  })

  test('names metrics that exist', () => {
    expect(metricNames.length).toBeGreaterThan(5)
    const named = [...text.matchAll(/`(sluse_\w+)`/g)].map(([, name]) => name)
    expect(named.filter((name) => !metricNames.includes(name))).toEqual([])
  })

  test('names settings that exist', () => {
    const known = new Set<string>(settings.map(({ name }) => name))
    const named = [...text.matchAll(/\bSLUSE_[A-Z_]*[A-Z]\b/g)].map(([name]) => name)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })
})

/** As GitHub makes them from headings. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('docs/adr', () => {
  const records = readdirSync(join(ROOT, 'docs/adr')).filter((name) => name !== 'README.md')

  test.each(records)('%s has a number of its own and a decision, and says who pays', (name) => {
    const text = read(`docs/adr/${name}`)
    const [, number = ''] = /^(\d{4})-[a-z0-9-]+\.md$/.exec(name) ?? []
    expect(text).toMatch(new RegExp(`^# (${Number(number)}\\.|${number}) \\S`))
    expect(text).toMatch(/^## Decision$/m)
    expect(text).toMatch(/^## .*([Ww]ho pays|Consequences)/m)
    expect(records.filter((other) => other.startsWith(number))).toEqual([name])
  })
})
