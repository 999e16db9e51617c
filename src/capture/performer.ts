/**
 * Whether whoever gave the consent could: the citizen, old enough, or somebody with authority that is shown. Sundhedsloven
 * 17, 18; pasient- og brukerrettighetsloven 4-3. The 13 years of online services play no part (databeskyttelsesloven 6).
 */
import type { Consent, Reference, RelatedPerson } from '@medplum/fhirtypes'
import { type LocalInstant, parseLocalInstant, parsePointInTime } from '#consent/instant.ts'
import { positionIn } from '#consent/period.ts'
import { DELEGATES, GUARDIANS, lacksCapacity, rolesOf } from '#consent/representative.ts'
import type { Fault } from '#fhir/gateway-error.ts'
import { captureTerms } from '#law/capture-terms.ts'
import type { CaptureContext } from './capture-context.ts'

/** On the RelatedPerson: the contained DocumentReference that shows the authority, such as a custody order. */
export const PROOF_OF_AUTHORITY = 'https://sluse.example/fhir/StructureDefinition/proof-of-authority'

interface Times extends CaptureContext {
  readonly at: LocalInstant
  /** The day of `Consent.dateTime`; the first that it may have been, where only a month or a year is known. */
  readonly given: string
  /** By the law of that day. */
  readonly ageOfConsent: number
}

export function performerFaults(consent: Consent, context: CaptureContext): Fault[] {
  const at = parseLocalInstant(context.now, context.timeZone)
  const given = parsePointInTime(consent.dateTime ?? '')
  // Without it nothing can be said of an age; its absence has its own fault.
  if (!at || !given) return []
  const day = 'local' in given ? firstDayOf(given.local) : at.dayAt(given.first)
  const age = captureTerms(context.law, context.jurisdiction, day).ageOfConsent
  if (!age)
    return [
      refused(
        'Consent.dateTime',
        'no rule in force on that day says who may consent: correct the day, or send a new consent',
      ),
    ]
  const times = { ...context, at, given: day, ageOfConsent: age.years }
  // Nobody named means the citizen.
  const performers = consent.performer ?? [consent.patient ?? {}]
  return performers.flatMap((performer, index) => {
    const path = consent.performer ? `Consent.performer[${index}]` : 'Consent.performer'
    return isCitizen(performer, consent)
      ? citizenFaults(times, path)
      : representativeFaults(performer, consent, { ...times, path })
  })
}

function firstDayOf(partial: string): string {
  return `${partial}-01-01`.slice(0, 10)
}

function isCitizen({ reference }: Reference, { patient }: Consent): boolean {
  return reference !== undefined && reference === patient?.reference
}

function refused(expression: string, text: string): Fault {
  return { code: 'performer-not-entitled', expression, text }
}

function citizenFaults({ birthDate, ageOfConsent, given }: Times, path: string): Fault[] {
  if (birthDate === undefined)
    return [
      refused(
        path,
        "the citizen's number does not tell an age, so nobody can tell who decides: send the consent under a CPR, fødselsnummer or D-number",
      ),
    ]
  if (isOfAge(birthDate, ageOfConsent, given)) return []
  return [
    refused(
      path,
      `the citizen was under ${ageOfConsent} when the consent was given: the custody holder consents, as a contained RelatedPerson`,
    ),
  ]
}

function representativeFaults(
  performer: Reference,
  consent: Consent,
  context: Times & { readonly path: string },
): Fault[] {
  const index = (consent.contained ?? []).findIndex(({ id = '' }) => performer.reference === `#${id}`)
  const person = consent.contained?.[index]
  if (person?.resourceType !== 'RelatedPerson') {
    const text =
      'somebody other than the citizen consents: contain a RelatedPerson with relationship, period and proof of authority, and refer to it by `#` and its id'
    return [refused(context.path, text)]
  }
  return relatedPersonFaults(person, consent, { ...context, path: `Consent.contained[${index}]` })
}

function relatedPersonFaults(
  person: RelatedPerson,
  consent: Consent,
  context: Times & { readonly path: string },
): Fault[] {
  const { path } = context
  const roles = rolesOf(person)
  const guardian = roles.some((role) => GUARDIANS.has(role))
  if (!guardian && !roles.some((role) => DELEGATES.has(role))) {
    const text =
      'the relationship gives no authority to consent: send a code of v3-RoleCode such as `GUARD` or `HPOWATT`'
    return [refused(`${path}.relationship`, text)]
  }
  return [
    ...inForceFaults(person, guardian, context),
    ...ageFaults(person, guardian, context),
    ...(hasProof(person, consent)
      ? []
      : [
          refused(
            `${path}.extension`,
            `there is no proof of the authority: contain a DocumentReference of it, and refer to it from the extension \`${PROOF_OF_AUTHORITY}\``,
          ),
        ]),
  ]
}

/** When the consent was given; a guardian's also now, since a child grows up and an appointment ends. */
function inForceFaults(
  { active, period }: RelatedPerson,
  guardian: boolean,
  { at, given, path }: Times & { readonly path: string },
): Fault[] {
  if (active === false)
    return [refused(`${path}.active`, 'the authority is no longer in force: another must consent')]
  if (period === undefined)
    return [
      refused(
        `${path}.period`,
        'nothing says from when the authority is in force: send its period, as the proof of it says',
      ),
    ]
  const noon = parsePointInTime(`${given}T12:00:00Z`)
  const then =
    noon && 'first' in noon ? { milliseconds: noon.first, day: () => given, dayAt: at.dayAt } : undefined
  const instants = [then, ...(guardian ? [at] : [])]
  if (instants.every((instant) => instant && positionIn(period, instant) === 'within')) return []
  const when = guardian ? 'when the consent was given and now' : 'when the consent was given'
  return [refused(`${path}.period`, `the authority was not in force ${when}: another must consent`)]
}

/** From the age of consent on the citizen decides alone, unless a person has found that they cannot. */
function ageFaults(
  person: RelatedPerson,
  guardian: boolean,
  { birthDate, ageOfConsent, at, given, path }: Times & { readonly path: string },
): Fault[] {
  if (guardian && lacksCapacity(person)) return []
  if (birthDate === undefined)
    return [
      refused(
        path,
        "the citizen's number does not tell an age, so nobody can tell who decides: send the consent under a CPR, fødselsnummer or D-number",
      ),
    ]
  const grown = isOfAge(birthDate, ageOfConsent, guardian ? at.day() : given)
  if (guardian && grown)
    return [
      refused(path, `the citizen is ${ageOfConsent} or older and decides alone: let the citizen consent`),
    ]
  if (!guardian && !grown)
    return [
      refused(
        path,
        `the citizen was under ${ageOfConsent} when the consent was given, and could give nobody a power: the custody holder consents`,
      ),
    ]
  return []
}

function hasProof({ extension }: RelatedPerson, { contained = [] }: Consent): boolean {
  const references = (extension ?? [])
    .filter(({ url }) => url === PROOF_OF_AUTHORITY)
    .map(({ valueReference }) => valueReference?.reference)
  return contained.some(
    (document) =>
      document.resourceType === 'DocumentReference' &&
      document.status === 'current' &&
      references.includes(`#${document.id ?? ''}`) &&
      (document.identifier?.some(({ value }) => value !== undefined) === true ||
        document.content.some(({ attachment }) => attachment.hash !== undefined)),
  )
}

/** On the birthday itself; who was born on 29 February, on 1 March of other years. */
function isOfAge(birthDate: string, years: number, day: string): boolean {
  const birthday = `${String(Number(birthDate.slice(0, 4)) + years).padStart(4, '0')}${birthDate.slice(4)}`
  return birthday <= day
}
