/** `sluse client` beside a gateway that `npm start` runs: the same database, another process, and a token a moment later. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '#test/free-port.ts'
import { askToken, assertionFor } from '#test/oauth-client.ts'
import { type Exit, startProcess, type TestProcess } from '#test/process.ts'

// Real processes on a machine that is busy with other tests, and a database that is made first.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

// The socket's own path would be too long: the commands have to follow the link.
const root = mkdtempSync(join(tmpdir(), `sluse-${'long-'.repeat(20)}`))
let settings: Record<string, string>
let gateway: TestProcess | undefined

beforeAll(async () => {
  const dataDir = join(root, 'data')
  const [port, sandboxPort] = [await freePort(), await freePort()]
  settings = {
    SLUSE_DATA_DIR: dataDir,
    SLUSE_PORT: String(port),
    SLUSE_SANDBOX_PORT: String(sandboxPort),
  }
})
afterAll(async () => {
  await gateway?.end()
  rmSync(root, { recursive: true, force: true })
})

async function sluse(
  ...words: readonly (string | readonly string[])[]
): Promise<{ exit: Exit; lines: readonly string[] }> {
  const process = await startProcess(['src/cli.ts', ...words.flat()], settings)
  return { exit: await process.exited, lines: process.lines }
}

test('without a gateway that runs, the command says what to do', async () => {
  expect(await sluse('org', 'list')).toEqual({
    exit: { code: 1, signal: null },
    lines: ['no embedded database runs; start the gateway with `npm start` first, or set DATABASE_URL'],
  })
})

test('a client that is registered beside it gets a token at once, with the key that was made for it', async () => {
  gateway = await startProcess(['src/main.ts'], settings)
  await gateway.line(/^Sluse is ready on/, 100_000)
  // The story is told first or not: nothing here depends on it.
  const keyFile = join(root, 'made.json')
  const added = await sluse(
    ['client', 'add', 'ny-journal', '--organization', 'sor:999001000016001', '--generate-key', keyFile],
    ['--scopes', 'system/CarePlan.rs', '--purposes-of-use', 'TREAT'],
  )
  expect([added.exit, added.lines[0]]).toEqual([{ code: 0, signal: null }, 'added ny-journal'])
  const baseUrl = `http://127.0.0.1:${settings['SLUSE_PORT']}`
  expect(added.lines).toContain(`  token URL   ${baseUrl}/oauth/token`)
  const privateKey = JSON.parse(readFileSync(keyFile, 'utf8')) as JWK
  const { d: _private, ...publicKey } = privateKey
  const assertion = await assertionFor(baseUrl, 'ny-journal', { alg: 'ES384', privateKey, publicKey })
  expect((await askToken(baseUrl, assertion, 'system/CarePlan.rs')).status).toBe(200)
})

test('a refusal ends with code 2 and a line for each fault, and nothing on standard output', async () => {
  writeFileSync(join(root, 'key.txt'), 'no key')
  const refused = await sluse([
    'client',
    'add',
    'x',
    '--organization',
    'sor:1',
    '--keys-file',
    join(root, 'key.txt'),
    '--scopes',
    'a',
  ])
  expect(refused).toEqual({
    exit: { code: 2, signal: null },
    lines: [
      'field-invalid --keys-file: the file is neither JSON nor PEM; send a JSON Web Key Set, a key, or a public key as PEM',
    ],
  })
})
