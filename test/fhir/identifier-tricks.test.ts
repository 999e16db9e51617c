/** What a number may look like and still be read: ASCII, one hyphen in its place, nothing folded. Held to two libraries. */
import * as fc from 'fast-check'
import { stdnum } from 'stdnum'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '#fhir/gateway-error.ts'
import { holdsPersonNumber } from '#fhir/national-system.ts'
import { type PersonIdentifier, personSystem, readPersonIdentifier } from '#fhir/person-identifier.ts'

const { cpr, xEcpr, fnr, dnr, fhn } = personSystem
const known = stdnum['DK']?.['cpr']

/** The number as it was read, or the code of the refusal. */
function read(system: string, value: string): PersonIdentifier | string {
  try {
    return readPersonIdentifier(system, value)
  } catch (error) {
    if (error instanceof GatewayError) return error.faults[0]?.code ?? 'none'
    throw error
  }
}

const accepted = [
  { system: cpr, value: '2509479989' },
  { system: cpr, value: '1502779995' },
  { system: cpr, value: '1502829995' },
  { system: cpr, value: '3001749995' },
  { system: cpr, value: '0505059996' },
  { system: cpr, value: '0201919990' },
  { system: xEcpr, value: '0703921VJ4' },
  { system: fnr, value: '15838510156' },
  { system: fnr, value: '02910350059' },
  { system: dnr, value: '49879012391' },
  { system: fhn, value: '81549300014' },
] as const

const tricks: readonly { readonly title: string; readonly play: (value: string) => string }[] = [
  { title: 'a full-width digit', play: (value) => wide(value, 0xff10) },
  { title: 'an Arabic-Indic digit', play: (value) => wide(value, 0x660) },
  { title: 'a mathematical bold digit', play: (value) => wide(value, 0x1d7ce) },
  { title: 'a superscript digit', play: (value) => `²${value.slice(1)}` },
  ...[
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['a byte order mark', '\ufeff'],
    ['a right-to-left override', '\u202e'],
    ['a right-to-left mark', '\u200f'],
    ['a soft hyphen', '\u00ad'],
    ['an en dash', '\u2013'],
    ['a combining mark', '\u0301'],
    ['a no-break space', '\u00a0'],
    ['a blank', ' '],
    ['a line end', '\n'],
    ['a NUL', '\0'],
    ['two hyphens', '--'],
    ['a lone surrogate', '\ud800'],
  ].flatMap(([title = '', mark = '']) => [
    { title: `${title} before it`, play: (value: string) => mark + value },
    {
      title: `${title} after six digits`,
      play: (value: string) => value.slice(0, 6) + mark + value.slice(6),
    },
    { title: `${title} after it`, play: (value: string) => value + mark },
  ]),
  { title: 'a hyphen after four digits', play: (value) => `${value.slice(0, 4)}-${value.slice(4)}` },
  { title: 'a hyphen before it', play: (value) => `-${value}` },
  { title: 'a hyphen after it', play: (value) => `${value}-` },
  { title: 'one digit too many', play: (value) => `${value}0` },
  { title: 'one digit too few', play: (value) => value.slice(0, -1) },
]

function wide(value: string, zero: number): string {
  return String.fromCodePoint(zero + Number(value[0])) + value.slice(1)
}

describe('T13: a number with a trick in it is refused', () => {
  test.each(accepted)('$system $value as it is, and with none of the tricks', ({ system, value }) => {
    expect(read(system, value)).toEqual({ system, value })
    const passed = tricks.filter(({ play }) => typeof read(system, play(value)) !== 'string')
    expect(passed.map(({ title }) => title)).toEqual([])
  })

  test('the letters of a replacement number in another case, or of another alphabet', () => {
    for (const letters of ['vj', 'Vj', 'vJ', 'ѴJ', 'ＶJ', 'VJ\u0301'])
      expect([letters, read(xEcpr, `0703921${letters}4`)]).toEqual([letters, 'field-invalid'])
  })

  test('the hyphen of a CPR is one, after the date; a Norwegian number has none', () => {
    expect(read(cpr, '250947-9989')).toEqual({ system: cpr, value: '2509479989' })
    expect(read(xEcpr, '070392-1VJ4')).toEqual({ system: xEcpr, value: '0703921VJ4' })
    expect(read(fnr, '158385-10156')).toBe('field-invalid')
    expect(read(fhn, '815493-00014')).toBe('field-invalid')
  })

  test('whatever is read is what was sent, less one hyphen', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789-VJ٢２ \u200b')),
      maxLength: 14,
    })
    const grown = fc
      .tuple(fc.constantFrom(...accepted), fc.nat(14), fc.string({ unit: 'grapheme', maxLength: 2 }))
      .map(([{ value }, at, more]) => value.slice(0, at) + more + value.slice(at))
    fc.assert(
      fc.property(
        fc.constantFrom(cpr, xEcpr, fnr, dnr, fhn),
        fc.oneof(digits, grown, fc.string({ unit: 'binary' })),
        (system, value) => {
          const found = read(system, value)
          if (typeof found === 'string') return
          expect(value).toMatch(/^(?:[0-9]{6}-?[0-9A-Z]{4}|[0-9]{11})$/)
          expect(found.value).toBe(value.replace('-', ''))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

const twoDigits = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((n) => String(n).padStart(2, '0'))

describe('CPR, held against stdnum', () => {
  const written = fc
    .tuple(twoDigits(0, 40), twoDigits(0, 14), twoDigits(0, 99), fc.integer({ min: 0, max: 9999 }))
    .map(([day, month, year, rest]) => day + month + year + String(rest).padStart(4, '0'))

  test('all that it accepts in plain digits we accept, modulus 11 or not', () => {
    expect(known).toBeDefined()
    fc.assert(
      fc.property(written, (value) => {
        if (known?.validate(value).isValid) expect(read(cpr, value)).toEqual({ system: cpr, value })
      }),
      { numRuns: 3_000 },
    )
  })

  test('of what it refuses we accept only 29 February of any year, and birth dates that are still to come', () => {
    fc.assert(
      fc.property(written, (value) => {
        if (typeof read(cpr, value) === 'string' || known?.validate(value).isValid) return
        const year = Number(value.slice(4, 6))
        const isToCome = /[4-9]/.test(value[6] ?? '') && year >= 20 && year <= 57
        expect([value, value.startsWith('2902') || isToCome]).toEqual([value, true])
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    { title: 'full-width digits', value: '２509479989' },
    { title: 'two hyphens', value: '250947--9989' },
    { title: 'hyphens everywhere', value: '2-5-0-9-4-7-9989' },
    { title: 'an en dash', value: '250947–9989' },
    { title: 'a blank', value: '250947 9989' },
  ])('it folds what T13 forbids: $title', ({ value }) => {
    expect(known?.validate(value).isValid).toBe(true)
    expect(read(cpr, value)).toBe('field-invalid')
  })

  test('it reads the century where nobody can: 29 February of a year that was none', () => {
    expect(known?.validate('2902019995').isValid).toBe(false)
    expect(read(cpr, '2902019995')).toEqual({ system: cpr, value: '2902019995' })
  })
})

describe('fødselsnummer, before and after 2032', () => {
  /** Skatteetaten, nytt fødselsnummer fra 2032: the first control digit may leave 0, 1, 2 or 3 over eleven. */
  function controlled(nine: string, remainder: number): string | undefined {
    const sum = (text: string, weights: readonly number[]): number =>
      weights.reduce((total, weight, at) => total + weight * Number(text[at]), 0)
    const first = (11 + remainder - (sum(nine, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11
    if (first === 10) return undefined
    const ten = `${nine}${first}`
    const second = (11 - (sum(ten, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11
    return second === 10 ? undefined : `${ten}${second}`
  }
  // Synthetic: 80 is added to the month.
  const nine = fc
    .tuple(twoDigits(1, 28), twoDigits(81, 92), twoDigits(0, 39), fc.integer({ min: 0, max: 999 }))
    .map(([day, month, year, rest]) => day + month + year + String(rest).padStart(3, '0'))

  test.each([0, 1, 2, 3])('remainder %i is accepted, as fødselsnummer and as D-number', (remainder) => {
    fc.assert(
      fc.property(nine, (start) => {
        const value = controlled(start, remainder)
        if (value) expect(read(fnr, value)).toEqual({ system: fnr, value })
        const asDNumber = controlled(String(Number(start[0]) + 4) + start.slice(1), remainder)
        if (asDNumber) expect(read(fnr, asDNumber)).toEqual({ system: dnr, value: asDNumber })
      }),
    )
  })

  test('any other remainder is refused', () => {
    fc.assert(
      fc.property(nine, fc.integer({ min: 4, max: 9 }), (start, remainder) => {
        const value = controlled(start, remainder)
        if (value) expect(read(fnr, value)).toBe('field-invalid')
      }),
    )
  })

  test('an H-number is refused under each system, also one that is a D-number as well', () => {
    // 40 is added to the month; then to the day too.
    for (const start of ['154385101', '554385101']) {
      const numbers = [0, 1, 2, 3].flatMap((remainder) => controlled(start, remainder) ?? [])
      expect(numbers.length).toBeGreaterThan(0)
      for (const value of numbers)
        expect([read(fnr, value), read(dnr, value)]).toEqual([
          'patient-id-not-exchangeable',
          'patient-id-not-exchangeable',
        ])
    }
  })
})

describe('a D-eCPR is refused whatever it is called', () => {
  test.each(['177', '179', '181', '183', '187', '999'])('under the suffix of region %s', (region) => {
    expect(read(`urn:oid:1.2.208.176.1.6.1.3.${region}`, '1206550VK9')).toBe('patient-id-not-exchangeable')
  })

  test.each(['0', '5', '6'])('sent as X-eCPR, with %s after the date', (digit) => {
    expect(read(xEcpr, `120655${digit}VK9`)).toBe('field-invalid')
  })
})

describe('a title in which a person is named by number', () => {
  test.each([
    'Plan for 250947-9989',
    '2509479989',
    'Bruno Elmer (250947 9989)',
    'Plan 250947–9989, revideret',
    'Plan for 0703921VJ4',
    'Behandlingsplan 15838510156',
  ])('is told: %s', (title) => {
    expect(holdsPersonNumber(title)).toBe(true)
  })

  test.each([
    'Behandlingsplan 2026',
    'Rekvisition 3199479989', // no 31 in a month 99
    'Ordre 25094799891234',
    'SOR 999001000016001',
    'Telefon 33 11 22 33',
    '12345678901', // no control digits
    'AB2509479989',
  ])('is told from one with another number: %s', (title) => {
    expect(holdsPersonNumber(title)).toBe(false)
  })
})
