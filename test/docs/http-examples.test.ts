/** Each file of docs/http, sent from top to bottom as an editor would, to a gateway as `npm start` makes it. */
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { fillIn, type HttpAnswer, readHttpFile } from './http-requests.ts'

const FOLDER = new URL('../../docs/http/', import.meta.url)
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.http'))

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway({ role: 'gateway' })
})
afterEach(() => gateway.close())

/**
 * Every connection but one is taken. A request that asks for a second one while it holds the first would wait for ever: with as
 * many such requests as there are connections, all of them.
 */
async function leaveOneConnection(): Promise<() => void> {
  const { pool } = gateway.database
  const taken = await Promise.all(Array.from({ length: pool.options.max - 1 }, () => pool.connect()))
  return () => taken.forEach((client) => client.release())
}

test('there are files, and the README beside them names each', () => {
  const readme = readFileSync(new URL('README.md', FOLDER), 'utf8')
  const named = [...readme.matchAll(/\]\(([a-z-]+\.http)\)/g)].map(([, name = '']) => name)
  expect(named.toSorted()).toEqual(files.toSorted())
  expect(files.length).toBeGreaterThan(3)
})

describe.each(files)('%s', (file) => {
  const { variables, requests } = readHttpFile(readFileSync(new URL(file, FOLDER), 'utf8'))

  test.each([
    { title: 'every request is answered as its comment says', isAlone: false },
    { title: 'and on one connection to the database', isAlone: true },
  ])('$title', async ({ isAlone }) => {
    const giveBack = isAlone ? await leaveOneConnection() : () => undefined
    try {
      await sendAll()
    } finally {
      giveBack()
    }
  })

  async function sendAll(): Promise<void> {
    const known = new Map(variables)
      .set('base', gateway.baseUrl)
      .set('token', await gateway.client('hospital-ehr').token())
    const answers = new Map<string, HttpAnswer>()
    for (const { title, answers: status, name, method, url, headers, body } of requests) {
      const fill = (text: string): string => fillIn(text, known, answers)
      const response = await fetch(fill(url), {
        method,
        headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, fill(value)])),
        ...(body === undefined ? {} : { body: fill(body) }),
      })
      const text = await response.text()
      expect({ title, status: response.status, text: response.status === status ? '' : text }).toEqual({
        title,
        status,
        text: '',
      })
      if (name !== undefined) answers.set(name, { status: response.status, headers: response.headers, text })
    }
  }
})
