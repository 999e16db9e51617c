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
import type { SourceEntry, SourceMessage, SourceRecord, SourceValue } from '#mapping/source-record.ts'
import schema from './municipality-record.schema.json' with { type: 'json' }

interface MunicipalityRecord {
  readonly recordId: string
  readonly sender: OrganizationPart
  readonly citizen: PersonPart
  readonly course: {
    readonly id: string
    readonly title?: string
    readonly description?: string
    readonly status: string
    readonly requestedOn: string
    readonly startedOn?: string
    readonly endedOn?: string
    readonly provider?: OrganizationPart
  }
  readonly substances?: readonly { readonly kind: string; readonly name?: string; readonly isMain: boolean }[]
  readonly goals?: readonly {
    readonly id: string
    readonly kind: string
    readonly text: string
    readonly status: string
    readonly startedOn?: string
    readonly dueOn?: string
  }[]
  readonly efforts?: readonly EffortPart[]
  readonly contacts?: readonly ContactPart[]
  readonly consents?: readonly ConsentPart[]
}

const validate = compileRecordSchema<MunicipalityRecord>(schema)

/** The JSON record of municipal addiction treatment; the schema beside this file says what may stand in it, and why. */
export function parseRecord(bytes: Uint8Array): SourceMessage {
  const record = readRecord(bytes, validate)
  const patient = personOf(record.citizen)
  const warnings: string[] = []
  const sender = organizationOf(record.sender, '/sender', warnings)
  const provider = record.course.provider
    ? organizationOf(record.course.provider, '/course/provider', warnings)
    : sender
  return {
    format: 'municipality-record',
    messageId: record.recordId,
    patient,
    entries: [
      planEntry(record, { sender, warnings }),
      ...(record.contacts ?? []).map((contact, at) =>
        contactEntry(contact, {
          map: 'record/ContactToEncounter',
          expression: `/contacts/${at}`,
          provider,
          warnings,
        }),
      ),
      ...consentEntries(record.consents ?? [], { organization: sender, warnings }),
    ],
    warnings,
  }
}

function planEntry(
  record: MunicipalityRecord,
  context: { sender: OrganizationRecord; warnings: string[] },
): SourceEntry {
  return {
    map: 'municipality/RecordToCarePlan',
    key: record.course.id,
    record: planRecord(record, context),
  }
}

function planRecord(
  { course, substances = [], goals = [], efforts = [], contacts = [] }: MunicipalityRecord,
  { sender, warnings }: { sender: OrganizationRecord; warnings: string[] },
): SourceRecord {
  const ids = { goals: goals.map(({ id }) => id), contacts: contacts.map(({ id }) => id) }
  return present<SourceValue>({
    planId: course.id,
    status: course.status,
    title: course.title,
    description: course.description,
    created: course.requestedOn,
    ...periodOf({ from: course.startedOn, until: course.endedOn }, '/course/endedOn'),
    author: sender,
    // The main drug first, as SMDB asks for it.
    problems: substances
      .toSorted((a, b) => Number(b.isMain) - Number(a.isMain))
      .map(({ kind, name }, at) => present<SourceValue>({ ...numbered('problem', at), kind, text: name })),
    goals: goals.map(({ kind, text, status, startedOn, dueOn }, at) =>
      present<SourceValue>({ ...numbered('goal', at), kind, text, status, start: startedOn, due: dueOn }),
    ),
    efforts: efforts.map((effort, at) =>
      effortRecord(effort, { expression: `/efforts/${at}`, warnings, ...ids }),
    ),
  })
}

/** Ids inside the plan: https://hl7.org/fhir/R4/references.html#contained */
function numbered(name: string, at: number): { id: string; reference: string } {
  return { id: `${name}-${at + 1}`, reference: `#${name}-${at + 1}` }
}
