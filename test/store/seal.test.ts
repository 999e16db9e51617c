import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSeal } from '#store/seal.ts'

const keys = { lookup: randomBytes(32), seal: randomBytes(32) }
const seal = createSeal(keys)
const PLACE = 'person_identifier|1|sealed'

describe('sealed values', () => {
  test('open in their place, and are never the same twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (clear, place) => {
        const sealed = seal.seal(place, clear)
        expect(new Uint8Array(seal.open(place, sealed))).toEqual(clear)
        expect(seal.seal(place, clear)).not.toEqual(sealed)
        expect(sealed).toHaveLength(29 + clear.length)
      }),
    )
  })

  test('open in no other place, and with no other key', () => {
    const sealed = seal.seal(PLACE, Buffer.from('2509479989'))
    expect(() => seal.open('person_identifier|2|sealed', sealed)).toThrow()
    expect(() => createSeal({ ...keys, seal: randomBytes(32) }).open(PLACE, sealed)).toThrow()
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
    expect(() => createSeal({ ...keys, seal: randomBytes(16) })).toThrow(
      'the seal key has 16 bytes; it must have 32',
    )
    expect(() => createSeal({ ...keys, lookup: randomBytes(0) })).toThrow(
      'the lookup key has 0 bytes; it must have 32',
    )
  })
})

describe('lookup', () => {
  test('is the same for the same number, and tells system and value apart', () => {
    expect(seal.lookup('a', 'bc')).toEqual(seal.lookup('a', 'bc'))
    expect(seal.lookup('a', 'bc')).not.toEqual(seal.lookup('ab', 'c'))
    expect(createSeal({ ...keys, lookup: randomBytes(32) }).lookup('a', 'bc')).not.toEqual(
      seal.lookup('a', 'bc'),
    )
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
