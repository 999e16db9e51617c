import * as fc from 'fast-check'
import { Message } from 'node-hl7-client'
import { describe, expect, test } from 'vitest'
import { decodeHl7 } from '#adapters/hospital/decode-hl7.ts'
import { unescapeHl7 } from '#adapters/hospital/hl7-message.ts'
import { toFhirTime } from '#adapters/hospital/hl7-time.ts'
import { GatewayError } from '#fhir/gateway-error.ts'

const COPENHAGEN = 'Europe/Copenhagen'

describe('escape sequences', () => {
  test.each([
    ['\\F\\\\S\\\\T\\\\R\\\\E\\', '|^&~\\'],
    ['a\\.br\\b', 'a\nb'],
    ['\\H\\akut\\N\\', 'akut'],
    ['\\X41\\', 'A'],
    ['\\X0D0A\\', '\r\n'],
    ['\\E\\H\\E\\', '\\H\\'],
    ['no escape', 'no escape'],
  ])('%s is read', (text, want) => {
    expect(unescapeHl7(text)).toBe(want)
  })

  test.each([
    '\\Z1\\',
    '\\C2842\\',
    '\\M2442\\',
    '\\X4\\',
    '\\XE6\\',
    '\\X00\\',
    '\\X\\',
    '\\f\\',
    '\\',
    'a\\b',
    '\\F',
    '\\.sp 2\\',
    '\\\\',
  ])('%s is not guessed at', (text) => {
    expect(unescapeHl7(text)).toBeUndefined()
  })

  test('whatever the text, what another implementation escapes is read back', () => {
    const writer = new Message({ text: 'MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5' })
    // It writes a backslash as it is, which HL7 does not allow.
    const texts = fc.string().filter((text) => !text.includes('\\'))
    fc.assert(fc.property(texts, (text) => unescapeHl7(writer.escape(text)) === text))
  })
})

describe('times', () => {
  test.each([
    { title: 'an offset is kept', time: '20261201120000+0200', want: { value: '2026-12-01T12:00:00+02:00' } },
    { title: 'winter', time: '20260115083000', want: { value: '2026-01-15T08:30:00+01:00' } },
    { title: 'summer', time: '20260715083000', want: { value: '2026-07-15T08:30:00+02:00' } },
    { title: 'minutes', time: '202607150830', want: { value: '2026-07-15T08:30:00+02:00' } },
    { title: 'an hour', time: '2026071508', want: { value: '2026-07-15T08:00:00+02:00' } },
    { title: 'fractions', time: '20260715083000.1234', want: { value: '2026-07-15T08:30:00.1234+02:00' } },
    { title: 'a day', time: '20260715', want: { value: '2026-07-15' } },
    { title: 'a month', time: '202607', want: { value: '2026-07' } },
    { title: 'a year', time: '2026', want: { value: '2026' } },
    { title: 'a leap day', time: '20280229', want: { value: '2028-02-29' } },
    {
      title: 'the last minute of winter time',
      time: '20260329015900',
      want: { value: '2026-03-29T01:59:00+01:00' },
    },
    { title: 'the first minute that the clocks skip', time: '20260329020000', want: undefined },
    { title: 'the last minute that the clocks skip', time: '20260329025900', want: undefined },
    {
      title: 'the first minute of summer time',
      time: '20260329030000',
      want: { value: '2026-03-29T03:00:00+02:00' },
    },
    {
      title: 'before the hour that comes twice',
      time: '20261025015900',
      want: { value: '2026-10-25T01:59:00+02:00' },
    },
    {
      title: 'the hour that comes twice',
      time: '20261025020000',
      want: {
        value: '2026-10-25T02:00:00+02:00',
        warning: 'a local time that comes twice that night was read as the first',
      },
    },
    {
      title: 'after the hour that comes twice',
      time: '20261025030000',
      want: { value: '2026-10-25T03:00:00+01:00' },
    },
    { title: '29 February of a common year', time: '20260229', want: undefined },
    { title: 'month 13', time: '202613', want: undefined },
    { title: 'hour 24', time: '2026010124', want: undefined },
    { title: 'second 60', time: '20260101235960', want: undefined },
    { title: 'a day with an offset', time: '20260101+0100', want: undefined },
    { title: 'an offset of a planet far away', time: '20260101120000+9900', want: undefined },
    { title: 'ISO form', time: '2026-01-01T12:00:00Z', want: undefined },
    { title: 'full-width digits', time: '２０２６', want: undefined },
    { title: 'nothing', time: '', want: undefined },
  ])('$title', ({ time, want }) => {
    expect(toFhirTime(time, COPENHAGEN)).toEqual(want)
  })

  test('another zone', () => {
    expect(toFhirTime('20260715083000', 'America/St_Johns')).toEqual({ value: '2026-07-15T08:30:00-02:30' })
  })

  test('every instant that a Danish clock shows is read as that instant, or as the hour before in the night of return', () => {
    const instants = fc.date({
      min: new Date('1990-01-01T00:00:00Z'),
      max: new Date('2037-12-31T00:00:00Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(instants, (date) => {
        const instant = Math.trunc(date.getTime() / 1000) * 1000
        const shown = new Intl.DateTimeFormat('sv-SE', {
          timeZone: COPENHAGEN,
          dateStyle: 'short',
          timeStyle: 'medium',
        }).format(instant)
        const read = toFhirTime(shown.replace(/\D/g, ''), COPENHAGEN)
        const back = Date.parse(read?.value ?? '')
        expect(read?.warning === undefined ? [instant] : [instant, instant - 3_600_000]).toContain(back)
      }),
    )
  })
})

const header = (charset: string): string => `MSH|^~\\&|A|B|C|D|20260301||ADT^A01|1|P|2.5||||||${charset}`

const message = (charset: string, name: readonly number[]): Uint8Array =>
  new Uint8Array([...new TextEncoder().encode(`${header(charset)}\rPID|1||||`), ...name])

describe('character sets', () => {
  test.each([
    { charset: '8859/1', name: [0xc5, 0xf8], want: 'Åø' },
    { charset: '8859/15', name: [0xa4], want: '€' },
    { charset: 'UNICODE UTF-8', name: [0xc3, 0x85], want: 'Å' },
    { charset: '', name: [0xc3, 0x85], want: 'Å' },
    { charset: 'ASCII', name: [0x41], want: 'A' },
    { charset: '8859/1~UNICODE UTF-8', name: [0xc5], want: 'Å' },
  ])('$charset', ({ charset, name, want }) => {
    expect(decodeHl7(message(charset, name))[1]).toBe(`PID|1||||${want}`)
  })

  test('bytes that are not of the declared set are refused', () => {
    expect(() => decodeHl7(message('UNICODE UTF-8', [0xc5, 0x20]))).toThrow(GatewayError)
    expect(() => decodeHl7(message('', [0xc5, 0x20]))).toThrow('body-malformed')
  })

  test.each(['\r', '\n', '\r\n', '\r\r', '\n \r\n'])('segments end with %j', (end) => {
    const body = new TextEncoder().encode(`\uFEFF${header('')}${end}PID|1${end}PV1|1${end}`)
    expect(decodeHl7(body).map((segment) => segment.slice(0, 3))).toEqual(['MSH', 'PID', 'PV1'])
  })
})
