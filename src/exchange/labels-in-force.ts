/**
 * The labels that a decision goes by: those of the content under the rules in force, and what follows from the units and
 * resources around it, as they are at this moment. What was labelled under other rules is labelled here, before it is
 * decided about (docs/adr/0016).
 */
import type { Resource } from '@medplum/fhirtypes'
import { heldIdIn } from '#fhir/held-types.ts'
import { contentLabels } from '#intake/content-labels.ts'
import { inContext, type LabelSource } from '#label/in-context.ts'
import type { LabelRecord } from '#label/label-record.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import type { Queryable, Transaction } from '#store/database.ts'
import { addedLabels, type Labelled, neighboursOf } from '#store/labels.ts'
import type { SensitiveUnits } from '#store/organizations.ts'
import { isUuid } from './is-uuid.ts'

export interface LabelOptions {
  readonly labelRules: LabelRuleSet
  /** What each registered unit treats, at most a few seconds old. */
  readonly sensitiveUnits: (db: Queryable) => Promise<SensitiveUnits>
}

/** A stored version, with its labels under whatever rules. */
export type Unlabelled = Omit<Labelled, 'content'> & { readonly content: Resource | undefined }

/**
 * By version id; a version that could not be labelled is missing, and so may not leave. To its custodian a resource shows
 * the labels that it has by itself: what is around it may be another's secret.
 */
export async function labelsInForce(
  tx: Transaction,
  options: LabelOptions,
  recipientId: string,
  resources: readonly Unlabelled[],
): Promise<ReadonlyMap<string, LabelRecord>> {
  const { labelRules } = options
  const [units, own] = await Promise.all([options.sensitiveUnits(tx), ownLabels(tx, labelRules, resources)])
  const linked = own.filter(({ custodian }) => custodian !== recipientId)
  const neighbours = await neighboursOf(tx, labelRules.version, linked.flatMap(linksOf))
  return new Map(
    own.flatMap((one) => {
      const around = one.custodian === recipientId ? [] : neighbours
      const labels = inNeighbourhood(one, around, labelRules, units)
      return labels ? [[one.versionId, labels] as const] : []
    }),
  )
}

/** Labels of the content under the rules in force: as accepted, as relabelled since, or made now. */
async function ownLabels(
  tx: Transaction,
  rules: LabelRuleSet,
  resources: readonly Unlabelled[],
): Promise<readonly Labelled[]> {
  const older = resources.filter(({ labels }) => labels.ruleSetVersion !== rules.version)
  const added = await addedLabels(tx, rules.version, older)
  return resources.flatMap((one) => {
    const labels = contentLabels({ ...one, labels: added.get(one.versionId) ?? one.labels }, rules)
    return labels ? [{ ...one, labels }] : []
  })
}

function linksOf({ subjectId, resourceType, id, labels: { pointers = [] } }: Labelled) {
  const pointsTo = pointers.flatMap(({ to }) => heldIdIn(to) ?? []).filter((target) => isUuid(target))
  // Nobody's labels flow to a plan or a consent: only what they point to matters.
  const isPointedTo = resourceType === 'Encounter' || resourceType === 'Condition'
  return pointsTo.length > 0 || isPointedTo
    ? [{ subjectId, reference: `${resourceType}/${id}`, pointsTo }]
    : []
}

/** Undefined when something around it could not be labelled: then nobody knows what it gives away. */
export function inNeighbourhood(
  one: Labelled,
  neighbours: readonly Labelled[],
  rules: LabelRuleSet,
  units: SensitiveUnits,
): LabelRecord | undefined {
  const own = contextOf(one, units)
  const reference = `${one.resourceType}/${one.id}`
  const pointedTo = new Set((one.labels.pointers ?? []).map(({ to }) => to))
  const referenced = new Map<string, LabelRecord>()
  const referring: NonNullable<LabelSource['referring']>[number][] = []
  for (const other of neighbours) {
    if (other.subjectId !== one.subjectId || other.id === one.id) continue
    const name = `${other.resourceType}/${other.id}`
    const content = contentLabels(other, rules)
    const paths = (content?.pointers ?? []).filter(({ to }) => to === reference).map(({ path }) => path)
    if (!pointedTo.has(name) && content && paths.length === 0) continue
    if (!content) return undefined
    const labels = inContext(content, other.resourceType, contextOf(other, units))
    if (pointedTo.has(name)) referenced.set(name, labels)
    // Only from records of the same custodian: nobody may make another's records unreadable by pointing to them.
    if (other.custodian === one.custodian) referring.push({ reference: name, labels, paths })
  }
  return inContext(one.labels, one.resourceType, { ...own, referenced, referring })
}

function contextOf({ custodian }: Labelled, sensitiveUnits: SensitiveUnits): LabelSource {
  return { custodianSensitivities: sensitiveUnits.get(`Organization/${custodian}`) ?? [], sensitiveUnits }
}
