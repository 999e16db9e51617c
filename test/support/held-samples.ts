/** One valid resource of each type that is held, as a client sends it: the citizen by number, and no id. */
import type { Resource } from '@medplum/fhirtypes'
import { type HeldType, subjectElementOf } from '#fhir/held-types.ts'
import * as valid from './valid-resources.ts'

const byType = {
  CarePlan: valid.carePlan,
  Encounter: valid.encounter,
  Condition: valid.condition,
  Consent: valid.consent,
  Goal: valid.goal,
  CareTeam: valid.careTeam,
  Observation: valid.observation,
  ServiceRequest: valid.serviceRequest,
  Communication: valid.communication,
  DocumentReference: valid.documentReference,
  RelatedPerson: valid.relatedPerson,
  Task: valid.task,
} as const satisfies Record<HeldType, object>

export function heldSample<T extends Resource = Resource>(type: HeldType, value = '2509479989'): T {
  const { id: _ours, ...sample } = byType[type]
  const subject = { identifier: { system: 'urn:oid:1.2.208.176.1.2', value } }
  return { ...sample, [subjectElementOf(type) ?? 'subject']: subject } as unknown as T
}
