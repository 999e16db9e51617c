/**
 * Which date of a resource counts, and whether it lies in the data period of a provision. The map below is published in
 * docs/api/consent.md; what it does not name counts by its last update. https://profiles.ihe.net/ITI/PCF/volume-1.html
 */
import type { Resource } from '@medplum/fhirtypes'
import { type Fields, isFields } from './element-reader.ts'
import { boundsOf, type LocalInstant, parsePointInTime } from './instant.ts'
import { type ReadPeriod, readPeriod } from './period.ts'
import type { Question } from './question.ts'
import type { Truth } from './truth.ts'

/** Of each type the elements in order; `onset` stands for `onsetDateTime`, `onsetPeriod` and whatever else it may be. */
const dateElements: ReadonlyMap<string, readonly string[]> = new Map([
  ['CarePlan', ['period', 'created']],
  ['Encounter', ['period']],
  ['EpisodeOfCare', ['period']],
  ['Condition', ['onset', 'recordedDate']],
  ['Observation', ['effective', 'issued']],
  ['DiagnosticReport', ['effective', 'issued']],
  ['Procedure', ['performed']],
  ['MedicationRequest', ['authoredOn']],
  ['ServiceRequest', ['authoredOn']],
  ['Task', ['authoredOn']],
  ['MedicationStatement', ['effective', 'dateAsserted']],
  ['Goal', ['start', 'statusDate']],
  ['CareTeam', ['period']],
  ['RelatedPerson', ['period']],
  ['Communication', ['sent', 'received']],
  ['DocumentReference', ['date']],
  ['Composition', ['date']],
  ['QuestionnaireResponse', ['authored']],
])

/** A permit needs all of the data inside the period, a deny any of it. Without any date the data fails a permit and matches a deny. */
export function coversDataPeriod(
  period: ReadPeriod | undefined,
  effect: 'permit' | 'deny',
  { resource, at }: Pick<Question, 'resource' | 'at'>,
): Truth {
  if (period === undefined) return true
  const [listed, dated] = [rangeOf(period, at), rangeOf(dateOf(resource), at)]
  if (listed === 'unreadable' || dated === 'unreadable') return 'unknown'
  if (listed === undefined) return true
  if (dated === undefined) return effect === 'deny'
  return effect === 'permit'
    ? dated.first >= listed.first && dated.last <= listed.last
    : dated.first <= listed.last && dated.last >= listed.first
}

interface Range {
  readonly first: number
  readonly last: number
}

/** A period without end goes on; one without start has always been. */
function rangeOf(period: ReadPeriod | undefined, at: LocalInstant): Range | 'unreadable' | undefined {
  if (period === undefined || period === 'unreadable') return period
  const first = period.start ? boundsOf(period.start, at).first : -Infinity
  const last = period.end ? boundsOf(period.end, at).last : Infinity
  return first > last ? 'unreadable' : { first, last }
}

/** Undefined for data without any date. A date in a form that cannot be compared, such as an age, is not none. */
export function dateOf(resource: Resource): ReadPeriod | undefined {
  const fields: unknown = resource
  if (!isFields(fields)) return 'unreadable'
  for (const element of dateElements.get(resource.resourceType) ?? []) {
    const value = valueOf(fields, element)
    if (value !== undefined) return asPeriod(value)
  }
  const { meta } = fields
  const lastUpdated = isFields(meta) ? meta['lastUpdated'] : undefined
  return lastUpdated === undefined ? undefined : asPeriod(lastUpdated)
}

const FORMS = [
  '',
  'DateTime',
  'Date',
  'Instant',
  'Period',
  'Timing',
  'Age',
  'Range',
  'String',
  'CodeableConcept',
]

function valueOf(fields: Fields, element: string): unknown {
  for (const form of FORMS) {
    const value = fields[`${element}${form}`]
    if (value !== undefined) return value
  }
  return undefined
}

function asPeriod(value: unknown): ReadPeriod {
  const point = typeof value === 'string' ? parsePointInTime(value) : undefined
  return point ? { start: point, end: point, orderNeedsZone: false } : readPeriod(value)
}
