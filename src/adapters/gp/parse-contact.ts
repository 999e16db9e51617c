import { consentEntries } from '#adapters/consent-record.ts'
import { present } from '#adapters/fhir-record.ts'
import { compileRecordSchema, readRecord } from '#adapters/json-record.ts'
import type { OrganizationRecord } from '#adapters/organization-record.ts'
import { contactEntry, effortRecord, organizationOf, periodOf, personOf } from '#adapters/record-part.ts'
import type {
  ConsentPart,
  ContactPart,
  EffortPart,
  OrganizationPart,
  PersonPart,
} from '#adapters/record-shape.ts'
import type { SourceEntry, SourceMessage, SourceValue } from '#mapping/source-record.ts'
import schema from './gp-contact.schema.json' with { type: 'json' }

interface GpContact {
  readonly recordId: string
  readonly sender: OrganizationPart
  readonly citizen: PersonPart
  readonly contact: ContactPart
  readonly plan?: {
    readonly id: string
    readonly title?: string
    readonly status: string
    readonly createdOn: string
    readonly from?: string
    readonly until?: string
    readonly efforts: readonly EffortPart[]
  }
  readonly consents?: readonly ConsentPart[]
}

const validate = compileRecordSchema<GpContact>(schema)

/** The JSON record of a contact with the GP: the contact, the GP's own activities, and consents given there. */
export function parseContact(bytes: Uint8Array): SourceMessage {
  const record = readRecord(bytes, validate)
  const patient = personOf(record.citizen)
  const warnings: string[] = []
  const sender = organizationOf(record.sender, '/sender', warnings)
  return {
    format: 'gp-contact',
    messageId: record.recordId,
    patient,
    entries: [
      contactEntry(record.contact, {
        map: 'record/ContactToEncounter',
        expression: '/contact',
        provider: sender,
        warnings,
      }),
      ...planEntries(record, { sender, warnings }),
      ...consentEntries(record.consents ?? [], { organization: sender, warnings }),
    ],
    warnings,
  }
}

function planEntries(
  { plan, contact }: GpContact,
  { sender, warnings }: { sender: OrganizationRecord; warnings: string[] },
): SourceEntry[] {
  if (!plan) return []
  const context = { warnings, goals: [], contacts: [contact.id] }
  return [
    {
      map: 'gp/ContactToCarePlan',
      key: plan.id,
      record: present<SourceValue>({
        planId: plan.id,
        status: plan.status,
        title: plan.title,
        created: plan.createdOn,
        ...periodOf(plan, '/plan/until'),
        author: sender,
        efforts: plan.efforts.map((effort, at) =>
          effortRecord(effort, { ...context, expression: `/plan/efforts/${at}` }),
        ),
      }),
    },
  ]
}
