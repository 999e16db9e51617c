import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeKeys, readKeys, removeKey, rotateKeys, writingKey } from '#config/keys.ts'

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
    const made = [keys.lookup[0]?.key, keys.seal[0]?.key, keys.derive]
    expect(made.map((key) => key?.length)).toEqual([32, 32, 32])
    expect(new Set(made.map((key) => key?.toString('hex'))).size).toBe(3)
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
    expect(readKeys(file, { makeIfMissing: true }).seal).toHaveLength(1)
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

describe('versions', () => {
  const now = new Date('2026-11-22T10:00:00Z')
  const later = new Date('2026-11-22T10:10:00Z')
  const read = () => readKeys(file, { makeIfMissing: false })
  const ids = () => ({ lookup: read().lookup.map(({ id }) => id), seal: read().seal.map(({ id }) => id) })

  test('a rotation adds one of each, which is used when its time has come', () => {
    makeKeys(file, now)
    const before = read()
    expect(rotateKeys(file, later, now)).toEqual({ lookup: 2, seal: 2 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const after = read()
    expect(after).toMatchObject({ derive: before.derive, signing: before.signing })
    expect(after.seal[0]).toEqual(before.seal[0])
    expect(after.seal[1]).toMatchObject({ id: 2, createdAt: now, useFrom: later })
    const at = (ms: number) => writingKey(after.seal, new Date(later.getTime() + ms)).id
    expect([at(-1), at(0), at(1)]).toEqual([1, 2, 2])
  })

  test('of before are read as the first, and a rotation keeps what derives ids', () => {
    const key = (fill: number) => Buffer.alloc(32, fill).toString('base64')
    makeKeys(file)
    writeFileSync(file, JSON.stringify({ lookup: key(1), seal: key(2), signing: { kty: 'EC' } }))
    expect(read()).toMatchObject({
      lookup: [{ id: 1, key: Buffer.alloc(32, 1) }],
      seal: [{ id: 1, key: Buffer.alloc(32, 2) }],
      derive: Buffer.alloc(32, 1),
    })
    rotateKeys(file, now, now)
    expect(ids()).toEqual({ lookup: [1, 2], seal: [1, 2] })
    removeKey(file, 'lookup', 1)
    expect(ids()).toEqual({ lookup: [2], seal: [1, 2] })
    expect(read().derive).toEqual(Buffer.alloc(32, 1))
  })

  test('an id is not given twice', () => {
    makeKeys(file)
    rotateKeys(file, now, now)
    removeKey(file, 'seal', 1)
    expect(rotateKeys(file, now, now)).toEqual({ lookup: 3, seal: 3 })
  })

  test.each([
    { title: 'no key', seal: [] },
    { title: 'a key without an id', seal: [{ key: 'AA==', createdAt: '2026-01-01T00:00:00Z' }] },
    { title: 'a key without a date', seal: [{ id: 1, key: 'AA==' }] },
    {
      title: 'one id twice',
      seal: [1, 1].map((id) => ({ id, key: 'AA==', createdAt: '2026-01-01T00:00:00Z' })),
    },
  ])('a ring with $title is refused with what to do', ({ seal }) => {
    makeKeys(file)
    writeFileSync(file, JSON.stringify({ lookup: 'AA==', seal, signing: {} }))
    expect(read).toThrow(/restore it from its backup/)
  })
})
