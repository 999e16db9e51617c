/** Whether a resource is, or belongs to, what a provision names as data. https://hl7.org/fhir/R4/valueset-consent-data-meaning.html */
import type { Resource } from '@medplum/fhirtypes'
import { wasWrittenBy } from './author.ts'
import type { DataReference } from './criteria-data.ts'
import { type Fields, isFields } from './element-reader.ts'
import { linksOf } from './resource-link.ts'
import type { Question } from './question.ts'
import { and, or, type Truth } from './truth.ts'

export function coversData(
  { meaning, name }: DataReference,
  effect: 'permit' | 'deny',
  question: Question,
): Truth {
  if (meaning === 'authoredby') return wasWrittenBy(name, question.partyTest[effect], question)
  const target = name.reference
  // A number instead of a reference, `#id`, or a meaning that R4 does not have.
  if (meaning === undefined || target === undefined || name.contained) return 'unknown'
  const itself = isInstance(target, question.resource)
  if (itself === true || meaning === 'instance') return itself
  if (meaning === 'dependents') return or(itself, refersTo(question.resource, target, question))
  return or(itself, isRelated(target, question))
}

/** A resource of another server cannot be told from a copy of it that stands here. */
function isInstance(target: string, resource: Resource): Truth {
  if (resource.id === undefined) return 'unknown'
  if (target === keyOf(resource)) return true
  return LOCAL.test(target) ? false : 'unknown'
}

const LOCAL = /^[A-Z]\w+\/[^/]+$/

function keyOf({ resourceType, id }: Resource): string {
  return `${resourceType}/${id ?? ''}`
}

/** A reference that names its target by number alone may mean this one, unless the target is known to have other numbers. */
function refersTo(from: unknown, target: string, { linking }: Question): Truth {
  const { references, identifiers } = linksOf(from)
  if (references.has(target)) return true
  const maybe = [...references].some((reference) => mayBeSame(reference, target)) ? 'unknown' : false
  const found: unknown = linking?.get(target)
  if (!isFields(found)) return identifiers.size > 0 ? 'unknown' : maybe
  return ownIdentifiers(found).some((identifier) => identifiers.has(identifier)) || maybe
}

/** Of `https://gate.example/fhir/Encounter/1` and `Encounter/1` nobody here can tell whether they are of one server. */
function mayBeSame(one: string, other: string): boolean {
  return one.endsWith(`/${other}`) || other.endsWith(`/${one}`)
}

function ownIdentifiers({ identifier }: Fields): readonly string[] {
  // Read like a reference by number: an Identifier alone.
  const list: readonly unknown[] = Array.isArray(identifier) ? identifier : [identifier]
  return list.flatMap((each) => [...linksOf({ identifier: each }).identifiers])
}

/** What is recorded in one of these points to it, so there `related` runs both ways. https://profiles.ihe.net/ITI/PCF/ */
const RECORDED_IN = /^(?:Encounter|CarePlan|EpisodeOfCare)\//

/** One reference away from the resource named; of an episode also a second one, through its encounters. */
function isRelated(target: string, question: Question): Truth {
  const { resource, linking } = question
  const named: unknown = linking?.get(target)
  const outward = isFields(named) ? refersTo(named, keyOf(resource), question) : 'unknown'
  if (!RECORDED_IN.test(target)) return outward
  const inward = refersTo(resource, target, question)
  return or(outward, inward, target.startsWith('EpisodeOfCare/') && isOfEncounterIn(target, question))
}

function isOfEncounterIn(episode: string, question: Question): Truth {
  const { resource, linking } = question
  if (!linking) return 'unknown'
  const encounters = [...linking].filter(([key]) => key.startsWith('Encounter/'))
  const reached = encounters.map(([key, encounter]) =>
    and(
      refersTo(encounter, episode, question),
      or(refersTo(resource, key, question), refersTo(encounter, keyOf(resource), question)),
    ),
  )
  // An encounter that nobody looked up may be one of the episode.
  const missing = [...linksOf(resource).references].some(
    (reference) => reference.startsWith('Encounter/') && !isFields(linking.get(reference)),
  )
  return or(...reached, missing ? 'unknown' : false)
}
