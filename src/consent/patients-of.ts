/**
 * Whom a resource is about. Where it is about several, such as a family session, each of them must have consented, and it
 * goes whole or not at all: nobody can say which words are about whom. [our choice]
 */
import type { Reference, Resource } from '@medplum/fhirtypes'
import type { AccessRequest, Subject } from './access-request.ts'
import { type Basis, type Decision } from './decision.ts'
import { isFields } from './element-reader.ts'
import { sortedBasis } from './judge.ts'
import { partyNameIn } from './party-name.ts'
import { isAbout } from './same-person.ts'

type Resources = ReadonlyMap<string, Resource> | undefined

/** The request once for each patient; none when it is not about the patient of the request, or nobody can tell who else. */
export function requestsByPatient(
  request: AccessRequest,
  patient: Subject,
  resource: Resource,
  resources: Resources,
): readonly AccessRequest[] {
  const subjects = subjectsOf(resource, resources)
  const others = subjects.filter((subject) => !isAbout(subject, patient))
  if (others.length === subjects.length) return []
  // Breaking the glass, or a law that permits, is claimed for one patient.
  const { override: _, legalBasis: __, ...ordinary } = request
  return [request, ...others.map((other) => ({ ...ordinary, patient: subjectFrom(other, resources) }))]
}

/** A group counts with all who were ever in it: the data may be of then. */
function subjectsOf(resource: Resource, resources: Resources): readonly Reference[] {
  const fields: unknown = resource
  if (!isFields(fields)) return []
  const subject = [fields['subject'], fields['patient'], fields['for']].map(asReference).find((each) => each)
  const group: unknown = resources?.get(subject?.reference ?? '')
  if (!isFields(group) || group['resourceType'] !== 'Group') return subject ? [subject] : []
  const listed: readonly unknown[] = Array.isArray(group['member']) ? group['member'] : []
  const members = listed.map((member) => asReference(isFields(member) ? member['entity'] : undefined))
  const patients = members.filter((member) => member?.reference?.startsWith('Patient/'))
  // Of a member that is nobody's name, or no patient, there is no consent to be had.
  return patients.length === listed.length ? patients.filter((member) => member !== undefined) : []
}

function asReference(value: unknown): Reference | undefined {
  if (!isFields(value)) return undefined
  const { reference, identifier } = partyNameIn(value, new Map())
  if (reference === undefined && !identifier) return undefined
  return { ...(reference !== undefined && { reference }), ...(identifier && { identifier }) }
}

function subjectFrom({ reference, identifier }: Reference, resources: Resources): Subject {
  const record: unknown = resources?.get(reference ?? '')
  const birthDate = isFields(record) ? record['birthDate'] : undefined
  const { system, value } = identifier ?? {}
  return {
    references: reference === undefined ? [] : [reference],
    identifiers: system !== undefined && value !== undefined ? [{ system, value }] : [],
    ...(typeof birthDate === 'string' && { birthDate }),
  }
}

/** One decision for all: a deny for one is a deny, and a release must be of the whole for each. */
export function forAll(decisions: readonly [Decision, ...Decision[]]): Decision {
  const [first, ...others] = decisions
  if (others.length === 0) return first
  const refusal = decisions.find(({ effect }) => effect === 'deny')
  if (refusal) return refusal
  const basis: readonly Basis[] = sortedBasis(decisions.flatMap((each) => each.basis))
  const [part] = decisions.flatMap(({ withheld }) => withheld)
  if (part) return { effect: 'deny', reason: part.reason, basis, obligations: [], withheld: [] }
  return { ...first, basis }
}
