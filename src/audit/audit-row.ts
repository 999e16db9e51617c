/** One thing that happened, as the canonical bytes that are hashed (RFC 8785; leaf = SHA-256(0x00 ‖ entry), RFC 6962). */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** What happened. Each has its FHIR AuditEvent in `audit-event.ts`. */
export type AuditKind =
  | 'accept' // a record of a citizen was stored
  | 'refuse' // a record was refused and its original quarantined
  | 'disclose' // a decision about one resource and one recipient, and what came of it
  | 'recall' // an earlier recipient is told that the basis of what it has is gone
  | 'search' // a question about a citizen, whatever it found
  | 'token' // a client asked for a token
  | 'subscribe' // a subscription was made, changed or ended
  | 'audit-read' // somebody read the audit log
  | 'override' // a person broke the glass: a grant was opened
  | 'decide' // somebody asked what would be decided about a citizen's records
  | 'directory' // somebody read, searched or changed who works where: about no citizen
  | 'work-item' // somebody read, searched or changed what a person has to do
  | 'registry-change' // an operator registered an organisation or a client, or changed one
  | 'person-link' // two subjects were found to be one citizen, or not; or a consent that waited for a person was confirmed

export interface AuditEntry {
  readonly v: 1
  readonly id: string
  readonly kind: AuditKind
  /** Instant of the decision, from the same clock that the decision was made with. */
  readonly at: string
  readonly outcome: 'success' | 'refused' | 'error'
  /** Of a decision. */
  readonly effect?: 'permit' | 'deny'
  readonly reason?: string
  /** Random id of the citizen; never a national id. */
  readonly subject?: string
  readonly client?: string
  /** Organisation that acted, that holds the data, that received or would have received it. */
  readonly organization?: string
  readonly custodian?: string
  readonly recipient?: string
  readonly purposeOfUse?: readonly string[]
  readonly interaction?: string
  readonly basis?: readonly {
    readonly consent: string
    readonly version: string
    readonly provision: string
  }[]
  readonly resources?: readonly { readonly type: string; readonly id: string; readonly version?: string }[]
  /** Paths that were withheld: element names, never content. */
  readonly withheld?: readonly string[]
  readonly ruleSet?: string
  /** The rule of national law that decided, such as `DK-6`. */
  readonly law?: string
  /** What the requester named as its basis: a code, a reason by code, the id of a document. */
  readonly legalBasis?: { readonly code: string; readonly reason?: string; readonly document?: string }
  /** Of a token that was issued or revoked: its `jti`, never the token. */
  readonly token?: string
  /** Where the client says that the paper of a consent is (UDAP `consent_reference`); nothing was decided by it. */
  readonly consentReference?: readonly string[]
  /** Broken glass: the grant, whose row knows the person, and the ground. Not of an access that was permitted anyway. */
  readonly override?: { readonly id: string; readonly ground: string }
  /** Of all that a `$decide` was answered from: the same inputs give the same answer. */
  readonly inputsHash?: string
  readonly subscription?: string
  /** Of a registry change: who made it at the command line. */
  readonly operator?: string
  /** Of a registry change: what, field by field. No secret, and of staff no more than how many they are. */
  readonly registered?: {
    readonly type: 'Organization' | 'Client'
    readonly id: string
    readonly fields: readonly { readonly name: string; readonly before?: string; readonly after?: string }[]
  }
  readonly attempt?: number
  /** Of the exact bytes received or released, hexadecimal. */
  readonly bodySha256?: string
  readonly requestId?: string
}

export interface AuditRow {
  readonly entry: AuditEntry
  readonly canonical: string
  readonly leafHash: string
}

const LEAF = Uint8Array.of(0)

export function auditRow(entry: AuditEntry): AuditRow {
  const canonical = canonicalize(entry)
  if (canonical === undefined) throw new TypeError('an audit entry must be an object')
  return { entry, canonical, leafHash: createHash('sha256').update(LEAF).update(canonical).digest('hex') }
}
