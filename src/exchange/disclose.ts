/**
 * The one door. Whatever leaves the gateway about a citizen leaves as a `Disclosure`, and only this file makes one: with
 * a decision made now, on the consents that are in force now, and with its audit row in the same transaction.
 */
import type { Resource } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import type { Decision } from '#consent/decision.ts'
import { heldIdIn, isHeld } from '#fhir/held-types.ts'
import { fits } from '#fhir/search-parameters.ts'
import { labelContent } from '#label/label.ts'
import { type Disclosure, release } from '#redact/disclosure.ts'
import { type Names, pointersIn } from '#redact/names.ts'
import { verify } from '#redact/verify.ts'
import { withheldNames } from '#redact/withheld-names.ts'
import { withholdReferences } from '#redact/withhold-references.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import { currentOf, type StoredResource } from '#store/resources.ts'
import { openWorkItems } from '#store/tasks.ts'
import { type Decided, decideStored, type DiscloseOptions, type Door, hear } from './decide-stored.ts'
import { disclosureEntry, refusalEntry } from './disclosure-audit.ts'
import type { DisclosureRequest } from './disclosure-request.ts'
import { followUps } from './follow-up.ts'
import { grantNamed, recordOverrideUse } from './override-use.ts'

export type { DiscloseOptions } from './decide-stored.ts'
export type { Disclosure } from '#redact/disclosure.ts'
export type { DisclosureRequest } from './disclosure-request.ts'

export interface Judged {
  readonly stored: StoredResource
  readonly decision: Decision
  /** Absent when the decision was deny. */
  readonly disclosure?: Disclosure
}

/** Decides about each resource on its own, in the order given. The caller sends only after the transaction committed. */
export async function disclose(
  tx: Transaction,
  options: DiscloseOptions,
  request: DisclosureRequest,
  resources: readonly StoredResource[],
): Promise<readonly Judged[]> {
  const grant = await grantNamed(tx, request)
  if (resources.length === 0) return []
  const heard = await hear(tx, options, resources)
  const door: Door = { tx, options, request, grant, heard }
  const decided = await decideStored(door, resources)
  const withheld = await namesWithheld(door, decided)
  const judged = decided.map((each) => released(door, each, withheld))
  for (const { decision } of judged) options.onDecision(decision)
  await leaveTraces(door, judged)
  return judged
}

/** What the released would point to and the recipient may not have: decided like everything else, and never sent here. */
async function namesWithheld(door: Door, decided: readonly Decided[]): Promise<Names> {
  const known = new Set(decided.map(({ stored }) => stored.id))
  const keys = decided.flatMap(({ stored: { subjectId }, resource, decision }) =>
    decision.effect === 'permit' && decision.reason !== 'own-record'
      ? [...pointersIn(resource).references]
          .flatMap((reference) => heldIdIn(reference) ?? [])
          .filter((id) => !known.has(id))
          .map((id) => ({ subjectId, id }))
      : [],
  )
  const pointedTo = keys.length === 0 ? [] : await decideStored(door, await currentOf(door.tx, keys))
  return withheldNames([...decided, ...pointedTo])
}

function released(
  { options, request }: Door,
  { stored, resource, labels, decision: first, language }: Decided,
  withheld: Names,
): Judged {
  // Whoever holds it reads it as it is, and no label of ours says what that may be.
  if (first.reason === 'own-record')
    return { stored, decision: first, disclosure: release(resource, first, { language }) }
  if (first.effect === 'deny' || !labels) return { stored, decision: first }
  const decision = withholdReferences({ resource, labels }, first, withheld)
  if (decision.effect === 'deny') return { stored, decision }
  const disclosure = release(resource, decision, { language })
  if (!answersOnlyItself(disclosure, request))
    return { stored, decision: denied(decision, 'asked-for-withheld') }
  const again = (outgoing: Resource) => labelContent(outgoing, options.labelRules)
  const missed = verify(disclosure.resource, again, decision.remaining ?? labels)
  return missed.length > 0
    ? { stored, decision: denied(decision, 'verification-failed') }
    : { stored, decision, disclosure }
}

function denied({ basis }: Decision, reason: Decision['reason']): Decision {
  return { effect: 'deny', reason, basis, obligations: [], withheld: [] }
}

/** A plan without its addiction part must not be found by a code of that part. The citizen is no secret of the content. */
function answersOnlyItself({ resource }: Disclosure, { clauses = [] }: DisclosureRequest): boolean {
  const aboutContent = clauses.filter((clause) => !clause.some((token) => token.startsWith('subject=')))
  return isHeld(resource) && fits(resource, aboutContent)
}

/** INVARIANT: with the release or not at all: the audit rows, what a person must do, and the review of broken glass. */
async function leaveTraces({ tx, options, request, grant }: Door, judged: readonly Judged[]): Promise<void> {
  const ruleSetVersion = options.labelRules.version
  const rows = judged.map(({ stored, decision, disclosure }) =>
    auditRow(
      disclosureEntry(request, grant, {
        stored,
        decision,
        ruleSetVersion,
        released: disclosure !== undefined,
      }),
    ),
  )
  const releases = judged.filter(({ disclosure }) => disclosure !== undefined)
  await Promise.all([
    appendAudit(tx, rows),
    openWorkItems(
      tx,
      judged.flatMap(({ stored, decision }) => followUps(stored, decision)),
    ),
    grant &&
      recordOverrideUse(
        tx,
        options,
        grant,
        releases.map(({ stored, decision: { reason, followUp = [] } }) => ({
          reason,
          followUp,
          custodian: stored.custodian,
        })),
        request.now,
      ),
  ])
}

/** A refusal that no consent was asked about, since the client itself may not have it: denied all the same, and audited. */
export async function recordRefusal(
  tx: Transaction,
  request: DisclosureRequest,
  resources: readonly StoredResource[],
  reason: string,
): Promise<void> {
  await appendAudit(
    tx,
    resources.map((stored) => auditRow(refusalEntry(request, stored, reason))),
  )
}
