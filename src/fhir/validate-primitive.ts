/** The primitive types: JSON type, format and range of each. https://hl7.org/fhir/R4/datatypes.html#primitive */

const YEAR = String.raw`(?!0000)\d{4}`
const DAY = String.raw`(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?`
const ZONE = String.raw`(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))`

interface Format {
  readonly pattern: RegExp
  readonly expected: string
}

/** Whitespace at the ends is legal in `string` and `markdown`; a value of nothing else is not. */
const TEXT: Format = { pattern: /\S/, expected: 'text that is not only whitespace' }
/** No type of URI may hold whitespace: https://hl7.org/fhir/R4/datatypes.html#uri */
const URI: Format = { pattern: /^\S+$/, expected: 'a URI without whitespace' }

const formats: Readonly<Record<string, Format>> = {
  string: TEXT,
  markdown: TEXT,
  uri: URI,
  url: URI,
  canonical: URI,
  code: { pattern: /^\S+(?: \S+)*$/, expected: 'a code: no spaces at its ends, single spaces inside' },
  id: { pattern: /^[A-Za-z0-9\-.]{1,64}$/, expected: 'an id: 1 to 64 of A-Z, a-z, 0-9, `-` and `.`' },
  oid: { pattern: /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/, expected: '`urn:oid:` and a dotted number' },
  uuid: {
    pattern: /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    expected: '`urn:uuid:` and a UUID in lower case',
  },
  date: {
    pattern: new RegExp(`^${YEAR}(?:-(?:0[1-9]|1[0-2])|-${DAY})?$`),
    expected: 'YYYY, YYYY-MM or YYYY-MM-DD',
  },
  dateTime: {
    pattern: new RegExp(`^${YEAR}(?:-(?:0[1-9]|1[0-2])|-${DAY}(?:T${TIME}${ZONE})?)?$`),
    expected: 'YYYY, YYYY-MM, YYYY-MM-DD, or with a time of day YYYY-MM-DDThh:mm:ss and a time zone',
  },
  instant: {
    pattern: new RegExp(`^${YEAR}-${DAY}T${TIME}${ZONE}$`),
    expected: 'YYYY-MM-DDThh:mm:ss and a time zone',
  },
  time: { pattern: new RegExp(`^${TIME}$`), expected: 'hh:mm:ss' },
}

const INT_MAX = 2_147_483_647
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  integer: [-INT_MAX - 1, INT_MAX],
  unsignedInt: [0, INT_MAX],
  positiveInt: [1, INT_MAX],
}

/** "Strings SHALL NOT exceed 1MB in size": https://hl7.org/fhir/R4/datatypes.html#string */
const MAX_STRING_LENGTH = 1024 * 1024

const WITHOUT_FORMAT = ['boolean', 'decimal', 'base64Binary', 'xhtml']
const PRIMITIVES = new Set([...Object.keys(formats), ...Object.keys(ranges), ...WITHOUT_FORMAT])

export function isPrimitive(type: string): boolean {
  return PRIMITIVES.has(type)
}

/** What the type asks for, when the value is not that; nothing when it is. */
export function expectedPrimitive(type: string, value: unknown): string | undefined {
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : '`true` or `false`'
  if (type === 'decimal') return Number.isFinite(value) ? undefined : 'a number'
  const range = ranges[type]
  if (range) return isWithin(range, value) ? undefined : `a whole number from ${range[0]} to ${range[1]}`
  if (typeof value !== 'string') return 'a string'
  if (value.length > MAX_STRING_LENGTH && type !== 'base64Binary') return 'a string of at most 1 MB'
  if (!isStorable(value)) return 'text without control characters or broken Unicode'
  return expectedFormat(type, value)
}

function expectedFormat(type: string, value: string): string | undefined {
  if (type === 'base64Binary') return isBase64(value) ? undefined : 'base64'
  const format = formats[type]
  if (format && !format.pattern.test(value)) return format.expected
  const dated = type === 'date' || type === 'dateTime' || type === 'instant'
  return dated && !isCalendarDay(value) ? 'a day that the calendar has' : undefined
}

function isWithin([least, most]: readonly [number, number], value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

/** R4 forbids characters below 32 but tab, CR and LF; a lone surrogate is no Unicode and PostgreSQL refuses it. */
function isStorable(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are the characters to find
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(value) && value.isWellFormed()
}

/** Whitespace between the characters is legal: https://hl7.org/fhir/R4/datatypes.html#base64Binary */
function isBase64(value: string): boolean {
  const characters = value.replaceAll(/\s+/g, '')
  return characters.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(characters)
}

/** Day 31 of a month that has 30, and 29 February of a common year, pass the pattern. */
function isCalendarDay(value: string): boolean {
  if (value.length < 10) return true
  const [year, month, day] = [value.slice(0, 4), value.slice(5, 7), value.slice(8, 10)].map(Number)
  return Number(day) <= daysIn(Number(year), Number(month))
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}
