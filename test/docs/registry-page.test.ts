/** docs/operations/registry.md is run as it stands there, in its order, by real processes on a database of its own. */
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { calculateJwkThumbprint } from 'jose'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeKeys } from '#config/keys.ts'
import { organizationSchemes } from '#fhir/organization-identifier.ts'
import { findRegistration } from '#store/client-registrations.ts'
import { createDatabase, type Database } from '#store/database.ts'
import { allOrganizations } from '#store/organizations.ts'
import { cloneDatabase, type TestDatabase } from '#test/database.ts'
import { auditRows } from '#test/rows.ts'
// oxlint-disable-next-line import/no-relative-parent-imports -- no folder imports the commands, so they have no name to be imported by
import { addClientCommands } from '../../src/commands/client.ts'
// oxlint-disable-next-line import/no-relative-parent-imports -- the same
import { addOrganizationCommands } from '../../src/commands/org.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(ROOT, 'docs/operations/registry.md'), 'utf8')
const run = promisify(execFile)

let cloned: TestDatabase
let database: Database
let folder: string
let said: string

/** Each block that is marked, as one script; the page's files are in the folder, and the keys that it speaks of. */
beforeAll(async () => {
  cloned = await cloneDatabase()
  database = createDatabase({ connection: cloned.connection, onPoolError: () => undefined })
  folder = mkdtempSync(join(tmpdir(), 'sluse-registry-page-'))
  makeKeys(join(folder, 'keys.json'))
  const [, name = '', content = ''] = /<!-- file: (\S+) -->\n```json\n([\s\S]*?)```/.exec(page) ?? []
  writeFileSync(join(folder, name), content)
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey
  const ehr = pair()
  writeFileSync(join(folder, 'ehr.pem'), ehr.export({ format: 'pem', type: 'spki' }))
  writeFileSync(join(folder, 'journal.pem'), pair().export({ format: 'pem', type: 'spki' }))
  writeFileSync(
    join(folder, 'ehr-new.jwk'),
    JSON.stringify({ ...pair().export({ format: 'jwk' }), kid: 'ehr-2027' }),
  )
  const blocks = [...page.matchAll(/<!-- run -->\n```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  const script = [`sluse() { "${process.execPath}" "${join(ROOT, 'src/cli.ts')}" "$@"; }`, ...blocks].join(
    '\n',
  )
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: cloned.url,
      SLUSE_BASE_URL: 'https://sluse.example',
      SLUSE_KEYS_FILE: join(folder, 'keys.json'),
      OLD_KID: await calculateJwkThumbprint(ehr.export({ format: 'jwk' })),
    },
  })
  said = stdout
})
afterAll(async () => {
  await database.close()
  await cloned.drop()
  rmSync(folder, { recursive: true })
})

test('registers what it says that it registers', async () => {
  const organizations = await allOrganizations(database)
  const names = organizations.map(({ name }) => name)
  expect(names).toEqual([
    'Psykiatrisk Afdeling Øst, Sandkøbing',
    'Rusmiddelcenter Vest',
    'Sandkøbing Kommune',
  ])
  expect(organizations[1]?.partOf).toBe(organizations[2]?.id)
  expect(await findRegistration(database, 'rusmiddel-journal')).toMatchObject({
    organizationId: organizations[1]?.id,
    addressRanges: ['192.0.2.0/24'],
    disabled: false,
  })
  const ehr = await findRegistration(database, 'oest-ehr')
  expect(ehr).toMatchObject({ organizationId: organizations[0]?.id, overridePersons: [], disabled: false })
  expect(ehr?.jwks.keys.map(({ kid }) => kid)).toEqual(['ehr-2027'])
})

test('says what each step did, and shows what the page shows', () => {
  const lines = said.split('\n')
  expect(lines[0]).toMatch(/^added Organization\/[0-9a-f-]{36} {2}Psykiatrisk Afdeling Øst$/)
  for (const line of [
    'next: register the systems that act for it: sluse client add ID --organization <id or scheme:number> …',
    'nothing was changed: this was a dry run',
    'added rusmiddel-journal',
    '  token URL   https://sluse.example/oauth/token',
    'given a key: oest-ehr',
    'disabled oest-ehr',
    'enabled oest-ehr',
  ])
    expect(lines).toContain(line)
})

test('audits each change under the name that was given', async () => {
  const changes = (await auditRows(database)).filter(({ kind }) => kind === 'registry-change')
  expect(changes.map(({ operator }) => operator)).toEqual(changes.map(() => 'Grete Drift'))
  expect(changes.map(({ registered, interaction }) => `${interaction} ${registered?.type}`)).toEqual([
    'create Organization',
    'update Organization',
    'create Organization',
    'create Organization',
    'create Client',
    'create Client',
    'update Client',
    'update Client',
    'update Client',
    'update Client',
    'update Client',
    'update Client',
  ])
})

test('its refusal is the one that the command gives', async () => {
  const [, example = ''] = /## What goes wrong[\s\S]*```text\n([\s\S]*?)\n```/.exec(page) ?? []
  const failed = await run(
    process.execPath,
    [
      join(ROOT, 'src/cli.ts'),
      'org',
      'add',
      '--name',
      'Enhed',
      '--sector',
      'gp',
      '--jurisdiction',
      'DK',
      '--unit-type',
      'gp',
      '--gln',
      '9520000000218',
    ],
    {
      env: {
        DATABASE_URL: cloned.url,
        SLUSE_BASE_URL: 'https://sluse.example',
        SLUSE_KEYS_FILE: join(folder, 'keys.json'),
      },
    },
  ).catch(
    (error: unknown) => error as { readonly code: number; readonly stdout: string; readonly stderr: string },
  )
  expect(failed).toMatchObject({ code: 2, stdout: '', stderr: `${example}\n` })
})

test('names every command and every field, and no other', () => {
  const program = new Command()
  const io = {
    open: () => Promise.reject(new Error('not here')),
    print: () => undefined,
    warn: () => undefined,
  }
  const rest = { now: () => new Date(0), newId: () => '', user: () => '' }
  addOrganizationCommands(program, { ...io, ...rest })
  addClientCommands(program, { ...io, ...rest })
  const known = new Set<string>()
  for (const group of program.commands)
    for (const command of group.commands) {
      expect(page).toContain(`sluse ${group.name()} ${command.name()}`)
      for (const { long } of command.options) known.add(long ?? '')
    }
  const named = new Set([...page.matchAll(/--[a-z][a-z-]+/g)].map(([flag]) => flag))
  expect([...named].filter((flag) => !known.has(flag))).toEqual([])
  expect([...known].filter((flag) => !named.has(flag) && flag !== '--json' && flag !== '--id')).toEqual([])
  const table = page.slice(page.indexOf('| Flag |'), page.indexOf('| `--sector`'))
  expect([...table.matchAll(/^\| `--([a-z-]+)`/gm)].map(([, flag]) => flag)).toEqual(
    Object.keys(organizationSchemes).map((name) =>
      name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    ),
  )
})
