/**
 * The resource types that Sluse holds, and what it must know of each: whose record it is, which profile holds it to its
 * form, and by which tokens it is found. To hold another type is a row here; what is then still missing does not compile
 * or fails a test. https://hl7.org/fhir/R4/search.html#token
 */
import type {
  CarePlan,
  CodeableConcept,
  Coding,
  Condition,
  Consent,
  Encounter,
  Resource,
} from '@medplum/fhirtypes'

/** The resource behind each name. */
interface Held {
  CarePlan: CarePlan
  Encounter: Encounter
  Condition: Condition
  Consent: Consent
}

export type HeldType = keyof Held
export type HeldResource = Held[HeldType]

/** The element that names the citizen; absent for a type that follows what it points to, as a Provenance its target. */
export type SubjectElement = 'subject' | 'patient' | 'for'

export type TokenValue = string | Coding | CodeableConcept | undefined

interface TokenReader<R extends Resource> {
  // A method, so that the rows together are one type: each is only ever given what its own name says.
  read(resource: R): TokenValue | readonly TokenValue[]
}

interface Row<R extends Resource> {
  readonly subject?: SubjectElement
  /** What each search parameter reads. */
  readonly tokens: Readonly<Record<string, TokenReader<R>['read']>>
}

const rows: { readonly [T in HeldType]: Row<Held[T]> } = {
  CarePlan: {
    subject: 'subject',
    tokens: {
      status: (plan) => plan.status,
      intent: (plan) => plan.intent,
      category: (plan) => plan.category ?? [],
      'activity-code': (plan) => (plan.activity ?? []).map((activity) => activity.detail?.code),
    },
  },
  Encounter: {
    subject: 'subject',
    tokens: {
      status: (visit) => visit.status,
      class: (visit) => visit.class,
      type: (visit) => visit.type ?? [],
    },
  },
  Condition: {
    subject: 'subject',
    tokens: {
      'clinical-status': (problem) => problem.clinicalStatus,
      'verification-status': (problem) => problem.verificationStatus,
      category: (problem) => problem.category ?? [],
      code: (problem) => problem.code,
    },
  },
  Consent: {
    subject: 'patient',
    tokens: {
      status: (directive) => directive.status,
      scope: (directive) => directive.scope,
      category: (directive) => directive.category,
      purpose: (directive) => directive.provision?.purpose ?? [],
    },
  },
}

export function isHeldType(type: string): type is HeldType {
  return Object.hasOwn(rows, type)
}

export const heldTypes: readonly HeldType[] = Object.keys(rows).filter(isHeldType)

export function isHeld(resource: Resource): resource is HeldResource {
  return isHeldType(resource.resourceType)
}

/** `undefined` as well for a type that is not held. */
export function subjectElementOf(type: string): SubjectElement | undefined {
  return isHeldType(type) ? rows[type].subject : undefined
}

export function tokenReadersOf(type: HeldType): Row<HeldResource>['tokens'] {
  return rows[type].tokens
}

/** What every resource of the type meets before it is stored. */
export function profileOf(type: HeldType): string {
  return `https://sluse.example/fhir/StructureDefinition/sluse-${type.toLowerCase()}`
}

/** The id in `CarePlan/<id>` of a type that is held; any other reference leads to nothing of ours. */
export function heldIdIn(reference: string): string | undefined {
  const slash = reference.indexOf('/')
  return slash > 0 && slash < reference.length - 1 && isHeldType(reference.slice(0, slash))
    ? reference.slice(slash + 1)
    : undefined
}
