/** The statutory life of a consent: a number of years from the day that it was given, whatever it says itself. */
import type { Consent, Resource } from '@medplum/fhirtypes'
import { isFields, itemsOf } from './element-reader.ts'
import { isAfter, type LocalInstant, parsePointInTime } from './instant.ts'
import { resolve } from './resolve.ts'

export type Life = 'within' | 'lapsed' | 'unknown'

type Resources = ReadonlyMap<string, Resource> | undefined

/** `unknown` when nothing tells when it was given: then it cannot be shown to be young enough. */
export function lifeOf(consent: Consent, years: number, at: LocalInstant, resources: Resources): Life {
  const given = givenDates(consent, resources)
  const ends = given.map((value) => parsePointInTime(yearsLater(value, years)))
  if (ends.length === 0 || ends.some((end) => end === undefined)) return 'unknown'
  // The earliest counts: `dateTime` may be when the statement was entered, and the paper older.
  return ends.some((end) => end !== undefined && isAfter(at, end)) ? 'lapsed' : 'within'
}

function givenDates(consent: Consent, resources: Resources): readonly string[] {
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
  return dates.filter((date): date is string => typeof date === 'string')
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
