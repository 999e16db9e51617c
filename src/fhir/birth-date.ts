/** The birth date that a national id tells. CPR-kontoret, Personnummeret i CPR; forskrift til folkeregisterloven § 2-2-1. */
import { type PersonIdentifier, personSystem } from './person-identifier.ts'

/**
 * `1947-09-25`, or undefined when the number does not tell it for certain: replacement numbers, and dates that no
 * calendar has. Nobody's age is then known from it.
 */
export function birthDateOf({ system, value }: PersonIdentifier): string | undefined {
  const digits = /^(\d\d)(\d\d)(\d\d)(\d{3})\d+$/.exec(value)
  if (!digits) return undefined
  const [day = 0, month = 0, year = 0, individual = 0] = digits.slice(1).map(Number)
  switch (system) {
    case personSystem.cpr:
      return dateOf(century(cprCenturies, Math.floor(individual / 100), year), month, day)
    case personSystem.fnr:
    case personSystem.dnr:
      // A D-number adds 40 to the day; synthetic persons (Tenor, NAV) have 80, 65 or 40 added to the month.
      return dateOf(
        century(norwegianCenturies, individual, year),
        [80, 65, 40, 0].map((added) => month - added).find((each) => each >= 1 && each <= 12) ?? month,
        system === personSystem.dnr ? day - 40 : day,
      )
    default:
      return undefined
  }
}

/** Where a number with these digits (`from` to `to`) and a year of the century from `first` to `last` was given out. */
interface Century {
  readonly from: number
  readonly to: number
  readonly first: number
  readonly last: number
  readonly century: number
}

/** By the seventh digit. */
const cprCenturies: readonly Century[] = [
  { from: 0, to: 3, first: 0, last: 99, century: 1900 },
  { from: 4, to: 4, first: 0, last: 36, century: 2000 },
  { from: 4, to: 4, first: 37, last: 99, century: 1900 },
  { from: 5, to: 8, first: 0, last: 57, century: 2000 },
  { from: 5, to: 8, first: 58, last: 99, century: 1800 },
  { from: 9, to: 9, first: 0, last: 36, century: 2000 },
  { from: 9, to: 9, first: 37, last: 99, century: 1900 },
]

/** By the individual number, the seventh to ninth digit. */
const norwegianCenturies: readonly Century[] = [
  { from: 0, to: 499, first: 0, last: 99, century: 1900 },
  { from: 500, to: 749, first: 54, last: 99, century: 1800 },
  { from: 500, to: 999, first: 0, last: 39, century: 2000 },
  { from: 900, to: 999, first: 40, last: 99, century: 1900 },
]

function century(table: readonly Century[], digits: number, year: number): number | undefined {
  const found = table.find(
    ({ from, to, first, last }) => digits >= from && digits <= to && year >= first && year <= last,
  )
  return found && found.century + year
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function dateOf(year: number | undefined, month: number, day: number): string | undefined {
  if (year === undefined) return undefined
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = (DAYS[month - 1] ?? 0) + (leap ? 1 : 0)
  if (day < 1 || day > days) return undefined
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
