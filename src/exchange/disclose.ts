/**
 * The one door. Whatever leaves the gateway about a citizen leaves as a `Disclosure`, and only this file makes one: with
 * a decision made now, on the consents that are in force now, and with its audit row in the same transaction.
 */
import { randomUUID } from 'node:crypto'
import type { Consent, ConsentProvision, Identifier } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import type { AccessRequest, Party } from '#consent/access-request.ts'
import { type CompiledConsent, compileConsent, decide } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import { type Disclosure, release } from '#redact/disclosure.ts'
import { fits, isHeld } from '#fhir/search-parameters.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import { type Organization, organizationsById, organizationsByIdentifier } from '#store/organizations.ts'
import { fenceConsents, type NationalId, nationalIdsOf } from '#store/persons.ts'
import { consentsOf, type StoredResource } from '#store/resources.ts'
import type { Seal } from '#store/seal.ts'

export type { Disclosure } from '#redact/disclosure.ts'

export interface DiscloseOptions {
  readonly seal: Seal
  /** The labelling rules in force: what was labelled under others counts as never labelled. */
  readonly ruleSetVersion: string
  readonly onDecision: (decision: Decision) => void
}

/** Who would receive, why, and under which request. */
export interface DisclosureRequest {
  readonly recipientId: string
  readonly clientId: string
  readonly purposeOfUse: readonly string[]
  readonly action: 'access' | 'disclose'
  /** The FHIR interaction, or `notification`. */
  readonly interaction: string
  readonly now: Date
  readonly requestId: string
  readonly subscriptionId?: string
  /** What was asked for, in clauses of tokens: what is released must itself still fit, or the question would be answered. */
  readonly clauses?: readonly (readonly string[])[]
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
  if (resources.length === 0) return []
  const subjects = [...new Set(resources.map((stored) => stored.subjectId))]
  // INVARIANT: the fence comes first. Consents read after it cannot change before this transaction has ended. The four
  // go out together and run in this order, each on its own snapshot (READ COMMITTED).
  const [, found, organizations, nationalIds] = await Promise.all([
    fenceConsents(tx, subjects),
    consentsOf(tx, subjects),
    organizationsById(tx, [request.recipientId, ...resources.map((stored) => stored.custodian)]),
    nationalIdsOf(tx, options.seal, subjects),
  ])
  const consents = consentsBySubject(found)
  const context = { ruleSetVersion: options.ruleSetVersion, parties: await partiesNamed(tx, found) }

  const judged = resources.map((stored): Judged => {
    const access = accessRequest(request, stored, organizations)
    const target = { resource: identified(stored, nationalIds.get(stored.subjectId)), labels: stored.labels }
    const decision = decide(access, consents.get(stored.subjectId) ?? [], target, context)
    if (decision.effect === 'deny') return { stored, decision }
    const disclosure = release(target.resource, decision)
    return answersOnlyItself(disclosure, request)
      ? { stored, decision, disclosure }
      : { stored, decision: { ...decision, effect: 'deny', reason: 'asked-for-withheld' } }
  })
  for (const { decision } of judged) options.onDecision(decision)
  await appendAudit(
    tx,
    judged.map((each) => auditRow(disclosureEntry(request, each))),
  )
  return judged
}

/** A plan without its addiction part must not be found by a code of that part. The citizen is no secret of the content. */
function answersOnlyItself({ resource }: Disclosure, { clauses = [] }: DisclosureRequest): boolean {
  const aboutContent = clauses.filter((clause) => !clause.some((token) => token.startsWith('subject=')))
  return isHeld(resource) && fits(resource, aboutContent)
}

/** Whom the consents name by a number: a number that the registry knows is somebody else, not an open question. */
async function partiesNamed(tx: Transaction, consents: readonly StoredResource[]): Promise<Party[]> {
  const identifiers = consents.flatMap(({ content }) => actorIdentifiers((content as Consent).provision))
  return (await organizationsByIdentifier(tx, identifiers)).map(partyOf)
}

function actorIdentifiers(provision: ConsentProvision | undefined): Identifier[] {
  if (!provision) return []
  const own = (provision.actor ?? []).flatMap(({ reference }) =>
    reference?.identifier ? [reference.identifier] : [],
  )
  return [...own, ...(provision.provision ?? []).flatMap(actorIdentifiers)]
}

function consentsBySubject(
  stored: readonly StoredResource[],
): ReadonlyMap<string, readonly CompiledConsent[]> {
  const bySubject = new Map<string, CompiledConsent[]>()
  for (const { subjectId, id, versionId, custodian, content } of stored) {
    const recordedBy = `Organization/${custodian}`
    const version = compileConsent({ id, versionId, consent: content as Consent, recordedBy })
    bySubject.set(subjectId, [...(bySubject.get(subjectId) ?? []), version])
  }
  return bySubject
}

function accessRequest(
  request: DisclosureRequest,
  { subjectId, custodian }: StoredResource,
  organizations: ReadonlyMap<string, Organization>,
): AccessRequest {
  return {
    patient: { references: [`Patient/${subjectId}`], identifiers: [] },
    recipient: party(request.recipientId, organizations),
    custodian: party(custodian, organizations),
    timeZone: organizations.get(custodian)?.timeZone ?? 'Europe/Copenhagen',
    purposeOfUse: request.purposeOfUse,
    action: request.action,
    now: request.now.toISOString(),
  }
}

function party(id: string, organizations: ReadonlyMap<string, Organization>): Party {
  const parents: Party[] = []
  for (let parent = organizations.get(id)?.partOf; parent; parent = organizations.get(parent)?.partOf) {
    // A loop in the registry ends here instead of never.
    if (parents.some((known) => known.references.includes(`Organization/${parent}`))) break
    parents.push(alone(parent, organizations))
  }
  return { ...alone(id, organizations), parents }
}

function alone(id: string, organizations: ReadonlyMap<string, Organization>): Party {
  const organization = organizations.get(id)
  return organization
    ? partyOf(organization)
    : { references: [`Organization/${id}`], identifiers: [], parents: [] }
}

function partyOf({ id, identifiers }: Organization): Party {
  return { references: [`Organization/${id}`], identifiers, parents: [] }
}

/** As stored, with the version it is and the national id that a permitted recipient knows the citizen by. */
function identified(
  stored: StoredResource,
  nationalIds: readonly NationalId[] | undefined,
): StoredResource['content'] {
  const resource = stored.content
  if (!isHeld(resource)) return resource
  const [identifier] = nationalIds ?? []
  const subject = {
    reference: `Patient/${stored.subjectId}`,
    ...(identifier ? { identifier: { ...identifier } } : {}),
  }
  return {
    ...resource,
    [resource.resourceType === 'Consent' ? 'patient' : 'subject']: subject,
    meta: { ...resource.meta, versionId: stored.versionId, lastUpdated: stored.lastUpdated.toISOString() },
  }
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
    resources.map((stored) =>
      auditRow({ ...entryOf(request, stored), outcome: 'refused', effect: 'deny', reason }),
    ),
  )
}

function disclosureEntry(request: DisclosureRequest, { stored, decision, disclosure }: Judged): AuditEntry {
  return {
    ...entryOf(request, stored),
    outcome: disclosure ? 'success' : 'refused',
    effect: decision.effect,
    reason: decision.reason,
    basis: decision.basis,
    withheld: decision.withheld.map((each) => each.path),
  }
}

function entryOf(request: DisclosureRequest, stored: StoredResource): Omit<AuditEntry, 'outcome'> {
  return {
    v: 1,
    id: randomUUID(),
    kind: 'disclose',
    at: request.now.toISOString(),
    subject: stored.subjectId,
    client: request.clientId,
    organization: request.recipientId,
    custodian: stored.custodian,
    recipient: request.recipientId,
    purposeOfUse: request.purposeOfUse,
    interaction: request.interaction,
    resources: [{ type: stored.resourceType, id: stored.id, version: stored.versionId }],
    ruleSet: stored.labels.ruleSetVersion,
    requestId: request.requestId,
    ...(request.subscriptionId ? { subscription: request.subscriptionId } : {}),
  }
}
