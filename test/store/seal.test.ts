import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSeal, ringOf } from '#store/seal.ts'

const keys = { lookup: ringOf(randomBytes(32)), seal: ringOf(randomBytes(32)), derive: randomBytes(32) }
const seal = createSeal(keys)
const PLACE = 'person_identifier|1|sealed'

describe('sealed values', () => {
  test('open in their place, and are never the same twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (clear, place) => {
        const sealed = seal.seal(place, clear)
        expect(new Uint8Array(seal.open(place, sealed))).toEqual(clear)
        expect(seal.seal(place, clear)).not.toEqual(sealed)
        expect(sealed).toHaveLength(31 + clear.length)
      }),
    )
  })

  test('open in no other place, and with no other key', () => {
    const sealed = seal.seal(PLACE, Buffer.from('2509479989'))
    expect(() => seal.open('person_identifier|2|sealed', sealed)).toThrow()
    expect(() => createSeal({ ...keys, seal: ringOf(randomBytes(32)) }).open(PLACE, sealed)).toThrow()
  })

  test('every bit counts', () => {
    const sealed = seal.seal(PLACE, Buffer.from('2509479989'))
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(() => seal.open(PLACE, flipped)).toThrow()
    }
  })

  test('so does every byte: cut short anywhere, none opens, not even one without content', () => {
    for (const clear of ['', '2509479989']) {
      const sealed = seal.seal(PLACE, Buffer.from(clear))
      for (let length = 0; length < sealed.length; length++) {
        expect(() => seal.open(PLACE, sealed.subarray(0, length))).toThrow()
      }
    }
  })

  test('keys of another length are refused at the start', () => {
    expect(() => createSeal({ ...keys, seal: ringOf(randomBytes(16)) })).toThrow(
      'the seal key has 16 bytes; it must have 32',
    )
    expect(() => createSeal({ ...keys, lookup: ringOf(randomBytes(0)) })).toThrow(
      'the lookup key has 0 bytes; it must have 32',
    )
  })
})

describe('lookup', () => {
  const [first] = seal.lookups('a', 'bc')
  test('is the same for the same number, and tells system and value apart', () => {
    expect(seal.lookups('a', 'bc')).toEqual([first])
    expect(seal.lookups('ab', 'c')[0].hash).not.toEqual(first.hash)
    const [other] = createSeal({ ...keys, lookup: ringOf(randomBytes(32)) }).lookups('a', 'bc')
    expect(other.hash).not.toEqual(first.hash)
  })
})

describe('several keys', () => {
  const old = { id: 1, key: randomBytes(32) }
  const next = { id: 2, key: randomBytes(32) }
  const derive = randomBytes(32)
  const rings = (ids: readonly (typeof old)[], writing: number) => {
    const ring = { keys: ids, writing }
    return { lookup: ring, seal: ring, derive }
  }

  test('all of them read, the one in use writes; without the old one, what it made is closed', () => {
    const before = createSeal(rings([old], 1))
    const sealed = before.seal(PLACE, Buffer.from('2509479989'))
    const during = createSeal(rings([old, next], 2))
    expect(during.open(PLACE, sealed).toString()).toBe('2509479989')
    const anew = during.seal(PLACE, Buffer.from('2509479989'))
    expect([sealed.readUInt16BE(1), anew.readUInt16BE(1)]).toEqual([1, 2])
    expect(
      createSeal(rings([old, next], 1))
        .open(PLACE, anew)
        .toString(),
    ).toBe('2509479989')
    const after = createSeal(rings([next], 2))
    expect(after.open(PLACE, anew).toString()).toBe('2509479989')
    expect(() => after.open(PLACE, sealed)).toThrow(
      'a value is sealed with key 1, which the keys file does not have',
    )
  })

  test('one whose header names another key does not open', () => {
    const sealed = createSeal(rings([old, next], 1)).seal(PLACE, Buffer.from('2509479989'))
    sealed.writeUInt16BE(2, 1)
    expect(() => createSeal(rings([old, next], 1)).open(PLACE, sealed)).toThrow()
  })

  test('a value of before there were versions is read with key 1, and with no other', () => {
    const sealed = createSeal(rings([old], 1)).seal(PLACE, Buffer.from('2509479989'))
    const first = Buffer.concat([Buffer.of(1), sealed.subarray(3)])
    expect(
      createSeal(rings([old, next], 2))
        .open(PLACE, first)
        .toString(),
    ).toBe('2509479989')
    expect(() => createSeal(rings([next], 2)).open(PLACE, first)).toThrow()
  })

  test('a number has a hash under each, first that to write', () => {
    const ids = (writing: number) =>
      createSeal(rings([old, next], writing))
        .lookups('a', 'b')
        .map(({ keyId }) => keyId)
    expect([ids(1), ids(2)]).toEqual([
      [1, 2],
      [2, 1],
    ])
  })

  test('only older keys are superseded, and none of it touches turns and derived ids', () => {
    const [one, other] = [createSeal(rings([old, next], 1)), createSeal(rings([old, next], 2))]
    expect([one.superseded(), other.superseded()]).toEqual([
      { lookup: [], seal: [] },
      { lookup: [1], seal: [1] },
    ])
    expect(one.deriveId('a')).toBe(other.deriveId('a'))
    expect(one.turn('a', 'b')).toBe(other.turn('a', 'b'))
    expect(one.turn('a', 'b')).not.toBe(one.turn('ab', ''))
  })

  test('that are replaced are used from the next call on', () => {
    const one = createSeal(rings([old], 1))
    one.replace(rings([old, next], 2))
    expect(one.seal(PLACE, Buffer.from('')).readUInt16BE(1)).toBe(2)
  })

  test.each([
    { title: 'two with one id', keys: [old, { ...next, id: 1 }], writing: 1 },
    { title: 'none to write with', keys: [old], writing: 2 },
    { title: 'an id of 0', keys: [{ ...old, id: 0 }], writing: 0 },
    { title: 'an id that two bytes cannot hold', keys: [{ ...old, id: 65_536 }], writing: 65_536 },
  ])('$title are refused', ({ keys: ids, writing }) => {
    expect(() => createSeal(rings(ids, writing))).toThrow(/id/)
  })
})

describe('derived ids', () => {
  test('are UUIDs of version 8, the same for the same parts, and no other', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '|', '-') }), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const id = seal.deriveId(...a)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(seal.deriveId(...b) === id).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
    )
  })
})
