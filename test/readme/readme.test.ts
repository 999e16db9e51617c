import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Bundle, CarePlan, OperationOutcome } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, makeInstallation } from '#test/process-installation.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(`${root}README.md`, 'utf8')
const run = promisify(execFile)

test('the README stays under 200 lines, and each file that it links to is there', () => {
  expect(readme.split('\n').length).toBeLessThan(200)
  const linked = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '')
  expect(linked.length).toBeGreaterThan(5)
  expect(linked.filter((path) => !existsSync(`${root}${path}`))).toEqual([])
})

test('each npm command that it names is a script of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    scripts: Record<string, string>
  }
  const named = [...readme.matchAll(/`npm (?:run (?:-s )?)?(start|test|[a-z:]+)/g)].map(
    ([, name]) => name ?? '',
  )
  expect(named).toEqual(expect.arrayContaining(['start', 'test', 'check', 'sluse']))
  expect(named.filter((name) => !(name in scripts) && name !== 'ci')).toEqual([])
})

/** The shell of the walkthrough, as it stands there; the port is the one of this test. */
function walkthrough(port: string): string {
  const block = /<!-- walkthrough[^>]*-->\s*```sh\n([\s\S]*?)```/.exec(readme)?.[1]
  if (!block) throw new Error('the README has no walkthrough')
  return block.replaceAll(':8080', `:${port}`)
}

/** What each numbered step printed: a line of our own goes before each. */
async function stepsOf(script: string, environment: Readonly<Record<string, string>>): Promise<string[]> {
  const marked = script.replace(/^# \d+\./gm, (comment) => `echo; echo '=== step'\n${comment}`)
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', marked], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment },
  })
  return stdout.split('=== step\n').slice(1)
}

describe('a first update, as the README walks through it', () => {
  let installation: Installation
  let steps: string[]

  beforeAll(async () => {
    installation = await makeInstallation({ redis: false })
    await installation.start('all')
    const { port } = new URL(installation.baseUrl)
    const { SLUSE_DATA_DIR = '' } = installation.settings
    steps = await stepsOf(walkthrough(port), { SLUSE_DATA_DIR, SLUSE_PORT: port })
  })
  afterAll(() => installation.close())

  test('has five steps, and the first prints no token', () => {
    expect(steps).toHaveLength(5)
    expect(steps[0]?.trim()).toBe('')
  })

  test('the update is answered with what was stored', () => {
    expect(JSON.parse(steps[1] ?? '')).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'information',
          diagnostics: expect.stringMatching(
            /^created CarePlan\/0b7e4a52-5d52-4f0b-9f4e-3a0f6a1d2c11, version /,
          ),
        },
      ],
    })
  })

  test('the author reads it; the GP, without a consent, is told that there is nothing', () => {
    const [own, denied] = jsonValues(steps[2] ?? '')
    expect(own as CarePlan).toMatchObject({
      resourceType: 'CarePlan',
      activity: [{ detail: { status: 'in-progress' } }],
    })
    expect(denied as OperationOutcome).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ details: { coding: [{ code: 'not-found' }] } }],
    })
  })

  test('the mistake is named with its field', () => {
    expect(JSON.parse(steps[3] ?? '')).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ details: { coding: [{ code: 'code-unknown' }] }, expression: ['CarePlan.status'] }],
    })
  })

  test('the privacy officer finds the denial of step 3', () => {
    const bundle = JSON.parse(steps[4] ?? '') as Bundle
    expect(JSON.stringify(bundle.entry)).toContain('CarePlan/0b7e4a52-5d52-4f0b-9f4e-3a0f6a1d2c11')
  })

  test('and the command that shows what a message becomes shows it', async () => {
    const command = /`npm run -s sluse -- (map [^`]+)`/.exec(readme)?.[1] ?? ''
    const { stdout } = await run(process.execPath, ['src/cli.ts', ...command.split(' ')], { cwd: root })
    expect(stdout).toContain('"resourceType": "Encounter"')
  })
})

/** Two answers of curl, one after the other without anything between them. */
function jsonValues(text: string): unknown[] {
  const border = text.indexOf('}{') + 1
  return [JSON.parse(text.slice(0, border)), JSON.parse(text.slice(border))]
}
