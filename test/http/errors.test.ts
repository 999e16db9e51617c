/** Whatever is thrown becomes an OperationOutcome, and tells nothing of the inside. */
import express from 'express'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { errors, GatewayError } from '#fhir/gateway-error.ts'
import { asGatewayError, errorHandler } from '#http/errors.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'

const closing: (() => void)[] = []
afterAll(() => closing.forEach((close) => close()))

/** What a route that throws this answers, and what the operator is told. */
async function answerTo(thrown: unknown): Promise<{ answer: Received; told: readonly unknown[] }> {
  const told: unknown[] = []
  const app = express()
  app.use(() => {
    throw thrown
  })
  app.use(errorHandler({ onUnexpected: (error) => told.push(error) }))
  const server = app.listen(0, '127.0.0.1')
  closing.push(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { answer: await sendRaw(`http://127.0.0.1:${port}`, '/'), told }
}

const INTERNAL = outcome(
  'internal',
  'the gateway failed, nothing was stored; report the X-Request-Id of this answer to its operator',
)

describe('a fault of ours is 500, and its words stay inside', () => {
  test.each([
    ['an error', new Error('select * from person where cpr = 2509479989')],
    ['an error with a status of its own', Object.assign(new Error('2509479989'), { status: 502 })],
    ['an error whose status is a word', Object.assign(new Error('2509479989'), { status: '404' })],
    ['a string', '2509479989'],
    ['an object that looks like a refusal', { code: 'not-found', status: 404, faults: [] }],
  ])('%s', async (_title, thrown) => {
    const { answer, told } = await answerTo(thrown)
    expect([answer.status, answer.json(), told]).toEqual([500, INTERNAL, [thrown]])
    expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8')
  })
})

test('a refusal is nobody’s alarm; a database that is away is', async () => {
  const refused = await answerTo(new GatewayError({ code: 'not-found', text: 'nothing here' }))
  expect([refused.answer.status, refused.told]).toEqual([404, []])
  const away = await answerTo(new GatewayError({ code: 'store-unavailable', text: 'away' }))
  expect([away.answer.status, away.answer.headers.get('retry-after'), away.told.length]).toEqual([
    503,
    '5',
    1,
  ])
})

test.each(Object.entries(errors))('%s has its status and issue type', async (code, { status, issue }) => {
  const { answer } = await answerTo(new GatewayError({ code: code as keyof typeof errors, text: 'x' }))
  expect([answer.status, (answer.json() as { issue: { code: string }[] }).issue[0]?.code]).toEqual([
    status,
    issue,
  ])
})

test('what Express and its readers refuse has a code of ours', () => {
  const codeOf = (fields: object): string => asGatewayError(Object.assign(new Error('x'), fields)).code
  expect(codeOf({ status: 400 })).toBe('request-malformed')
  expect(codeOf({ status: 413, limit: 65_536 })).toBe('body-too-large')
  expect(codeOf({ status: 415 })).toBe('media-type-unsupported')
  expect(codeOf({ status: 500 })).toBe('internal')
})
