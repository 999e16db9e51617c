/** A work item as a FHIR Task: codes, references and dates, nothing about anybody's health. https://hl7.org/fhir/R4/task.html */
import type { CodeableConcept, Task } from '@medplum/fhirtypes'
import { WORK_ITEM } from '#fhir/work-item-code.ts'
import type { WorkItem } from '#store/tasks.ts'

const REASON = 'https://sluse.example/fhir/CodeSystem/decision-reason'
const OVERRIDE = 'https://sluse.example/fhir/NamingSystem/override'

export function taskResource(item: WorkItem): Task {
  return {
    resourceType: 'Task',
    id: item.id,
    meta: { versionId: item.versionId, lastUpdated: item.lastUpdated.toISOString() },
    ...(item.overrideId ? { identifier: [{ system: OVERRIDE, value: item.overrideId }] } : {}),
    status: item.status,
    intent: 'order',
    code: coded(WORK_ITEM, item.code),
    ...(item.focus ? { focus: { reference: item.focus } } : {}),
    for: { reference: `Patient/${item.subjectId}` },
    authoredOn: item.createdAt.toISOString(),
    lastModified: item.lastUpdated.toISOString(),
    // Who broke the glass is asked first.
    ...(item.person ? { requester: { identifier: { ...item.person } } } : {}),
    owner: { reference: `Organization/${item.ownerOrganizationId}` },
    reasonCode: coded(REASON, item.reason),
    ...(item.dueAt ? { restriction: { period: { end: item.dueAt.toISOString() } } } : {}),
  }
}

function coded(system: string, code: string): CodeableConcept {
  return { coding: [{ system, code }] }
}
