/** Decides about stored resources now: on the consents, labels and law of this transaction, behind the consent fence. */
import { decide } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import type { Language } from '#consent/reason.ts'
import { isHeld, subjectElementOf } from '#fhir/held-types.ts'
import type { LawBook } from '#law/law-book.ts'
import type { LabelRecord } from '#label/label-record.ts'
import { withSecurityMeta } from '#label/security-meta.ts'
import type { Transaction } from '#store/database.ts'
import { citizensOf } from '#store/merged-persons.ts'
import { organizationsById } from '#store/organizations.ts'
import type { OverrideGrant } from '#store/overrides.ts'
import { fenceConsents, type NationalId, nationalIdsOf } from '#store/persons.ts'
import { consentsOf, recordsOf, type StoredResource } from '#store/resources.ts'
import type { Seal } from '#store/seal.ts'
import { accessQuestion, subjectOf } from './access-question.ts'
import { type Citizens, eachOf, joinedOf, othersOf, withOthers } from './citizens-heard.ts'
import {
  askingForRecords,
  consentsBySubject,
  type HeardConsents,
  holdersBySubject,
  partiesNamed,
  recordsBySubject,
} from './consents-heard.ts'
import type { DisclosureRequest } from './disclosure-request.ts'
import { type LabelOptions, labelsInForce } from './labels-in-force.ts'
import { claimOn, type OverrideOptions } from './override-use.ts'

export interface DiscloseOptions extends LabelOptions, OverrideOptions {
  readonly seal: Seal
  /** National rules, compiled at the start. */
  readonly law: LawBook
  readonly onDecision: (decision: Decision) => void
}

/** One request at the door, with what was asked once for all its resources. */
export interface Door {
  readonly tx: Transaction
  readonly options: DiscloseOptions
  readonly request: DisclosureRequest
  readonly grant: OverrideGrant | undefined
  readonly heard: Heard
}

/** What is asked once for all resources of the request. */
export interface Heard extends HeardConsents {
  readonly nationalIds: ReadonlyMap<string, readonly NationalId[]>
  readonly subjects: ReadonlySet<string>
  /** Each subject with those that are the same citizen. */
  readonly citizens: Citizens
}

export const NOTHING_HEARD: Heard = {
  consents: new Map(),
  parties: [],
  records: new Map(),
  holders: new Map(),
  nationalIds: new Map(),
  subjects: new Set(),
  citizens: new Map(),
}

/** With what was heard before in the same transaction: nobody's consents can have changed since. */
export async function hear(
  { tx, options, heard }: Door,
  resources: readonly StoredResource[],
): Promise<Heard> {
  const asked = new Set(resources.map((stored) => stored.subjectId))
  const subjects = [...asked.difference(heard.subjects)]
  if (subjects.length === 0) return heard
  // INVARIANT: the fence comes first. Consents read after it cannot change before this transaction has ended. They
  // go out together and run in this order, each on its own snapshot (READ COMMITTED).
  const [, found, nationalIds, citizens] = await Promise.all([
    fenceConsents(tx, subjects),
    consentsOf(tx, subjects),
    nationalIdsOf(tx, options.seal, subjects),
    citizensOf(tx, subjects),
  ])
  // Whoever links a citizen to another takes the rows of both, so nobody is missing here.
  const others = othersOf(citizens)
  const [, more = []] =
    others.length === 0 ? [] : await Promise.all([fenceConsents(tx, others), consentsOf(tx, others)])
  const consents = consentsBySubject([...found, ...more])
  const [parties, records] = await Promise.all([
    partiesNamed(tx, consents),
    recordsOf(tx, withOthers(citizens, askingForRecords(consents))),
  ])
  return {
    consents: new Map([...heard.consents, ...eachOf(citizens, consents)]),
    parties: [...heard.parties, ...parties],
    records: new Map([...heard.records, ...joinedOf(citizens, recordsBySubject(records))]),
    holders: new Map([...heard.holders, ...joinedOf(citizens, holdersBySubject(records))]),
    nationalIds: new Map([...heard.nationalIds, ...nationalIds]),
    subjects: heard.subjects.union(asked),
    citizens: new Map([...heard.citizens, ...citizens]),
  }
}

export interface Decided {
  readonly stored: StoredResource
  /** As it would go out whole: with the citizen's national id and the labels in force. */
  readonly resource: StoredResource['content']
  readonly labels: LabelRecord | undefined
  readonly decision: Decision
  /** The recipient's, for what is told in words. */
  readonly language: Language
}

export async function decideStored(
  door: Door,
  resources: readonly StoredResource[],
): Promise<readonly Decided[]> {
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
    const subject = subjectOf(subjectId, nationalIds, heard.citizens.get(subjectId))
    const asked = accessQuestion(options.law, request, subject, around)
    const decision = decide(
      { ...asked.request, ...claimOn(grant, subjectId, request.purposeOfUse) },
      heard.consents.get(subjectId) ?? [],
      { resource, labels },
      {
        ruleSetVersion: options.labelRules.version,
        parties: heard.parties,
        resources: heard.records.get(subjectId) ?? new Map(),
        heldBy: heard.holders.get(subjectId) ?? new Map(),
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
  const element = subjectElementOf(resource.resourceType)
  const subject = {
    reference: `Patient/${stored.subjectId}`,
    ...(nationalId ? { identifier: { ...nationalId } } : {}),
  }
  const sent = {
    ...resource,
    ...(element && { [element]: subject }),
    meta: { ...resource.meta, versionId: stored.versionId, lastUpdated: stored.lastUpdated.toISOString() },
  }
  return labels ? withSecurityMeta(sent, labels) : sent
}
