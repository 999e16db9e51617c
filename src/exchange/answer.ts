/**
 * What an interaction answers. Clinical content has one form, `Disclosure`; anything else is a resource that holds none,
 * by its type. There is no way to answer with a bare CarePlan: it does not compile.
 */
import type {
  AuditEvent,
  Bundle,
  CapabilityStatement,
  OperationOutcome,
  Organization,
  Parameters,
  Practitioner,
  PractitionerRole,
  Provenance,
  Subscription,
  Task,
} from '@medplum/fhirtypes'
import type { Disclosure } from './disclose.ts'

export type NonClinical =
  | OperationOutcome
  | CapabilityStatement
  | Subscription
  | AuditEvent
  | Bundle<AuditEvent>
  | Bundle<Parameters>
  | Bundle<Subscription>
  | Parameters
  | Task
  | Bundle<Task>
  | Organization
  | Bundle<Organization>
  | Practitioner
  | PractitionerRole
  | Bundle<Practitioner | PractitionerRole>
  | Provenance
  | Bundle<Provenance>

interface Common {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Of a batch or a transaction: an answer for each entry, in their order. */
export interface AnsweredBundle {
  readonly type: 'batch-response' | 'transaction-response'
  readonly answers: readonly Answer[]
}

export interface AnsweredVersion {
  readonly subjectId: string
  readonly id: string
  readonly versionId: string
}

export type Answer =
  /** `version`: of what a write answers with, so that the same can be answered again. */
  | (Common & { readonly disclosure: Disclosure; readonly version?: AnsweredVersion })
  | (Common & { readonly list: DisclosedList })
  | (Common & { readonly bundle: AnsweredBundle })
  | (Common & { readonly nonClinical: NonClinical })
  | (Common & { readonly empty: true })

/** A page of a search or of a history. There is no total: it would count what is not disclosed, or cost a decision each. */
export interface DisclosedList {
  readonly type: 'searchset' | 'history'
  /** The query as it was understood. */
  readonly self: string
  readonly next?: string
  readonly entries: readonly DisclosedEntry[]
}

export type DisclosedEntry =
  | { readonly disclosure: Disclosure; readonly mode: 'match' | 'include' }
  /** A version; whether it is the first is its custodian's to know. */
  | { readonly disclosure: Disclosure; readonly isFirst: boolean }
  /** The gateway's own, which holds nothing of a record. */
  | { readonly workItem: Task }
  | { readonly deleted: Deletion }
  | { readonly outcome: OperationOutcome }

export interface Deletion {
  readonly resourceType: string
  readonly id: string
  readonly versionId: string
  readonly lastUpdated: Date
}
