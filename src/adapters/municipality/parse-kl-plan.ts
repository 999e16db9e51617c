import {
  type BundleEntry,
  readEntries,
  readFhirBody,
  readPatient,
  refuseModifiers,
  resolve,
} from '#adapters/fhir-message.ts'
import { organizationOf, present } from '#adapters/fhir-record.ts'
import type { JsonNode } from '#adapters/json-node.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { PersonIdentifier } from '#fhir/person-identifier.ts'
import type { SourceMessage, SourceRecord } from '#mapping/source-record.ts'
import { activityRecord, goalRecord, klConcepts, problemRecord, rankOf } from './kl-plan-part.ts'
import { klCategory } from './kl-code.ts'

/**
 * A KL social plan (KL core 1.2.0, http://fhir.kl.dk/core): one CarePlan, bare or in a Bundle with its Goals,
 * Conditions, Patient and the child plans that hold its activities.
 */
export function parseKlPlan(bytes: Uint8Array): SourceMessage {
  const { type, root } = readFhirBody(bytes, 'CarePlan', 'Bundle')
  const inBundle = type === 'Bundle' ? readEntries(root) : []
  const plan = type === 'Bundle' ? rootPlan(inBundle, root) : root
  const entries = [...inBundle, ...contained(plan)]
  const patient = patientOf(entries, plan)
  const warnings = unread(entries)
  const key = plan.items('identifier')[0]?.child('value').text() ?? plan.child('id').requiredText()
  return {
    format: 'kl-careplan',
    messageId: type === 'Bundle' ? bundleId(root) : planId(plan),
    patient,
    entries: [
      { map: 'municipality/KlPlanToCarePlan', key, record: recordOf(plan, { key, entries, warnings }) },
    ],
    warnings,
  }
}

/** The plan that no other plan of the message is above. */
function rootPlan(entries: readonly BundleEntry[], bundle: JsonNode): JsonNode {
  const plans = entries.filter(({ type }) => type === 'CarePlan')
  const roots = plans.filter(({ resource }) => !parentOf(entries, resource))
  const [first, second] = roots
  if (first && !second) return first.resource
  throw new GatewayError({
    code: first ? 'field-invalid' : 'field-missing',
    text: `the message has ${roots.length} plans that stand on their own: send one plan, with its child plans`,
    expression: bundle.child('entry').path,
  })
}

function parentOf(entries: readonly BundleEntry[], plan: JsonNode): BundleEntry | undefined {
  const parents = plan.items('basedOn').map((reference) => resolve(entries, reference))
  return parents.find((parent) => parent?.type === 'CarePlan')
}

function contained(plan: JsonNode): BundleEntry[] {
  return plan.items('contained').map((resource) => ({
    type: resource.child('resourceType').requiredText(),
    resource,
    names: new Set([`#${resource.child('id').requiredText()}`]),
  }))
}

const read: ReadonlySet<string> = new Set(['CarePlan', 'Goal', 'Condition', 'Patient', 'Organization'])

function unread(entries: readonly BundleEntry[]): string[] {
  const others = entries.filter(({ type }) => !read.has(type))
  return others.map(({ resource }) => `${resource.path}: a resource of this type is not read here`)
}

function bundleId(bundle: JsonNode): string {
  return (
    bundle.at('identifier', 'value').text() ??
    bundle.child('id').requiredText('it tells a repeated message from a new one')
  )
}

function planId(plan: JsonNode): string {
  const meta = plan.child('meta')
  const version = meta.child('versionId').text() ?? meta.child('lastUpdated').text()
  if (version !== undefined) return `${plan.child('id').requiredText()}|${version}`
  throw meta
    .child('versionId')
    .missing('it tells a repeated message from a new one; or send the plan in a Bundle with an id')
}

function patientOf(entries: readonly BundleEntry[], plan: JsonNode): PersonIdentifier {
  const subject = plan.child('subject')
  const patient = resolve(entries, subject)
  if (patient?.type === 'Patient') return readPatient(patient.resource, patient.resource.items('identifier'))
  const identifier = subject.child('identifier')
  return readPatient(subject, identifier.isPresent ? [identifier] : [])
}

interface PlanContext {
  readonly key: string
  readonly entries: readonly BundleEntry[]
  readonly warnings: string[]
}

function recordOf(plan: JsonNode, { key, entries, warnings }: PlanContext): SourceRecord {
  refuseModifiers(plan)
  const referred = (node: JsonNode, type: string): JsonNode[] => {
    const entry = resolve(entries, node)
    if (entry?.type === type) return [entry.resource]
    warnings.push(`${node.path}: it refers to no ${type} in the message and was left out`)
    return []
  }
  const goals = plan.items('goal').flatMap((reference) => referred(reference, 'Goal'))
  const problems = plan
    .items('addresses')
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .flatMap((reference) => referred(reference, 'Condition'))
  const children = entries.filter(({ resource }) => parentOf(entries, resource)?.resource === plan)
  for (const { type, resource } of entries) {
    const isRead =
      type !== 'CarePlan' || resource === plan || children.some((child) => child.resource === resource)
    if (!isRead) warnings.push(`${resource.path}: a child plan of a child plan was left out`)
  }
  for (const parent of plan.items('basedOn'))
    warnings.push(`${parent.path}: it refers to no plan in the message and was left out`)
  for (const { resource } of children) refuseModifiers(resource)
  const activities = [plan, ...children.map(({ resource }) => resource)].flatMap((each) =>
    each.items('activity'),
  )
  const period = plan.child('period')
  return present<SourceRecord[string]>({
    planId: key,
    status: plan.child('status').requiredText(),
    intent: plan.child('intent').requiredText(),
    title: plan.child('title').text(),
    description: plan.child('description').text(),
    created: plan.child('created').text(),
    start: period.child('start').text(),
    end: period.child('end').text(),
    author: organizationOf(entries, plan.child('author'), warnings),
    categories: klConcepts(plan.items('category'), (coding) => klCategory(coding, warnings)),
    problems: problems.map((each, at) => problemRecord(each, at + 1)),
    goals: goals.map((each, at) => goalRecord(each, at + 1)),
    activities: activities.flatMap((each) => activityRecord(each, { goals, entries, warnings })),
    notes: plan.items('note').map((note) => note.child('text').requiredText()),
  })
}
