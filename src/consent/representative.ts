/** Whether whoever gave the consent could: the patient old enough, or somebody with authority. SUL 17, 18; pbrl 4-3. */
import type { Consent, Reference, RelatedPerson } from '@medplum/fhirtypes'
import type { DecisionContext, Subject } from './access-request.ts'
import { isFields, itemsOf, readConcept } from './element-reader.ts'
import { type LocalInstant, parsePointInTime } from './instant.ts'
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

export function representativeFault(
  consent: Consent,
  question: Question,
  context: Context,
): RepresentativeFault | undefined {
  const { performer: performers } = consent
  // Nobody named means the patient.
  if (performers === undefined) return tooYoung(consent, question, context)
  if (!Array.isArray(performers) || performers.length === 0) return 'representative-unverified'
  for (const performer of performers) {
    const fault = isPatient(performer, consent, question)
      ? tooYoung(consent, question, context)
      : faultOfOther(performer, consent, question, context)
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

function tooYoung(consent: Consent, question: Question, { law }: Context): RepresentativeFault | undefined {
  const { birthDate } = question.patient
  if (!law || birthDate === undefined) return undefined
  const given = whenGiven(consent, question) ?? question.at
  return isOfAge(birthDate, law.ageOfConsent.years, given) ? undefined : 'performer-too-young'
}

function faultOfOther(
  performer: Reference,
  consent: Consent,
  question: Question,
  { law, resources }: Context,
): RepresentativeFault | undefined {
  const person = resolve(performer, consent, resources)
  const given = whenGiven(consent, question)
  if (person?.resourceType !== 'RelatedPerson' || !given) return 'representative-unverified'
  if (!isAbout(person.patient, question.patient)) return 'representative-unverified'
  if (person.active !== undefined && person.active !== true) return 'representative-ended'
  const roles = rolesOf(person)
  const guardian = roles.some((role) => GUARDIANS.has(role))
  if (!guardian && !roles.some((role) => DELEGATES.has(role))) return 'representative-unverified'
  const instants = guardian ? [given, question.at] : [given]
  const positions = instants.map((at) => positionIn(person.period, at))
  if (positions.includes('unreadable')) return 'representative-unverified'
  if (positions.some((position) => position !== 'within')) return 'representative-ended'
  return guardian && law && !lacksCapacity(person) ? faultOfAge(question, law.ageOfConsent.years) : undefined
}

/** A child reaches the age of consent, and from then on decides alone. */
function faultOfAge({ patient, at }: Question, years: number): RepresentativeFault | undefined {
  if (patient.birthDate === undefined) return 'representative-unverified'
  return isOfAge(patient.birthDate, years, at) ? 'representative-ended' : undefined
}

/** Undefined when nobody knows. A date without a time counts at its noon. */
function whenGiven({ dateTime }: Consent, { at }: Question): LocalInstant | undefined {
  if (typeof dateTime !== 'string') return undefined
  const exact = /^\d{4}-\d\d-\d\d$/.test(dateTime) ? `${dateTime}T12:00:00Z` : dateTime
  const point = parsePointInTime(exact)
  if (!point || 'local' in point) return undefined
  return { milliseconds: point.first, day: () => at.dayAt(point.first), dayAt: at.dayAt }
}

function isOfAge(birthDate: string, years: number, at: LocalInstant): boolean {
  const birthday = `${String(Number(birthDate.slice(0, 4)) + years).padStart(4, '0')}${birthDate.slice(4)}`
  return birthday <= at.day()
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
