/** Whether whoever gave the consent could: the patient old enough, or somebody with authority. SUL 17, 18; pbrl 4-3. */
import type { Consent, Reference, RelatedPerson } from '@medplum/fhirtypes'
import type { DecisionContext, Subject } from './access-request.ts'
import type { Candidate } from './candidate.ts'
import { isFields, itemsOf, readConcept } from './element-reader.ts'
import { isBefore, type LocalInstant } from './instant.ts'
import { positionIn } from './period.ts'
import type { Question } from './question.ts'
import { resolve } from './resolve.ts'
import { isAbout } from './same-person.ts'

export type RepresentativeFault = 'representative-unverified' | 'representative-ended' | 'performer-too-young'

const ROLE_CODE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'

/** For the patient in place of the patient: it ends with the patient's coming of age, and with the appointment. */
export const GUARDIANS: ReadonlySet<string | undefined> = new Set(['GUARD', 'GUADLTM', 'RESPRSN'])
/** By the patient's own will: it counts when the consent is given. */
export const DELEGATES: ReadonlySet<string | undefined> = new Set(
  'POWATT DPOWATT HPOWATT SPOWATT DELEGATEE'.split(' '),
)

/** Set by a person, never worked out: guardianship then goes on past the age of consent. */
const LACKS_CAPACITY = 'https://sluse.example/fhir/StructureDefinition/patient-lacks-capacity'

interface Context {
  readonly law: DecisionContext['law'] | undefined
  readonly resources: DecisionContext['resources'] | undefined
}

/** `given`: when the consent was, in milliseconds. */
export function representativeFault(
  { version: { consent }, given }: Pick<Candidate, 'version' | 'given'>,
  question: Question,
  context: Context,
): RepresentativeFault | undefined {
  const { performer: performers } = consent
  const then = given === undefined ? undefined : instantAt(given, question.at)
  // Nobody named means the patient.
  if (performers === undefined) return tooYoung(then, question, context)
  if (!Array.isArray(performers) || performers.length === 0) return 'representative-unverified'
  for (const performer of performers) {
    const fault = isPatient(performer, consent, question)
      ? tooYoung(then, question, context)
      : faultOfOther(performer, { consent, given: then }, question, context)
    if (fault) return fault
  }
  return undefined
}

/** By what the request knows the patient as, or just as the consent itself names the patient. */
function isPatient(performer: Reference, { patient }: Consent, question: Question): boolean {
  return isAbout(performer, question.patient) || (isFields(patient) && isAbout(performer, namedBy(patient)))
}

function namedBy({ reference, identifier }: Reference): Subject {
  const { system, value } = isFields(identifier) ? identifier : {}
  return {
    references: typeof reference === 'string' ? [reference] : [],
    identifiers: typeof system === 'string' && typeof value === 'string' ? [{ system, value }] : [],
  }
}

function tooYoung(
  given: LocalInstant | undefined,
  question: Question,
  { law }: Context,
): RepresentativeFault | undefined {
  if (!law || question.patient.birthDate === undefined) return undefined
  return isOfAge(question, given ?? question.at) ? undefined : 'performer-too-young'
}

function faultOfOther(
  performer: Reference,
  { consent, given }: { readonly consent: Consent; readonly given: LocalInstant | undefined },
  question: Question,
  { law, resources }: Context,
): RepresentativeFault | undefined {
  const person = resolve(performer, consent, resources)
  if (person?.resourceType !== 'RelatedPerson' || !given) return 'representative-unverified'
  if (!isAbout(person.patient, question.patient)) return 'representative-unverified'
  const active: unknown = person.active
  if (active !== undefined && active !== true) return 'representative-ended'
  const roles = rolesOf(person)
  const guardian = roles.some((role) => GUARDIANS.has(role))
  if (!guardian && !roles.some((role) => DELEGATES.has(role))) return 'representative-unverified'
  const instants = guardian ? [given, question.at] : [given]
  const positions = instants.map((at) => positionIn(person.period, at))
  if (positions.includes('unreadable')) return 'representative-unverified'
  if (positions.some((position) => position !== 'within')) return 'representative-ended'
  return guardian && law && !lacksCapacity(person) ? faultOfAge(question) : undefined
}

/** A child reaches the age of consent, and from then on decides alone. */
function faultOfAge(question: Question): RepresentativeFault | undefined {
  if (question.comesOfAge === undefined) return 'representative-unverified'
  return isOfAge(question, question.at) ? 'representative-ended' : undefined
}

function instantAt(milliseconds: number, { dayAt }: LocalInstant): LocalInstant {
  return { milliseconds, day: () => dayAt(milliseconds), dayAt }
}

/** Of whom no birthday can be told, nobody can say so. */
function isOfAge({ comesOfAge }: Question, at: LocalInstant): boolean {
  return comesOfAge !== undefined && !isBefore(at, comesOfAge)
}

export function rolesOf({ relationship }: RelatedPerson): readonly (string | undefined)[] {
  const concepts: unknown = relationship
  return (Array.isArray(concepts) ? concepts : [])
    .flatMap((concept: unknown) => readConcept(concept, '', []))
    .filter(({ system }) => system === ROLE_CODE)
    .map(({ code }) => code)
}

export function lacksCapacity({ extension }: RelatedPerson): boolean {
  return itemsOf(extension).some(({ url, valueBoolean }) => url === LACKS_CAPACITY && valueBoolean === true)
}
