/** The command as a person runs it: what it prints where, and how it ends. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { base } from './decide-case-base.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluse-decide-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(...parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['src/cli.ts', 'decide', ...parameters],
      { cwd: ROOT },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
      },
    )
  })
}

function saved(text: string): string {
  const file = join(folder, `${text.length}.json`)
  writeFileSync(file, text)
  return file
}

test('the example of --help runs as it stands there', async () => {
  const help = await run('--help')
  expect([help.code, help.stderr]).toEqual([0, ''])
  const example = /^\{\n[\s\S]*^\}$/m.exec(help.stdout)?.[0] ?? ''
  const answer = await run(saved(example))
  expect([answer.code, answer.stderr]).toEqual([0, ''])
  expect(JSON.parse(answer.stdout)).toEqual({
    effect: 'deny',
    reason: 'label-not-covered',
    basis: [{ consent: 'to-the-gp', version: '1', provision: 'provision' }],
    obligations: [],
    resources: [
      { reference: 'Condition/alcohol', effect: 'deny', reason: 'label-not-covered', withheld: [] },
    ],
  })
})

test('--explain says it in the language and for the reader asked for', async () => {
  const file = saved(JSON.stringify({ ...base, consents: [] }))
  const { stdout } = await run(file, '--explain', '--language', 'nb', '--audience', 'clinician')
  expect(JSON.parse(stdout)).toMatchObject({
    because: 'Det finnes ikke samtykke til at dere får opplysningene.',
    resources: [{ because: 'Det finnes ikke samtykke til at dere får opplysningene.' }],
  })
})

test('faults are lines on stderr, with exit code 2 and nothing on stdout', async () => {
  const file = saved(JSON.stringify({ ...base, consents: [17], request: { ...base.request, at: 'now' } }))
  expect(await run(file)).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'consents[0]: found a value of type number; send a FHIR resource\n' +
      'request.at: found a string of 3 characters; send an instant with its offset, such as `2026-11-21T10:00:00+01:00`\n',
  })
})

test('so is a file that is not there', async () => {
  expect(await run(join(folder, 'absent.json'))).toEqual({
    code: 2,
    stdout: '',
    stderr: '$: the file cannot be read; name one that holds a case\n',
  })
})

test('a language that nobody wrote sentences in is refused', async () => {
  const { code, stdout, stderr } = await run('case.json', '--language', 'sv')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('Allowed choices are da, nb, en')
})
