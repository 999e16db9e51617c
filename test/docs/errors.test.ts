/** The table of errors holds in both directions: what is in it happens, and what happens is in it. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { errors } from '#fhir/gateway-error.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

function textsOf(folder: string, files: RegExp, except: string): readonly string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => files.test(file) && file !== except)
    .map((file) => readFileSync(`${ROOT}${folder}/${file}`, 'utf8'))
}

const sources = textsOf('src', /\.ts$/, 'fhir/gateway-error.ts')
const tests = textsOf('test', /\.(ts|json)$/, 'docs/errors.test.ts')

describe.each(Object.keys(errors))('%s', (code) => {
  test('is a refusal that some code makes', () => {
    expect(sources.some((text) => text.includes(`'${code}'`))).toBe(true)
  })

  test('is provoked by a test or a case', () => {
    const quoted = new RegExp(`['"]${code}['"]`)
    expect(tests.some((text) => quoted.test(text))).toBe(true)
  })
})

test('every code that a fault is made with is in the table', () => {
  const made = sources.flatMap((text) =>
    [...text.matchAll(/new GatewayError\(\s*\{\s*code: '([a-z-]+)'/g)].map(([, code = '']) => code),
  )
  expect(made.length).toBeGreaterThan(60)
  expect([...new Set(made)].filter((code) => !Object.hasOwn(errors, code))).toEqual([])
})
