/** FHIR dates of any precision, compared with one instant in the custodian's time zone. https://hl7.org/fhir/R4/datatypes.html#dateTime */

const DATE_TIME =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(Z|[+-](?:0\d|1[0-4]):[0-5]\d))?)?)?$/

/** A year, a month or a day on the wall calendar. */
export interface CalendarDate {
  readonly local: string
  /** Midnight before its first day and after its last, as a clock in UTC would show them. */
  readonly from: number
  readonly to: number
}

/** `first` to `last` are milliseconds of an exact time. */
export type PointInTime = CalendarDate | { readonly first: number; readonly last: number }

/** Undefined when it is no date, such as 30 February. */
export function parsePointInTime(value: string): PointInTime | undefined {
  const match = DATE_TIME.exec(value)
  if (!match) return undefined
  const [, year = '', month, day, hour, minute, second, fraction = '', zone = 'Z'] = match
  if (day !== undefined && Number(day) > daysIn(Number(year), Number(month))) return undefined
  if (hour === undefined) return calendarDate(value, Number(year), month, day)
  const shift =
    zone === 'Z'
      ? 0
      : Number(`${zone.slice(0, 1)}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)))
  const start = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute) - shift,
    Number(second),
  )
  const first = start + Number(fraction.padEnd(3, '0').slice(0, 3))
  // Both ends of a period include every instant that matches as written: 12:00:00 lasts to 12:00:00.999.
  return { first, last: first + 10 ** Math.max(0, 3 - fraction.length) - 1 }
}

function calendarDate(
  local: string,
  year: number,
  month: string | undefined,
  day: string | undefined,
): CalendarDate {
  const from = Date.UTC(year, Number(month ?? 1) - 1, Number(day ?? 1))
  // Months and days past their end roll over.
  if (month === undefined) return { local, from, to: Date.UTC(year + 1, 0, 1) }
  const to = day === undefined ? Date.UTC(year, Number(month), 1) : from + DAY_MS
  return { local, from, to }
}

const DAY_MS = 24 * 3_600_000
/** No zone is further from UTC. */
const WIDEST_OFFSET_MS = 15 * 3_600_000

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** An instant, and the day that the calendar on the wall shows at it. */
export interface LocalInstant {
  readonly milliseconds: number
  /** `2024-05-03`; worked out when a date without a time asks for it. */
  readonly day: () => string
  /** The day at another instant, on the same wall. */
  readonly dayAt: (milliseconds: number) => string
}

/** Undefined when `now` is no exact time or `timeZone` no IANA name. */
export function parseLocalInstant(now: string, timeZone: string): LocalInstant | undefined {
  const point = parsePointInTime(now)
  const calendar = calendarOf(timeZone)
  if (!point || 'local' in point || !calendar) return undefined
  const dayAt = (milliseconds: number) => localDay(calendar, milliseconds)
  let today: string | undefined
  return { milliseconds: point.first, day: () => (today ??= dayAt(point.first)), dayAt }
}

function localDay(calendar: Intl.DateTimeFormat, milliseconds: number): string {
  const parts = calendar.formatToParts(milliseconds)
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
}

/** One formatter per zone: making one takes longer than a decision, and it holds no state but the zone's rules. */
const calendars = new Map<string, Intl.DateTimeFormat>()

function calendarOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = calendars.get(timeZone)
  if (known) return known
  try {
    const options = {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    } as const
    const made = new Intl.DateTimeFormat('en', options)
    calendars.set(timeZone, made)
    return made
  } catch {
    return undefined
  }
}

/** Asking the calendar takes longer than all the rest of a decision, so only the days beside a boundary do. */
export function isBefore(at: LocalInstant, point: PointInTime): boolean {
  if (!('local' in point)) return at.milliseconds < point.first
  if (Math.abs(at.milliseconds - point.from) > WIDEST_OFFSET_MS) return at.milliseconds < point.from
  return at.day().slice(0, point.local.length) < point.local
}

export function isAfter(at: LocalInstant, point: PointInTime): boolean {
  if (!('local' in point)) return at.milliseconds > point.last
  if (Math.abs(at.milliseconds - point.to) > WIDEST_OFFSET_MS) return at.milliseconds > point.to
  return at.day().slice(0, point.local.length) > point.local
}

/** From the first to the last millisecond that a point in time may mean on this wall. */
export function boundsOf(
  point: PointInTime,
  { dayAt }: LocalInstant,
): { readonly first: number; readonly last: number } {
  if (!('local' in point)) return point
  return { first: midnight(point.from, dayAt), last: midnight(point.to, dayAt) - 1 }
}

/** The first millisecond of a day on the wall, found by halving, since no offset of a zone holds all year. */
function midnight(utcMidnight: number, dayAt: LocalInstant['dayAt']): number {
  const day = new Date(utcMidnight).toISOString().slice(0, 10)
  let [before, from] = [utcMidnight - WIDEST_OFFSET_MS, utcMidnight + WIDEST_OFFSET_MS]
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2)
    if (dayAt(middle) < day) before = middle
    else from = middle
  }
  return from
}
