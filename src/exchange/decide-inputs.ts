/**
 * All that a decision of then was made from: consents, records, labels, registry. Of the records only those that the asker
 * holds are looked at: what others hold must not show through the answer.
 */
import type { Consent, Resource } from '@medplum/fhirtypes'
import type { DecisionContext, Party } from '#consent/access-request.ts'
import { type CompiledConsent, compileConsent } from '#consent/decide.ts'
import { contentLabels } from '#intake/content-labels.ts'
import { withSubject } from '#intake/subject.ts'
import type { LabelRecord } from '#label/label-record.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import { withSecurityMeta } from '#label/security-meta.ts'
import { holdsAny, registryAt, type VersionThen, versionsAt } from '#store/citizen-at.ts'
import type { Transaction } from '#store/database.ts'
import { citizenAt, type Labelled } from '#store/labels.ts'
import type { Citizen } from '#store/merged-persons.ts'
import { type Organization, sensitiveUnitsOf } from '#store/organizations.ts'
import { ruleSetAt } from '#store/rule-sets.ts'
import type { Exchange } from './call.ts'
import type { DecideRequest } from './decide-request.ts'
import { inNeighbourhood } from './labels-in-force.ts'
import { partyOf } from './party.ts'

export interface Held {
  readonly version: VersionThen
  /** As it would go out whole. */
  readonly resource: Resource
  /** Undefined when nobody labelled it under the rules of then. */
  readonly labels: LabelRecord | undefined
}

export interface DecideInputs {
  readonly held: readonly Held[]
  readonly consents: readonly CompiledConsent[]
  readonly ruleSetVersion: string
  readonly registry: ReadonlyMap<string, Organization>
  readonly parties: readonly Party[]
  readonly resources: NonNullable<DecisionContext['resources']>
  readonly heldBy: NonNullable<DecisionContext['heldBy']>
  /** Which versions of all of the citizen's records those are. */
  readonly versions: readonly string[]
  /** Who sent in which consent, by its id. */
  readonly recordedBy: ReadonlyMap<string, string>
}

/** Undefined when the asker holds nothing of the citizen, which looks like a citizen that nobody knows. */
export async function decideInputs(
  tx: Transaction,
  { labelRules }: Pick<Exchange, 'labelRules'>,
  { at, draft }: DecideRequest,
  who: { readonly subjectId: string; readonly askerId: string; readonly citizen?: Citizen | undefined },
): Promise<DecideInputs | undefined> {
  // Before anything is read: how long the answer takes must not tell how much others hold.
  if (!(await holdsAny(tx, who.subjectId, who.askerId))) return undefined
  const versions = await versionsOf(tx, who, at)
  const own = versions.filter(({ custodian }) => custodian === who.askerId)
  if (own.length === 0) return undefined
  const [registry, rules] = await Promise.all([registryAt(tx, at), rulesThen(tx, labelRules, at)])
  const stored = versions.filter(({ resourceType }) => resourceType === 'Consent')
  const consents = [
    ...stored.filter(({ id }) => id !== draft?.id).map(compiled),
    ...(draft ? [compiledDraft(draft, who)] : []),
  ]
  const labels = await labelsThen(tx, own, { rules, at, registry })
  return {
    held: own.map((version) => asHeld(version, labels.get(version.versionId))),
    consents,
    ruleSetVersion: rules.version,
    registry,
    parties: [...registry.values()].map(partyOf),
    resources: new Map(versions.map(({ resourceType, id, content }) => [`${resourceType}/${id}`, content])),
    heldBy: new Map(
      versions.map(({ resourceType, id, custodian }) => [
        `${resourceType}/${id}`,
        `Organization/${custodian}`,
      ]),
    ),
    versions: versions.map(({ id, versionId }) => `${id} ${versionId}`).sort(),
    recordedBy: new Map([
      ...stored.map(({ id, custodian }) => [id, custodian] as const),
      ...(draft ? [[idOf(draft), who.askerId] as const] : []),
    ]),
  }
}

/**
 * Of one who is confirmed to be one citizen with others, the records of all. Not of the past: from when on they were is in the audit
 * log, and not in what is stored about them.
 */
async function versionsOf(
  tx: Transaction,
  { subjectId, citizen }: { readonly subjectId: string; readonly citizen?: Citizen | undefined },
  at: Date | undefined,
): Promise<VersionThen[]> {
  if (at !== undefined || citizen === undefined || citizen.isSuspended) return versionsAt(tx, subjectId, at)
  const all: VersionThen[] = []
  for (const each of citizen.subjectIds) all.push(...(await versionsAt(tx, each, at)))
  return all
}

function compiled({ id, versionId, content, custodian }: VersionThen): CompiledConsent {
  return compileConsent({
    id,
    versionId,
    consent: content as Consent,
    recordedBy: `Organization/${custodian}`,
  })
}

function idOf({ id = 'draft' }: Consent): string {
  return id
}

/** As if it had been stored and were in force: a draft that said of itself that it is one would permit nothing. */
function compiledDraft(
  draft: Consent,
  { subjectId, askerId }: { subjectId: string; askerId: string },
): CompiledConsent {
  const status = draft.status === 'draft' || draft.status === 'proposed' ? 'active' : draft.status
  const consent = { ...withSubject(draft, subjectId), status } as Consent
  return compileConsent({
    id: idOf(draft),
    versionId: 'draft',
    consent,
    recordedBy: `Organization/${askerId}`,
  })
}

/** As `disclose()` has it: dates of a record fall back to when it was stored. */
function asHeld(version: VersionThen, labels: LabelRecord | undefined): Held {
  const { content, versionId, lastUpdated } = version
  const meta = { ...content.meta, versionId, lastUpdated: lastUpdated.toISOString() }
  const resource: Resource = { ...content, meta }
  return { version, resource: labels ? withSecurityMeta(resource, labels) : resource, labels }
}

const NO_RULES: Omit<LabelRuleSet, 'version'> = { ofCode: () => undefined, ofText: () => [] }

/** The rules of then, if they are those of now. Others are known by their labels alone: nobody can label by them any more. */
async function rulesThen(
  tx: Transaction,
  current: LabelRuleSet,
  at: Date | undefined,
): Promise<LabelRuleSet> {
  if (at === undefined) return current
  const version = (await ruleSetAt(tx, at)) ?? 'none'
  return version === current.version ? current : { ...NO_RULES, version }
}

/** No time that anybody has stored. */
const END_OF_TIME = new Date('9999-12-31T00:00:00Z')

/** By version id. */
async function labelsThen(
  tx: Transaction,
  own: readonly VersionThen[],
  { rules, at, registry }: { rules: LabelRuleSet; at: Date | undefined; registry: DecideInputs['registry'] },
): Promise<ReadonlyMap<string, LabelRecord>> {
  const units = sensitiveUnitsOf([...registry.values()])
  const mine = new Set(own.map(({ versionId }) => versionId))
  const isOurs = rules.ofCode !== NO_RULES.ofCode
  const labelled: Labelled[] = []
  for (const subjectId of new Set(own.map((version) => version.subjectId)))
    labelled.push(...(await citizenAt(tx, rules.version, subjectId, at ?? END_OF_TIME)))
  const neighbours = labelled
    .filter(({ versionId }) => mine.has(versionId))
    .map((one): Labelled => (isOurs ? one : { ...one, content: undefined }))
  return new Map(
    neighbours.flatMap((one) => {
      const labels = contentLabels(one, rules)
      const around = labels && inNeighbourhood({ ...one, labels }, neighbours, rules, units)
      return around ? [[one.versionId, around] as const] : []
    }),
  )
}
