/**
 * What an interaction answers. Clinical content has one form, `Disclosure`; anything else is a resource that holds none,
 * by its type. There is no way to answer with a bare CarePlan: it does not compile.
 */
import type {
  AuditEvent,
  Bundle,
  CapabilityStatement,
  OperationOutcome,
  Parameters,
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

interface Common {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

export type Answer =
  | (Common & { readonly disclosure: Disclosure })
  /** A searchset: `self` is the query as it was understood. */
  | (Common & { readonly disclosures: readonly Disclosure[]; readonly self: string })
  | (Common & { readonly nonClinical: NonClinical })
  | (Common & { readonly empty: true })
