/**
 * The one door. Whatever leaves the gateway about a citizen leaves as a `Disclosure`, and only this file makes one: with
 * a decision made now, on the consents that are in force now, and with its audit row in the same transaction.
 */
import type { Resource } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { decide } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import type { Language } from '#consent/reason.ts'
import { fits, isHeld } from '#fhir/search-parameters.ts'
import type { LawBook } from '#law/law-book.ts'
import { labelContent } from '#label/label.ts'
import type { LabelRecord } from '#label/label-record.ts'
import { withSecurityMeta } from '#label/security-meta.ts'
import { type Disclosure, release } from '#redact/disclosure.ts'
import { namesOf, pointersIn } from '#redact/names.ts'
import { verify } from '#redact/verify.ts'
import { withholdReferences } from '#redact/withhold-references.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import { organizationsById } from '#store/organizations.ts'
import { fenceConsents, type NationalId, nationalIdsOf } from '#store/persons.ts'
import { consentsOf, currentOf, recordsOf, type StoredResource } from '#store/resources.ts'
import type { Seal } from '#store/seal.ts'
import { openWorkItems } from '#store/tasks.ts'
import { accessQuestion, subjectOf } from './access-question.ts'
import {
  askingForRecords,
  consentsBySubject,
  type HeardConsents,
  partiesNamed,
  recordsBySubject,
} from './consents-heard.ts'
import { disclosureEntry, refusalEntry } from './disclosure-audit.ts'
import type { DisclosureRequest } from './disclosure-request.ts'
import { followUps } from './follow-up.ts'
import { type LabelOptions, labelsInForce } from './labels-in-force.ts'
import { claimOn, grantNamed, type OverrideOptions, recordOverrideUse } from './override-use.ts'
import type { OverrideGrant } from '#store/overrides.ts'

export type { Disclosure } from '#redact/disclosure.ts'
export type { DisclosureRequest } from './disclosure-request.ts'

export interface DiscloseOptions extends LabelOptions, OverrideOptions {
  readonly seal: Seal
  /** National rules, compiled at the start. */
  readonly law: LawBook
  readonly onDecision: (decision: Decision) => void
}

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
  const decided = await decideAll(door, resources)
  const withheld = await withheldNames(door, decided)
  const judged = decided.map((each) => released(door, each, withheld))
  for (const { decision } of judged) options.onDecision(decision)
  await leaveTraces(door, judged)
  return judged
}

interface Door {
  readonly tx: Transaction
  readonly options: DiscloseOptions
  readonly request: DisclosureRequest
  readonly grant: OverrideGrant | undefined
  readonly heard: Heard
}

/** What is asked once for all resources of the request. */
interface Heard extends HeardConsents {
  readonly nationalIds: ReadonlyMap<string, readonly NationalId[]>
}

async function hear(
  tx: Transaction,
  options: DiscloseOptions,
  resources: readonly StoredResource[],
): Promise<Heard> {
  const subjects = [...new Set(resources.map((stored) => stored.subjectId))]
  // INVARIANT: the fence comes first. Consents read after it cannot change before this transaction has ended. The three
  // go out together and run in this order, each on its own snapshot (READ COMMITTED).
  const [, found, nationalIds] = await Promise.all([
    fenceConsents(tx, subjects),
    consentsOf(tx, subjects),
    nationalIdsOf(tx, options.seal, subjects),
  ])
  const consents = consentsBySubject(found)
  const [parties, records] = await Promise.all([
    partiesNamed(tx, consents),
    recordsOf(tx, askingForRecords(consents)),
  ])
  return { consents, parties, records: recordsBySubject(records), nationalIds }
}

interface Decided {
  readonly stored: StoredResource
  /** As it would go out whole: with the citizen's national id and the labels in force. */
  readonly resource: StoredResource['content']
  readonly labels: LabelRecord | undefined
  readonly decision: Decision
  /** The recipient's, for what is told in words. */
  readonly language: Language
}

async function decideAll(door: Door, resources: readonly StoredResource[]): Promise<readonly Decided[]> {
  const { tx, options, request, grant, heard } = door
  const [organizations, labelled] = await Promise.all([
    organizationsById(tx, [request.recipientId, ...resources.map((stored) => stored.custodian)]),
    labelsInForce(tx, options, request.recipientId, resources),
  ])
  return resources.map((stored) => {
    const { subjectId, custodian } = stored
    const nationalIds = heard.nationalIds.get(subjectId) ?? []
    const labels = labelled.get(stored.versionId)
    const resource = asSent(stored, nationalIds[0], labels)
    const around = { custodianId: custodian, organizations }
    const asked = accessQuestion(options.law, request, subjectOf(subjectId, nationalIds), around)
    const decision = decide(
      { ...asked.request, ...claimOn(grant, subjectId, request.purposeOfUse) },
      heard.consents.get(subjectId) ?? [],
      { resource, labels },
      {
        ruleSetVersion: options.labelRules.version,
        parties: heard.parties,
        resources: heard.records.get(subjectId) ?? new Map(),
        ...(asked.law && { law: asked.law }),
      },
    )
    const language = organizations.get(request.recipientId)?.jurisdiction === 'NO' ? 'nb' : 'da'
    return { stored, resource, labels, decision, language }
  })
}

/** As stored, with the version it is, the labels it has now, and the national id that a permitted recipient knows the citizen by. */
function asSent(
  stored: StoredResource,
  nationalId: NationalId | undefined,
  labels: LabelRecord | undefined,
): StoredResource['content'] {
  const resource = stored.content
  if (!isHeld(resource)) return resource
  const subject = {
    reference: `Patient/${stored.subjectId}`,
    ...(nationalId ? { identifier: { ...nationalId } } : {}),
  }
  const sent = {
    ...resource,
    [resource.resourceType === 'Consent' ? 'patient' : 'subject']: subject,
    meta: { ...resource.meta, versionId: stored.versionId, lastUpdated: stored.lastUpdated.toISOString() },
  }
  return labels ? withSecurityMeta(sent, labels) : sent
}

const HELD_POINTER = /^(?:CarePlan|Encounter|Condition|Consent)\/(.+)$/

/** What the released would point to and the recipient may not have: decided like everything else, and never sent here. */
async function withheldNames(door: Door, decided: readonly Decided[]): Promise<ReturnType<typeof namesOf>> {
  const known = new Set(decided.map(({ stored }) => stored.id))
  const keys = decided.flatMap(({ stored: { subjectId }, resource, decision }) =>
    decision.effect === 'permit' && decision.reason !== 'own-record'
      ? [...pointersIn(resource).references]
          .flatMap((reference) => HELD_POINTER.exec(reference)?.[1] ?? [])
          .filter((id) => !known.has(id))
          .map((id) => ({ subjectId, id }))
      : [],
  )
  const pointedTo = keys.length === 0 ? [] : await decideAll(door, await currentOf(door.tx, keys))
  const denied = [...decided, ...pointedTo].filter(({ decision }) => decision.effect === 'deny')
  return namesOf(denied.map(({ resource }) => resource))
}

function released(
  { options, request }: Door,
  { stored, resource, labels, decision: first, language }: Decided,
  withheld: ReturnType<typeof namesOf>,
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
