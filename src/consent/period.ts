/** Whether an instant lies in a Period: both ends inclusive, a missing end unbounded. https://hl7.org/fhir/R4/datatypes.html#Period */
import type { Period } from '@medplum/fhirtypes'
import { isAfter, isBefore, type LocalInstant, parsePointInTime, type PointInTime } from './instant.ts'

export type PeriodPosition = 'before' | 'within' | 'after' | 'unreadable'

export function positionIn(period: Period | undefined, at: LocalInstant): PeriodPosition {
  if (period === undefined) return 'within'
  const [start, end] = endsOf(period)
  if (start === 'unreadable' || end === 'unreadable' || isReversed(start, end, at)) return 'unreadable'
  if (start && isBefore(at, start)) return 'before'
  return end && isAfter(at, end) ? 'after' : 'within'
}

type End = PointInTime | undefined | 'unreadable'

function endsOf(period: Period): readonly [End, End] {
  const known = Object.keys(period).every((key) => ['id', 'extension', 'start', 'end'].includes(key))
  // `_start` would say why a date is missing; a date that is there but not told is not a period without bounds.
  return known ? [endOf(period.start), endOf(period.end)] : ['unreadable', 'unreadable']
}

function endOf(value: unknown): End {
  if (value === undefined) return undefined
  return (typeof value === 'string' ? parsePointInTime(value) : undefined) ?? 'unreadable'
}

function isReversed(start: PointInTime | undefined, end: PointInTime | undefined, at: LocalInstant): boolean {
  if (!start || !end) return false
  if ('first' in start && 'first' in end) return start.first > end.last
  const [from, to] = [start, end].map((point) => ('local' in point ? point.local : at.dayAt(point.first)))
  if (from === undefined || to === undefined) return false
  const length = Math.min(from.length, to.length)
  return from.slice(0, length) > to.slice(0, length)
}
