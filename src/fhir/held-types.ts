/**
 * The resource types that Sluse holds, and what it must know of each: whose record it is, which profile holds it to its
 * form, and by which tokens it is found. To hold another type is a row here; what is then still missing does not compile
 * or fails a test. https://hl7.org/fhir/R4/search.html#token
 */
import type {
  CarePlan,
  CareTeam,
  CodeableConcept,
  Coding,
  Communication,
  Condition,
  Consent,
  DocumentReference,
  Encounter,
  Goal,
  Identifier,
  Observation,
  RelatedPerson,
  Resource,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import { type OpenPeriod, type Span, spanOfElement } from './date-search.ts'

/** The resource behind each name. */
interface Held {
  CarePlan: CarePlan
  Encounter: Encounter
  Condition: Condition
  Consent: Consent
  Goal: Goal
  CareTeam: CareTeam
  Observation: Observation
  ServiceRequest: ServiceRequest
  Communication: Communication
  DocumentReference: DocumentReference
  RelatedPerson: RelatedPerson
  Task: Task
}

export type HeldType = keyof Held
export type HeldResource = Held[HeldType]

/** The element that names the citizen; absent for a type that follows what it points to, as a Provenance its target. */
export type SubjectElement = 'subject' | 'patient' | 'for'

export type TokenValue = string | boolean | Coding | CodeableConcept | Identifier | undefined

interface TokenReader<R extends Resource> {
  // A method, so that the rows together are one type: each is only ever given what its own name says.
  read(resource: R): TokenValue | readonly TokenValue[]
}

interface DateReader<R extends Resource> {
  read(resource: R): string | OpenPeriod | undefined
}

interface Row<R extends Resource> {
  readonly subject?: SubjectElement
  /** What each search parameter reads. */
  readonly tokens: Readonly<Record<string, TokenReader<R>['read']>>
  /** What R4's search parameter `date` reads, where the type has one. */
  readonly date?: DateReader<R>['read']
}

/** https://hl7.org/fhir/R4/search.html#token: a business number by `system|value`. */
const byIdentifier = {
  identifier: ({ identifier = [] }: { readonly identifier?: Identifier[] }) => identifier,
}

const rows: { readonly [T in HeldType]: Row<Held[T]> } = {
  CarePlan: {
    subject: 'subject',
    tokens: {
      status: (plan) => plan.status,
      intent: (plan) => plan.intent,
      category: (plan) => plan.category ?? [],
      'activity-code': (plan) => (plan.activity ?? []).map((activity) => activity.detail?.code),
      ...byIdentifier,
    },
    date: (plan) => plan.period,
  },
  Encounter: {
    subject: 'subject',
    tokens: {
      status: (visit) => visit.status,
      class: (visit) => visit.class,
      type: (visit) => visit.type ?? [],
      ...byIdentifier,
    },
    date: (visit) => visit.period,
  },
  Condition: {
    subject: 'subject',
    tokens: {
      'clinical-status': (problem) => problem.clinicalStatus,
      'verification-status': (problem) => problem.verificationStatus,
      category: (problem) => problem.category ?? [],
      code: (problem) => problem.code,
      ...byIdentifier,
    },
  },
  Consent: {
    subject: 'patient',
    tokens: {
      status: (directive) => directive.status,
      scope: (directive) => directive.scope,
      category: (directive) => directive.category,
      purpose: (directive) => directive.provision?.purpose ?? [],
      ...byIdentifier,
    },
    date: (directive) => directive.dateTime,
  },
  Goal: {
    subject: 'subject',
    tokens: {
      'lifecycle-status': (goal) => goal.lifecycleStatus,
      'achievement-status': (goal) => goal.achievementStatus,
      category: (goal) => goal.category ?? [],
      ...byIdentifier,
    },
  },
  CareTeam: {
    subject: 'subject',
    tokens: {
      status: (team) => team.status,
      category: (team) => team.category ?? [],
      ...byIdentifier,
    },
    date: (team) => team.period,
  },
  Observation: {
    subject: 'subject',
    tokens: {
      status: (finding) => finding.status,
      category: (finding) => finding.category ?? [],
      code: (finding) => finding.code,
      'component-code': (finding) => (finding.component ?? []).map(({ code }) => code),
      'value-concept': (finding) => finding.valueCodeableConcept,
      ...byIdentifier,
    },
    date: ({ effectiveDateTime, effectiveInstant, effectivePeriod }) =>
      effectiveDateTime ?? effectiveInstant ?? effectivePeriod,
  },
  ServiceRequest: {
    subject: 'subject',
    tokens: {
      status: (order) => order.status,
      intent: (order) => order.intent,
      category: (order) => order.category ?? [],
      code: (order) => order.code,
      priority: (order) => order.priority,
      ...byIdentifier,
    },
  },
  Communication: {
    subject: 'subject',
    tokens: {
      status: (message) => message.status,
      category: (message) => message.category ?? [],
      medium: (message) => message.medium ?? [],
      ...byIdentifier,
    },
  },
  DocumentReference: {
    subject: 'subject',
    tokens: {
      status: (document) => document.status,
      type: (document) => document.type,
      category: (document) => document.category ?? [],
      contenttype: (document) => (document.content ?? []).map(({ attachment }) => attachment?.contentType),
      facility: (document) => document.context?.facilityType,
      setting: (document) => document.context?.practiceSetting,
      identifier: ({ masterIdentifier, identifier = [] }) => [masterIdentifier, ...identifier],
    },
    date: (document) => document.date,
  },
  RelatedPerson: {
    subject: 'patient',
    tokens: {
      active: (person) => person.active,
      relationship: (person) => person.relationship ?? [],
      gender: (person) => person.gender,
      ...byIdentifier,
    },
  },
  Task: {
    subject: 'for',
    tokens: {
      status: (request) => request.status,
      'business-status': (request) => request.businessStatus,
      intent: (request) => request.intent,
      priority: (request) => request.priority,
      code: (request) => request.code,
      ...byIdentifier,
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

/** Whether R4 gives the type the search parameter `date`. */
export function hasDate(type: HeldType): boolean {
  return rows[type].date !== undefined
}

/** When it was, or is planned; undefined when it does not say. */
export function dateOf(resource: HeldResource): Span | undefined {
  const { date }: Row<HeldResource> = rows[resource.resourceType]
  return date && spanOfElement(date(resource))
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
