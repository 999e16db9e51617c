/** Who would receive, why, and under which request: what the door is asked, beside the resources. */
import type { Resource } from '@medplum/fhirtypes'
import type { LegalBasisClaim } from '#consent/access-request.ts'

export interface DisclosureRequest {
  readonly recipientId: string
  readonly clientId: string
  /** As the client is registered; break-glass only by a grant. */
  readonly purposeOfUse: readonly string[]
  readonly action: 'access' | 'disclose'
  /** The FHIR interaction, or `notification`. */
  readonly interaction: string
  readonly now: Date
  readonly requestId: string
  readonly subscriptionId?: string
  /** The grant of broken glass that a person opened. */
  readonly overrideId?: string
  /** A law that the requester names as its basis. */
  readonly legalBasis?: LegalBasisClaim
  /** Whether what is released still answers what was asked for: by a part that is withheld nothing is found. */
  readonly stillFits?: (released: Resource, whole: Resource) => boolean
  /** What the client's scopes let it have: asked before the release, and of what would be released. */
  readonly withinScope?: (resource: Resource) => boolean
  /** Where the client says that the paper of a consent is: for the log. */
  readonly consentReferences?: readonly string[]
}

/** A version of a record, without what is in it. */
export interface RecordVersion {
  readonly subjectId: string
  readonly resourceType: string
  readonly id: string
  readonly versionId: string
  readonly custodian: string
}
