/** The statutory life of a consent: a number of years from the day that it was given, whatever it says itself. */
import type { Consent, Resource } from '@medplum/fhirtypes'
import { isFields, itemsOf } from './element-reader.ts'
import { isAfter, isBefore, type LocalInstant, parsePointInTime } from './instant.ts'
import { resolve } from './resolve.ts'

export type Life = 'within' | 'lapsed' | 'unknown'

type Resources = ReadonlyMap<string, Resource> | undefined

/** `unknown` when nothing tells when it was given: then it cannot be shown to be young enough. The paper alone does not. */
export function lifeOf(consent: Consent, years: number, at: LocalInstant, resources: Resources): Life {
  const { dateTime } = consent
  const given = typeof dateTime === 'string' ? parsePointInTime(dateTime) : undefined
  // Of what is said to be given later than now nobody can say when it was.
  const isTold = given !== undefined && !isBefore(at, given)
  const ends = givenDates(consent, resources).map((date) =>
    typeof date === 'string' ? parsePointInTime(yearsLater(date, years)) : undefined,
  )
  // The earliest counts: `dateTime` may be when the statement was entered, and the paper older.
  if (ends.some((end) => end !== undefined && isAfter(at, end))) return 'lapsed'
  return isTold && ends.every((end) => end !== undefined) ? 'within' : 'unknown'
}

function givenDates(consent: Consent, resources: Resources): readonly unknown[] {
  const document = resolve(consent.sourceReference, consent, resources)
  const isDocument = document?.resourceType === 'DocumentReference'
  const attachments = isDocument
    ? itemsOf(document.content).map(({ attachment }) => attachment)
    : [consent.sourceAttachment]
  const dates: readonly unknown[] = [
    consent.dateTime,
    isDocument ? document.date : undefined,
    ...attachments.filter(isFields).map(({ creation }) => creation),
  ]
  return dates.filter((date) => date !== undefined)
}

/**
 * The same day and time in a later year; 29 February becomes 28 February. Of a year or a month the first day counts,
 * since the consent may have been given on it.
 */
export function yearsLater(value: string, years: number): string {
  const [, year = '', month = '01', day = '01', time = ''] =
    /^(\d{4})(?:-(\d\d)(?:-(\d\d)(.*))?)?$/.exec(value) ?? []
  const later = String(Number(year) + years).padStart(4, '0')
  const leapDay = month === '02' && day === '29' && !parsePointInTime(`${later}-02-29`)
  return `${later}-${month}-${leapDay ? '28' : day}${time}`
}
