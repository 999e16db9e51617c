import { type BundleEntry, refuseModifiers, resolve } from '#adapters/fhir-message.ts'
import { present } from '#adapters/fhir-record.ts'
import type { JsonNode } from '#adapters/json-node.ts'
import type { SourceRecord, SourceValue } from '#mapping/source-record.ts'
import { klCoding } from './kl-code.ts'

const CONDITION_RANK = 'http://fhir.kl.dk/core/StructureDefinition/ConditionRank'

/** 1 is the primary target group; what has no rank comes last. */
export function rankOf(addresses: JsonNode): number {
  const rank = addresses.items('extension').find((each) => each.child('url').text() === CONDITION_RANK)
  return rank?.child('valuePositiveInt').integer() ?? Number.MAX_SAFE_INTEGER
}

/** Undefined when the concept says nothing. */
function klConcept(
  concept: JsonNode,
  read: (coding: JsonNode) => SourceRecord = klCoding,
): SourceRecord | undefined {
  const codings = concept
    .items('coding')
    .map((coding) => read(coding))
    .filter((coding) => coding['code'] !== undefined)
  const text = concept.child('text').text()
  return codings.length === 0 && text === undefined ? undefined : present<SourceValue>({ codings, text })
}

export function klConcepts(
  concepts: readonly JsonNode[],
  read?: (coding: JsonNode) => SourceRecord,
): SourceRecord[] {
  return concepts.map((each) => klConcept(each, read)).filter((each) => each !== undefined)
}

/** A Condition that the plan addresses, contained in the plan as `#problem-1`. */
export function problemRecord(condition: JsonNode, number: number): SourceRecord {
  refuseModifiers(condition)
  const status = (name: string): string | undefined =>
    condition.child(name).items('coding')[0]?.child('code').text()
  return present<SourceValue>({
    id: `problem-${number}`,
    reference: `#problem-${number}`,
    concept: required(condition.child('code')),
    clinicalStatus: status('clinicalStatus'),
    verificationStatus: status('verificationStatus'),
  })
}

export function goalRecord(goal: JsonNode, number: number): SourceRecord {
  refuseModifiers(goal)
  return present<SourceValue>({
    id: `goal-${number}`,
    reference: `#goal-${number}`,
    status: goal.child('lifecycleStatus').requiredText(),
    description: required(goal.child('description')),
    categories: klConcepts(goal.items('category')),
    start: goal.child('startDate').text(),
  })
}

interface ActivityContext {
  readonly goals: readonly JsonNode[]
  readonly entries: readonly BundleEntry[]
  readonly warnings: string[]
}

/** An activity in the plan itself; one that only refers elsewhere is left out, with a warning. */
export function activityRecord(
  activity: JsonNode,
  { goals, entries, warnings }: ActivityContext,
): SourceRecord[] {
  refuseModifiers(activity)
  const detail = activity.child('detail')
  if (activity.child('outcomeReference').isPresent)
    warnings.push(`${activity.path}.outcomeReference: it was left out`)
  if (!detail.isPresent) {
    warnings.push(`${activity.path}: an activity without detail was left out`)
    return []
  }
  refuseModifiers(detail)
  const period = detail.child('scheduledPeriod')
  const numbers = detail
    .items('goal')
    .map((reference) => goals.indexOf(resolve(entries, reference)?.resource ?? reference))
  return [
    present<SourceValue>({
      kind: detail.child('kind').text(),
      status: detail.child('status').requiredText(),
      // A modifier element: without it "do not" would read as "do".
      doNotPerform: detail.child('doNotPerform').isPresent ? detail.child('doNotPerform').flag() : undefined,
      concept: klConcept(detail.child('code')),
      description: detail.child('description').text(),
      start: period.child('start').text(),
      end: period.child('end').text(),
      goals: numbers.filter((at) => at >= 0).map((at) => `#goal-${at + 1}`),
    }),
  ]
}

function required(node: JsonNode): SourceRecord {
  const concept = klConcept(node)
  if (concept) return concept
  throw node.missing('say what it is, in `coding` or in `text`')
}
