/** Dates as FHIR writes them: which are dates at all, and from when to when they last. */
import { describe, expect, test } from 'vitest'
import { isAfter, isBefore, parseLocalInstant, parsePointInTime } from '#consent/instant.ts'

describe('a date', () => {
  test.each([
    ['2024-02-29', true],
    ['2025-02-29', false],
    ['2000-02-29', true],
    ['1900-02-29', false],
    ['2100-02-29', false],
    ['2026-02-28', true],
    ['2026-04-30', true],
    ['2026-04-31', false],
    ['2026-06-31', false],
    ['2026-09-31', false],
    ['2026-11-31', false],
    ['2026-12-31', true],
    ['2026-01-00', false],
    ['2026-13', false],
    ['2026-00', false],
    ['2026', true],
    ['26', false],
    ['02026', false],
    ['2026-6-1', false],
    ['2026-06-15T10:00', false],
    ['2026-06-15T10:00:00', false],
    ['2026-06-15T24:00:00Z', false],
    ['2026-06-15T10:60:00Z', false],
    ['2026-06-15T10:00:60Z', false],
    ['2026-06-15T10:00:00.Z', false],
    ['2026-06-15T10:00:00+15:00', false],
    ['2026-06-15T10:00:00+02:60', false],
    ['2026-06-15T10:00:00Z ', false],
    [' 2026-06-15', false],
  ])('%s: %s', (value, isDate) => {
    expect(parsePointInTime(value) !== undefined).toBe(isDate)
  })
})

describe('an exact time lasts as long as it is written', () => {
  const noon = Date.UTC(2026, 5, 15, 12)
  test.each([
    ['2026-06-15T12:00:00Z', noon, noon + 999],
    ['2026-06-15T12:00:00.5Z', noon + 500, noon + 599],
    ['2026-06-15T12:00:00.25Z', noon + 250, noon + 259],
    ['2026-06-15T12:00:00.125Z', noon + 125, noon + 125],
    ['2026-06-15T12:00:00.1259Z', noon + 125, noon + 125],
    ['2026-06-15T14:00:00+02:00', noon, noon + 999],
    ['2026-06-15T17:45:00+05:45', noon, noon + 999],
    ['2026-06-15T08:30:00-03:30', noon, noon + 999],
  ])('%s', (value, first, last) => {
    expect(parsePointInTime(value)).toEqual({ first, last })
  })
})

describe('a date without a time', () => {
  test.each([
    ['2026', Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)],
    ['2026-12', Date.UTC(2026, 11, 1), Date.UTC(2027, 0, 1)],
    ['2024-02', Date.UTC(2024, 1, 1), Date.UTC(2024, 2, 1)],
    ['2024-02-29', Date.UTC(2024, 1, 29), Date.UTC(2024, 2, 1)],
  ])('%s', (local, from, to) => {
    expect(parsePointInTime(local)).toEqual({ local, from, to })
  })
})

describe('an instant', () => {
  test.each([
    ['2026-06-15', 'Europe/Copenhagen'],
    ['soon', 'Europe/Copenhagen'],
    ['2026-06-15T12:00:00Z', 'Europe/Atlantis'],
    ['2026-06-15T12:00:00Z', ''],
  ])('is none: %s in %s', (now, timeZone) => {
    expect(parseLocalInstant(now, timeZone)).toBeUndefined()
  })

  test('has the day of its wall, which it shows for other instants too', () => {
    const at = parseLocalInstant('2026-12-31T23:30:00Z', 'Europe/Oslo')
    expect(at?.milliseconds).toBe(Date.UTC(2026, 11, 31, 23, 30))
    expect(at?.day()).toBe('2027-01-01')
    expect(at?.dayAt(Date.UTC(2026, 6, 1, 22))).toBe('2026-07-02')
    expect(at?.dayAt(Date.UTC(2026, 0, 1) - 62_000_000_000_000)).toBe('0061-04-19')
  })

  // No zone is further from UTC than these two: the shortcut that asks no calendar must agree with the calendar.
  test.each([
    ['Pacific/Kiritimati', '2026-06-14T09:59:59.999Z', true, false],
    ['Pacific/Kiritimati', '2026-06-14T10:00:00Z', false, false],
    ['Pacific/Kiritimati', '2026-06-15T09:59:59.999Z', false, false],
    ['Pacific/Kiritimati', '2026-06-15T10:00:00Z', false, true],
    ['Pacific/Pago_Pago', '2026-06-15T10:59:59.999Z', true, false],
    ['Pacific/Pago_Pago', '2026-06-15T11:00:00Z', false, false],
    ['Pacific/Pago_Pago', '2026-06-16T10:59:59.999Z', false, false],
    ['Pacific/Pago_Pago', '2026-06-16T11:00:00Z', false, true],
    ['Europe/Copenhagen', '2020-01-01T00:00:00Z', true, false],
    ['Europe/Copenhagen', '2030-01-01T00:00:00Z', false, true],
  ])('in %s at %s is before 15 June: %s, after it: %s', (timeZone, now, before, after) => {
    const at = parseLocalInstant(now, timeZone)
    const day = parsePointInTime('2026-06-15')
    if (!at || !day) throw new Error('both are dates')
    expect([isBefore(at, day), isAfter(at, day)]).toEqual([before, after])
  })
})
