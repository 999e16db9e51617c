/** A HL7 v2 timestamp as a FHIR dateTime, and what was assumed on the way. */
export interface FhirTime {
  readonly value: string
  readonly warning?: string
}

const TIMESTAMP =
  /^(?<year>\d{4})(?:(?<month>\d{2})(?:(?<day>\d{2})(?:(?<hour>\d{2})(?:(?<minute>\d{2})(?:(?<second>\d{2})(?<fraction>\.\d{1,4})?)?)?)?)?)?(?<zone>[+-](?:0\d|1[0-4])[0-5]\d)?$/

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/**
 * https://www.hl7.eu/HL7v2x/v251/std251/ch02a.html#Heading47 to https://hl7.org/fhir/R4/datatypes.html#dateTime.
 * Without an offset the time is local to `timeZone`. Undefined when there is no such time: a day that no calendar
 * has, or an hour that the clocks skip in spring.
 */
export function toFhirTime(timestamp: string, timeZone: string): FhirTime | undefined {
  const parts = TIMESTAMP.exec(timestamp)?.groups
  if (!parts) return undefined
  const { year = '', month, day, hour, minute = '00', second = '00', fraction = '', zone } = parts
  const date = [year, month, day].filter((part) => part !== undefined).join('-')
  const local = Date.UTC(
    Number(year),
    Number(month ?? 1) - 1,
    Number(day ?? 1),
    Number(hour ?? 0),
    Number(minute),
    Number(second),
  )
  const time = `${hour ?? '00'}:${minute}:${second}`
  if (new Date(local).toISOString().slice(0, 19) !== `${date.padEnd(10, '-01')}T${time}`) return undefined
  if (hour === undefined) return zone === undefined ? { value: date } : undefined
  if (zone !== undefined) return { value: `${date}T${time}${fraction}${zone.slice(0, 3)}:${zone.slice(3)}` }
  const [first, again] = instantsOf(local, timeZone)
  if (first === undefined) return undefined
  const value = `${date}T${time}${fraction}${offset(local - first)}`
  return again === undefined
    ? { value }
    : { value, warning: 'a local time that comes twice that night was read as the first' }
}

/** The instants, earliest first, at which clocks of the zone show that local time: none, one or two. */
function instantsOf(local: number, timeZone: string): number[] {
  const offsets = new Set([local - DAY_MS, local + DAY_MS].map((near) => localTimeAt(near, timeZone) - near))
  return [...offsets]
    .map((each) => local - each)
    .filter((instant) => localTimeAt(instant, timeZone) === local)
    .sort((a, b) => a - b)
}

function localTimeAt(instant: number, timeZone: string): number {
  const parts = new Map(
    formatter(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}

/** Making one costs more than a thousand uses, so they are kept; there are as many as sites have zones. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formatters.set(timeZone, made)
  return made
}

function offset(ms: number): string {
  const minutes = Math.abs(ms) / MINUTE_MS
  return `${ms < 0 ? '-' : '+'}${twoDigits(minutes / 60)}:${twoDigits(minutes % 60)}`
}

function twoDigits(count: number): string {
  return String(Math.trunc(count)).padStart(2, '0')
}
