import { describe, expect, test } from 'vitest'
import { expectedPrimitive } from '#fhir/validate-primitive.ts'

/** https://hl7.org/fhir/R4/datatypes.html#primitive: what each type takes, and what it does not. */
const cases: Record<string, { readonly takes: readonly unknown[]; readonly refuses: readonly unknown[] }> = {
  boolean: { takes: [true, false], refuses: ['true', 0, null, undefined, {}] },
  integer: {
    takes: [0, -1, 2147483647, -2147483648],
    refuses: [1.5, 2147483648, -2147483649, '1', Number.NaN],
  },
  unsignedInt: { takes: [0, 2147483647], refuses: [-1, 2147483648] },
  positiveInt: { takes: [1, 2147483647], refuses: [0, 2147483648] },
  decimal: { takes: [0, -1.5, 1e21], refuses: ['1', Number.NaN, Number.POSITIVE_INFINITY, null] },
  string: {
    takes: ['x', ' x', 'a\r\n\tb', 'æøå', '👍'],
    refuses: ['', ' ', '\n', 'a\u0000', 'a\u0007', '\ud83d', 7, ['x'], {}],
  },
  markdown: { takes: ['# x\n'], refuses: ['', '\u001b[31m'] },
  code: { takes: ['active', 'a b'], refuses: ['', ' active', 'active ', 'a  b', 'a\tb', 'a\n'] },
  id: { takes: ['a', 'A-1.b', 'x'.repeat(64)], refuses: ['', 'a/b', 'a_b', 'x'.repeat(65), 'a\n'] },
  uri: { takes: ['urn:x', 'https://a/æ', '#x'], refuses: ['', 'a b', 'a\n'] },
  url: { takes: ['https://a'], refuses: [' https://a'] },
  canonical: { takes: ['https://a|1.0'], refuses: ['https://a |1.0'] },
  oid: {
    takes: ['urn:oid:1.2.208', 'urn:oid:2.0'],
    refuses: ['1.2.208', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1'],
  },
  uuid: {
    takes: ['urn:uuid:0b3e7f2c-8f2e-4f0e-9d57-0e5a3c6d3f10'],
    refuses: ['0b3e7f2c-8f2e-4f0e-9d57-0e5a3c6d3f10', 'urn:uuid:0B3E7F2C-8F2E-4F0E-9D57-0E5A3C6D3F10'],
  },
  base64Binary: {
    takes: ['YQ==', 'YWI=', 'YWJj', 'YWJj\nYQ=='],
    refuses: ['', 'YQ', 'YQ=', 'Y===', 'Y!==', '=YQ='],
  },
  date: {
    takes: ['2026', '2026-02', '2026-02-28', '2024-02-29', '2000-02-29'],
    refuses: [
      '26',
      '0000',
      '2026-13',
      '2026-00',
      '2026-2-1',
      '2026-02-29',
      '1900-02-29',
      '2026-04-31',
      '2026-01-32',
      '2026-01-01T00:00:00Z',
    ],
  },
  dateTime: {
    takes: [
      '2026',
      '2026-02-28',
      '2026-01-01T00:00:00Z',
      '2026-12-31T23:59:60Z',
      '2026-01-01T10:00:00.123456+14:00',
      '2026-01-01T10:00:00-13:59',
    ],
    refuses: [
      '2026-01-01T10:00:00',
      '2026-01-01T10:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T10:00:00+14:01',
      '2026-02-30T10:00:00Z',
      '2026-01-01 10:00:00Z',
      '2026-01-01Z',
      '20260101',
    ],
  },
  instant: {
    takes: ['2026-01-01T00:00:00Z'],
    refuses: ['2026-01-01', '2026-01-01T00:00:00', '2026-02-30T00:00:00Z'],
  },
  time: { takes: ['00:00:00', '23:59:60', '10:00:00.5'], refuses: ['24:00:00', '10:00', '10:00:00Z'] },
  xhtml: { takes: ['<div/>'], refuses: [7, 'a\u0000'] },
}

describe.each(Object.entries(cases))('%s', (type, { takes, refuses }) => {
  test.each(takes.map((value) => [value]))('takes %j', (value) => {
    expect(expectedPrimitive(type, value)).toBeUndefined()
  })

  test.each(refuses.map((value) => [value]))('refuses %j', (value) => {
    expect(expectedPrimitive(type, value)).toEqual(expect.any(String))
  })
})

test('a string may be as long as R4 says, and no longer', () => {
  const longest = 'x'.repeat(1024 * 1024)
  expect(expectedPrimitive('string', longest)).toBeUndefined()
  expect(expectedPrimitive('string', `${longest}x`)).toBe('a string of at most 1 MB')
})

test('an attachment may be longer than a string', () => {
  expect(expectedPrimitive('base64Binary', 'YWJj'.repeat(500_000))).toBeUndefined()
})
