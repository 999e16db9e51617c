import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeKeys, readKeys } from '#config/keys.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluse-keys-'))
  file = join(folder, 'below', 'keys.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the keys file', () => {
  test('is made once, for its owner alone, and read again', () => {
    makeKeys(file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'below')).mode & 0o777).toBe(0o700)
    const keys = readKeys(file, { makeIfMissing: false })
    expect([keys.lookup.length, keys.seal.length]).toEqual([32, 32])
    expect(keys.lookup).not.toEqual(keys.seal)
    expect(keys.signing).toMatchObject({ kty: 'EC', crv: 'P-256', d: expect.any(String) })
    expect(readKeys(file, { makeIfMissing: true })).toEqual(keys)
  })

  test('is never written over', () => {
    makeKeys(file)
    const before = readFileSync(file, 'utf8')
    expect(() => makeKeys(file)).toThrow('EEXIST')
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  test('that is missing is made with the embedded default only', () => {
    expect(() => readKeys(file, { makeIfMissing: false })).toThrow(/sluse -- keys/)
    expect(readKeys(file, { makeIfMissing: true }).seal).toHaveLength(32)
  })

  test.each(['null', '[]', '{}', '{"lookup":"a","seal":"b"}', '{"lookup":1,"seal":"b","signing":{}}'])(
    'that holds %s is refused with what to do',
    (content) => {
      makeKeys(file)
      writeFileSync(file, content)
      expect(() => readKeys(file, { makeIfMissing: true })).toThrow(/restore it from its backup/)
    },
  )
})
