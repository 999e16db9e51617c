/** Whether an instant lies in a Period: both ends inclusive, a missing end unbounded. https://hl7.org/fhir/R4/datatypes.html#Period */
import type { Period } from '@medplum/fhirtypes'
import { isFields } from './element-reader.ts'
import { isAfter, isBefore, type LocalInstant, parsePointInTime, type PointInTime } from './instant.ts'

export type PeriodPosition = 'before' | 'within' | 'after' | 'unreadable'

/** A period read once. Of a day and an exact time only the time zone of the request can tell which comes first. */
export type ReadPeriod =
  | 'unreadable'
  | {
      readonly start: PointInTime | undefined
      readonly end: PointInTime | undefined
      readonly orderNeedsZone: boolean
    }

export function readPeriod(value: unknown): ReadPeriod {
  if (!isFields(value)) return 'unreadable'
  // `_start` would say why a date is missing; a date that is there but not told is not a period without bounds.
  const known = Object.keys(value).every((key) => ['id', 'extension', 'start', 'end'].includes(key))
  const [start, end] = [endOf(value['start']), endOf(value['end'])]
  const bounded = start !== undefined || end !== undefined
  if (!known || !bounded || start === 'unreadable' || end === 'unreadable') return 'unreadable'
  if (!start || !end) return { start, end, orderNeedsZone: false }
  const orderNeedsZone = 'local' in start !== 'local' in end
  return !orderNeedsZone && isReversed(start, end) ? 'unreadable' : { start, end, orderNeedsZone }
}

export function positionAt(period: ReadPeriod | undefined, at: LocalInstant): PeriodPosition {
  if (period === undefined) return 'within'
  if (period === 'unreadable' || isReversedInZone(period, at)) return 'unreadable'
  const { start, end } = period
  if (start && isBefore(at, start)) return 'before'
  return end && isAfter(at, end) ? 'after' : 'within'
}

export function positionIn(period: Period | undefined, at: LocalInstant): PeriodPosition {
  return positionAt(period === undefined ? undefined : readPeriod(period), at)
}

function endOf(value: unknown): PointInTime | undefined | 'unreadable' {
  if (value === undefined) return undefined
  return (typeof value === 'string' ? parsePointInTime(value) : undefined) ?? 'unreadable'
}

function isReversed(start: PointInTime, end: PointInTime): boolean {
  if ('local' in start && 'local' in end) return isLaterDay(start.local, end.local)
  return 'first' in start && 'first' in end && start.first > end.last
}

function isReversedInZone({ start, end, orderNeedsZone }: Exclude<ReadPeriod, string>, at: LocalInstant) {
  if (!orderNeedsZone || !start || !end) return false
  const [from = '', to = ''] = [start, end].map((point) =>
    'local' in point ? point.local : at.dayAt(point.first),
  )
  return isLaterDay(from, to)
}

/** As far as both are told: 2024 is not later than 2024-05. */
function isLaterDay(from: string, to: string): boolean {
  const length = Math.min(from.length, to.length)
  return from.slice(0, length) > to.slice(0, length)
}
