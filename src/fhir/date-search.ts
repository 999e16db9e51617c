/**
 * Dates as a search compares them: each is the whole span that its precision leaves open, in UTC where it has no zone.
 * https://hl7.org/fhir/R4/search.html#date
 */

/** Milliseconds since 1970, `until` exclusive; infinite where a period is open. */
export interface Span {
  readonly from: number
  readonly until: number
}

const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const
export type DatePrefix = (typeof prefixes)[number]

export interface DateTerm extends Span {
  readonly prefix: DatePrefix
}

/** Joined by AND, each a list of terms joined by OR. */
export type DateClauses = readonly (readonly DateTerm[])[]

const DATE =
  /^([1-9]\d{3})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/

/** Of a FHIR date, dateTime or instant; undefined for any other text, and for a day that no calendar has. */
export function spanOf(text: string): Span | undefined {
  const [, year, month, day, hour, minute, second, fraction, zone] = DATE.exec(text) ?? []
  if (year === undefined) return undefined
  if (hour === undefined || minute === undefined || zone === undefined) return daysOf(year, month, day)
  const whole = daysOf(year, month, day)
  const from = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}.${(fraction ?? '').slice(0, 3).padEnd(3, '0')}${zone}`,
  )
  if (!whole || Number.isNaN(from)) return undefined
  const length = fraction !== undefined ? 1 : second !== undefined ? 1_000 : 60_000
  return { from, until: from + length }
}

function daysOf(year: string, month: string | undefined, day: string | undefined): Span | undefined {
  const [y, m, d] = [Number(year), Number(month ?? '1'), Number(day ?? '1')]
  const from = Date.UTC(y, m - 1, d)
  // 30 February would be 2 March.
  if (!new Date(from).toISOString().startsWith(`${year}-${month ?? '01'}-${day ?? '01'}`)) return undefined
  if (day !== undefined) return { from, until: Date.UTC(y, m - 1, d + 1) }
  return { from, until: month === undefined ? Date.UTC(y + 1, 0, 1) : Date.UTC(y, m, 1) }
}

export interface OpenPeriod {
  readonly start?: string | undefined
  readonly end?: string | undefined
}

/** Of an element that says when; undefined when it says nothing. A bound that is left out is open. */
export function spanOfElement(value: string | OpenPeriod | undefined): Span | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return spanOf(value)
  if (value.start === undefined && value.end === undefined) return undefined
  const [start, end] = [value.start, value.end].map((bound) =>
    bound === undefined ? undefined : spanOf(bound),
  )
  if ((value.start !== undefined && !start) || (value.end !== undefined && !end)) return undefined
  return { from: start?.from ?? -Infinity, until: end?.until ?? Infinity }
}

/** `ge2026-01-31`; without a prefix it is `eq`. A time without a zone is no instant, and is not read. */
export function readDateTerm(text: string): DateTerm | undefined {
  const prefix = prefixes.find((each) => text.startsWith(each))
  const span = spanOf(prefix === undefined ? text : text.slice(prefix.length))
  return span && { prefix: prefix ?? 'eq', ...span }
}

/** Whether something with this span is found; what has no date is found by none, not even by `ne`. */
export function fitsDates(span: Span | undefined, clauses: DateClauses): boolean {
  return clauses.every((terms) => span !== undefined && terms.some((term) => fitsTerm(span, term)))
}

/** `fits_dates` of the database says the same in SQL; test/store/search-resources.test.ts holds them together. */
function fitsTerm({ from, until }: Span, term: DateTerm): boolean {
  const isWithin = term.from <= from && until <= term.until
  switch (term.prefix) {
    case 'eq':
      return isWithin
    case 'ne':
      return !isWithin
    case 'gt':
      return until > term.until
    case 'lt':
      return from < term.from
    case 'ge':
      return until > term.until || isWithin
    case 'le':
      return from < term.from || isWithin
    case 'sa':
      return from >= term.until
    case 'eb':
      return until <= term.from
  }
}
