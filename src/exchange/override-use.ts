/**
 * Broken glass at the one door: the grant that a request names, what `decide()` is told of it, and what each use leaves
 * behind. Consents and blocks are asked first; a grant that was not needed leaves no flag and no review.
 */
import type { AuditEntry } from '#audit/audit-row.ts'
import type { AccessRequest } from '#consent/access-request.ts'
import type { Decision, ReasonCode } from '#consent/decision.ts'
import { BREAK_GLASS } from '#consent/purpose-of-use.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Transaction } from '#store/database.ts'
import { findOverride, type OverrideGrant } from '#store/overrides.ts'
import { type NewWorkItem, openWorkItems } from '#store/tasks.ts'
import { isUuid } from './is-uuid.ts'

export interface OverrideOptions {
  /** How long a use may stand before somebody has looked at it. */
  readonly overrideReviewHours: number
  /** Once for each review that is opened: statistics by ground. */
  readonly onOverride: (ground: string) => void
}

export interface OverridableRequest {
  readonly overrideId?: string
  readonly clientId: string
  readonly now: Date
}

/** Of a decision that only the broken glass made possible; all others stand without it. */
const OVERRIDE_REASONS: ReadonlySet<ReasonCode> = new Set([
  'permitted-by-override',
  'permitted-by-break-glass-consent',
])

/** Of several reasons for one resource the decision names one; that any was an override, it says in what must follow. */
function usesOverride({ reason, followUp = [] }: Pick<Decision, 'reason' | 'followUp'>): boolean {
  return OVERRIDE_REASONS.has(reason) || followUp.includes('review')
}

/**
 * The grant that the request names, none when it names none. One that is unknown, another client's or out of its time is
 * refused with one text: an empty answer in an emergency would be read as "there is nothing".
 */
export async function grantNamed(
  tx: Transaction,
  { overrideId, clientId, now }: OverridableRequest,
): Promise<OverrideGrant | undefined> {
  if (overrideId === undefined) return undefined
  const grant = await findOverride(tx, overrideId, clientId, undefined, now)
  if (grant) return grant
  throw new GatewayError({
    code: 'override-refused',
    expression: `http:${OVERRIDE_HEADER}`,
    text: 'this override is not in force for your client; open a new one with `POST /fhir/Consent/$override`, or leave the header out',
  })
}

export const OVERRIDE_HEADER = 'Sluse-Override'

/** The id that the header names. Without the header the request is an ordinary one, whatever the client is registered for. */
export function overrideNamed(header: string | undefined): { readonly overrideId?: string } {
  if (header === undefined) return {}
  const overrideId = header.replace(/^urn:uuid:/, '')
  if (isUuid(overrideId)) return { overrideId }
  throw new GatewayError({
    code: 'parameter-invalid',
    expression: `http:${OVERRIDE_HEADER}`,
    text: 'send the `override` that `$override` answered with, as it was',
  })
}

/** A purpose of break-glass in a registration declares nothing: a person does, with a grant. */
export function ordinaryPurposes(registered: readonly string[]): readonly string[] {
  return registered.filter((purpose) => purpose !== BREAK_GLASS)
}

/** What `decide()` is told: only about the citizen of the grant. About anybody else the request is an ordinary one. */
export function claimOn(
  grant: OverrideGrant | undefined,
  subjectId: string,
  registered: readonly string[],
): Pick<AccessRequest, 'purposeOfUse' | 'override'> {
  const purposeOfUse = ordinaryPurposes(registered)
  if (grant?.subjectId !== subjectId) return { purposeOfUse }
  return {
    // Not added to the others: an access that they permit is none of broken glass, in the log as well.
    purposeOfUse: purposeOfUse.length > 0 ? purposeOfUse : [BREAK_GLASS],
    override: {
      privileged: grant.privileged,
      ground: grant.ground,
      // Without one no grant is opened.
      hasReason: true,
      until: grant.expiresAt.toISOString(),
    },
  }
}

/** For the audit row: an access that needed the glass broken, or that was denied in spite of it. Not one permitted anyway. */
export function overrideMark(
  grant: OverrideGrant | undefined,
  subjectId: string,
  decision: Pick<Decision, 'effect' | 'reason' | 'followUp'>,
): Pick<AuditEntry, 'override'> {
  if (grant?.subjectId !== subjectId) return {}
  if (decision.effect === 'permit' && !usesOverride(decision)) return {}
  return { override: { id: grant.id, ground: grant.ground } }
}

export interface OverrideUse extends Pick<Decision, 'reason' | 'followUp'> {
  /** Whose record was opened: it reviews. A practice of one physician would review itself. */
  readonly custodian: string
}

/**
 * Opens a review for each custodian whose records were opened, and an item to tell the patient, unless they are open
 * already. In the transaction of the release: no review, no release.
 */
export async function recordOverrideUse(
  tx: Transaction,
  { overrideReviewHours, onOverride }: OverrideOptions,
  grant: OverrideGrant,
  released: readonly OverrideUse[],
  now: Date,
): Promise<void> {
  const uses = released.filter(usesOverride)
  const dueAt = new Date(now.getTime() + overrideReviewHours * 3_600_000)
  const reviews = uses.map((use) => itemOf('review-override', use, grant, dueAt))
  const opened = await openWorkItems(tx, reviews)
  for (let each = 0; each < opened; each++) onOverride(grant.ground)
  // Who agreed beforehand to be looked up in an emergency has been asked; the review tells them nothing new.
  const unasked = uses.filter(
    ({ reason, followUp = [] }) => reason === 'permitted-by-override' || followUp.includes('inform-patient'),
  )
  await openWorkItems(
    tx,
    unasked.map((use) => itemOf('inform-patient', use, grant, dueAt)),
  )
}

function itemOf(
  code: 'review-override' | 'inform-patient',
  { custodian, reason }: OverrideUse,
  { id, subjectId }: OverrideGrant,
  dueAt: Date,
): NewWorkItem {
  return {
    code,
    ownerOrganizationId: custodian,
    subjectId,
    reason,
    dueAt,
    overrideId: id,
    dedupeKey: `override:${id}`,
  }
}
