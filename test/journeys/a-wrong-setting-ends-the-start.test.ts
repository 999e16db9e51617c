import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { makeKeys } from '#config/keys.ts'
import { freePort } from '#test/free-port.ts'
import { startProcess } from '#test/process.ts'

// Real processes on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'sluse-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const keysFile = join(folder, 'keys.json')
makeKeys(keysFile)
const damaged = join(folder, 'damaged.json')
writeFileSync(damaged, '{ "lookup": "c2VjcmV0", "seal"')

/** A database that nobody can reach: a start that got as far as asking for it would say so. */
const DATABASE_URL = 'postgres://sluse@127.0.0.1:9/sluse'
const production = {
  DATABASE_URL,
  SLUSE_BASE_URL: 'https://sluse.example',
  SLUSE_KEYS_FILE: keysFile,
  SLUSE_PORT: '0',
  SLUSE_LOG_LEVEL: 'silent',
}

const cases = [
  {
    title: 'every fault is told at once, each in a line of its own',
    change: { SLUSE_ROL: 'worker', SLUSE_PORT: 'eighty', SLUSE_ROLE: 'boss' },
    code: 2,
    lines: [
      /^SLUSE_ROL is not a setting; /,
      /^SLUSE_ROLE must be .*gateway, worker, all/,
      /^SLUSE_PORT must be integer/,
    ],
  },
  {
    title: 'production without its settings',
    change: { SLUSE_BASE_URL: '', SLUSE_KEYS_FILE: '' },
    code: 2,
    lines: [/^SLUSE_BASE_URL is missing; /, /^SLUSE_KEYS_FILE is missing; /],
  },
  {
    title: 'clients that would reach production without TLS',
    change: { SLUSE_BASE_URL: 'http://sluse.example' },
    code: 2,
    lines: [/^SLUSE_BASE_URL must begin with https:/],
  },
  {
    title: 'a keys file that is not there is not made: its ids could not be read again',
    change: { SLUSE_KEYS_FILE: join(folder, 'absent.json') },
    code: 2,
    lines: [/^there is no file at SLUSE_KEYS_FILE; make one with /],
  },
  {
    title: 'a damaged keys file, of which nothing is repeated',
    change: { SLUSE_KEYS_FILE: damaged },
    code: 2,
    lines: [/^the file at SLUSE_KEYS_FILE holds no keys; restore it from its backup$/],
  },
  {
    title: 'a database that does not answer',
    change: {},
    code: 1,
    lines: [/^the start failed: connect ECONNREFUSED 127\.0\.0\.1:9$/],
  },
] as const

describe.concurrent('the start ends with one line for each fault', () => {
  test.each(cases)('$title', async ({ change, code, lines }) => {
    const process = await startProcess(['src/main.ts'], { ...production, ...change })
    expect(await process.exited).toEqual({ code, signal: null })
    const found = [...process.lines].sort()
    expect(found).toHaveLength(lines.length)
    for (const pattern of lines) expect(found).toContainEqual(expect.stringMatching(pattern))
  })

  test('a port that is taken', async () => {
    const port = await freePort()
    const first = await startProcess(
      ['-e', `require('node:http').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`],
      {},
    )
    await first.line(/up/)
    const process = await startProcess(['src/main.ts'], {
      SLUSE_DATA_DIR: join(folder, 'taken'),
      SLUSE_PORT: String(port),
      SLUSE_SANDBOX_PORT: '0',
    })
    expect(await process.exited).toEqual({ code: 1, signal: null })
    expect(process.lines.at(-1)).toBe(
      `port ${port} on 127.0.0.1 is taken; end what uses it, or start with SLUSE_PORT set to another`,
    )
    await first.end()
  })
})
