/** A bound of a date search: https://hl7.org/fhir/R4/search.html#date */
export interface DateBounds {
  readonly from?: Date
  /** The first instant that is too late. */
  readonly until?: Date
}

const BOUND =
  /^(ge|gt|le|lt)(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

const DAY_MS = 86_400_000

/** Undefined when it is none. A date alone is its whole day, in UTC; instants are told to the millisecond. */
export function readDateBound(text: string): DateBounds | undefined {
  const [, prefix, day, time] = BOUND.exec(text) ?? []
  if (prefix === undefined || day === undefined || !isDay(day)) return undefined
  const start = Date.parse(`${day}${time ?? 'T00:00:00Z'}`)
  if (Number.isNaN(start)) return undefined
  // gt leaves out all of what was written, le takes all of it in.
  const bound = new Date(prefix === 'gt' || prefix === 'le' ? start + (time ? 1 : DAY_MS) : start)
  return prefix.startsWith('g') ? { from: bound } : { until: bound }
}

/** Repeated bounds hold together, whatever their order. */
export function narrowed(first: DateBounds, second: DateBounds): DateBounds {
  const from = chosen(first.from, second.from, (a, b) => a > b)
  const until = chosen(first.until, second.until, (a, b) => a < b)
  return { ...(from ? { from } : {}), ...(until ? { until } : {}) }
}

function chosen(
  a: Date | undefined,
  b: Date | undefined,
  isNarrower: (a: Date, b: Date) => boolean,
): Date | undefined {
  return a && b ? (isNarrower(a, b) ? a : b) : (a ?? b)
}

/** `Date.parse` reads 30 February as 2 March. */
function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
}
