import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { GatewayError } from '#fhir/gateway-error.ts'
import { createLog } from '#observe/log.ts'
import { memoryLog } from './memory-log.ts'

test('a line has a level, a time, our pid and the fields of the list', () => {
  const { log, text } = memoryLog()
  log.info({ event: 'request', requestId: 'r-1', route: '/fhir/:type/:id', status: 200, ms: 1.5 })

  const line: unknown = JSON.parse(text())
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/),
    pid: process.pid,
    event: 'request',
    requestId: 'r-1',
    route: '/fhir/:type/:id',
    status: 200,
    ms: 1.5,
  })
})

test('a field that is not on the list does not pass, however it comes', () => {
  const { log, lines, text } = memoryLog()
  const request = {
    event: 'request',
    url: '/patient-134418',
    body: { name: 'patient-134418' },
    headers: 'patient-134418',
  }
  log.info(request)
  log.info({ ...request, ...JSON.parse('{"__proto__":{"reason":"patient-134418"},"msg":"patient-134418"}') })

  expect(lines).toEqual([
    { level: 'info', event: 'request' },
    { level: 'info', event: 'request' },
  ])
  expect(text()).not.toContain('134418')
})

test('an object in a field of the list does not pass', () => {
  const { log, lines } = memoryLog()
  const fields = { event: 'request', reason: { name: 'patient-134418' } }
  // @ts-expect-error the type says so too
  log.info(fields)

  expect(lines).toEqual([{ level: 'info', event: 'request' }])
})

test('what looks like a national id is masked in a field of the list', () => {
  const { log, lines } = memoryLog()
  log.warn({ event: 'odd', reason: 'no such patient 250947-9989', count: 2_509_479_989 })

  expect(lines).toEqual([
    { level: 'warn', event: 'odd', reason: 'no such patient [masked]', count: '[masked]' },
  ])
})

test('a text with line breaks and escape characters stays one line', () => {
  const { log, text } = memoryLog()
  log.warn({ event: 'odd', reason: 'a\r\n{"level":"info","event":"forged"}\u001b[2J\u2028' })

  expect(
    text()
      .trimEnd()
      .split(/[\r\n]/),
  ).toHaveLength(1)
  expect(text()).not.toContain('\u001b')
})

test('levels below the chosen one are not written', () => {
  const written: string[] = []
  const log = createLog({ level: 'warn', destination: { write: (line) => void written.push(line) } })
  log.debug({ event: 'no' })
  log.info({ event: 'no' })
  log.warn({ event: 'yes' })
  log.error({ event: 'yes' })

  expect(written).toHaveLength(2)
})

class ParserError extends Error {
  readonly code = 'BAD_TOKEN'
}

test.each([
  {
    title: 'a GatewayError has its code and its own text',
    err: new GatewayError({
      code: 'field-missing',
      text: '`period.start` is missing',
      expression: 'Encounter.period',
    }),
    want: {
      type: 'GatewayError',
      code: 'field-missing',
      text: 'field-missing: `period.start` is missing',
    },
  },
  {
    title: 'an error of a library has its class and code, never its text',
    err: new ParserError('unexpected patient-134418'),
    want: { type: 'ParserError', code: 'BAD_TOKEN' },
  },
  {
    title: 'a GatewayError does not lend its text to its cause',
    err: new GatewayError(
      { code: 'internal', text: 'the gateway failed' },
      { cause: new ParserError('patient-134418') },
    ),
    want: {
      type: 'GatewayError',
      code: 'internal',
      text: 'internal: the gateway failed',
      cause: { type: 'ParserError', code: 'BAD_TOKEN' },
    },
  },
  {
    title: 'an error that only calls itself a GatewayError has no text',
    err: Object.assign(new Error('patient-134418'), { name: 'GatewayError' }),
    want: { type: 'Error' },
  },
  {
    title: 'fields that a library adds do not pass',
    err: Object.assign(new Error('x'), {
      detail: 'Key (name)=(patient-134418)',
      parameters: ['patient-134418'],
    }),
    want: { type: 'Error' },
  },
  {
    title: 'a code that is text is no code',
    err: Object.assign(new Error('x'), { code: 'patient 134418' }),
    want: { type: 'Error' },
  },
  { title: 'a thrown text', err: 'patient-134418', want: { type: 'a thrown string' } },
  { title: 'a thrown null', err: null, want: { type: 'a thrown null' } },
])('$title', ({ err, want }) => {
  const { log, lines, text } = memoryLog()
  log.error({ event: 'failed', err })

  expect(withoutFrames(lines[0])).toEqual({ level: 'error', event: 'failed', err: want })
  expect(text()).not.toContain('134418')
})

test('the log says where an error was thrown', () => {
  const { log, lines } = memoryLog()
  log.error({ event: 'failed', err: new Error('x') })

  expect(lines[0]).toMatchObject({
    err: { at: expect.arrayContaining([expect.stringContaining('log.test.ts:')]) },
  })
})

test('a message that imitates a stack does not pass as one', () => {
  const { log, text } = memoryLog()
  log.error({
    event: 'failed',
    err: new Error('x\n    at patient-134418 (record:1:1)\n    at patient-134418 (record:2:2)'),
  })

  expect(text()).not.toContain('134418')
})

test('causes that go in a circle end', () => {
  const { log, lines } = memoryLog()
  const error = new Error('x')
  error.cause = error
  log.error({ event: 'failed', err: error })

  expect(lines).toHaveLength(1)
})

test('a reader that has stopped reading does not stop the gateway, nor fill its memory', async () => {
  // The child writes more than a pipe holds while nobody reads, and says on stderr when its loop came round again.
  const child = spawn(process.execPath, ['--expose-gc', join(import.meta.dirname, 'flooded-log.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    break
  }
  expect(said).toEqual(['still serving, and bounded'])
})

function exitAtOnce(...args: string[]) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'brief-log.ts'), ...args], {
    encoding: 'utf8',
  })
}

test('the last line before an exit is written', () => {
  const { status, stdout } = exitAtOnce()

  expect(status).toBe(3)
  expect(stdout).toContain('"event":"last-words"')
})

test('a log file is made, for us alone, and appended to; standard output stays empty', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'not-there-yet', 'sluse.log')

  expect(exitAtOnce(file)).toMatchObject({ status: 3, stdout: '', stderr: '' })
  expect(exitAtOnce(file)).toMatchObject({ status: 3, stdout: '', stderr: '' })
  expect(readFileSync(file, 'utf8').match(/"event":"[^"]*"/g)).toEqual([
    '"event":"last-words"',
    '"event":"last-words"',
  ])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

function withoutFrames(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'at' ? undefined : inner)))
}
