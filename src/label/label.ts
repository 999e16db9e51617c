/** Derives security labels, element by element, from codes, words, units and labels that came along. https://hl7.org/fhir/R4/security-labels.html */
import type { Resource } from '@medplum/fhirtypes'
import { inContext, type LabelSource } from './in-context.ts'
import { LabelCollector } from './label-collector.ts'
import type { LabelRecord } from './label-record.ts'
import type { LabelRuleSet } from './rule-set.ts'
import { sourceCodings, sourceLabels, sourceLabelTexts } from './security-meta.ts'
import { unitLabel } from './sensitive-unit.ts'
import { isClinicalOfUnit } from './sensitivity.ts'
import { isSplittable, type Unit, unitPathOf, unitsOf } from './unit.ts'

export { withSecurityMeta } from './security-meta.ts'
export type { LabelSource } from './in-context.ts'

/** All labels of a resource: those of its content, and those that follow from what is known around it. */
export function label(resource: Resource, rules: LabelRuleSet, source: LabelSource): LabelRecord {
  return inContext(labelContent(resource, rules), resource.resourceType, source)
}

/** What the resource itself says. It depends on nothing but the content and the rules, so it can be kept. */
export function labelContent(resource: Resource, rules: LabelRuleSet): LabelRecord {
  const whole = resource.resourceType
  const collector = new LabelCollector(resource, rules)
  for (const found of sourceLabels(resource)) collector.add(whole, found)
  for (const { system, code } of sourceCodings(resource))
    for (const found of rules.ofCode(system, code) ?? []) collector.add(whole, found)
  for (const text of sourceLabelTexts(resource))
    for (const found of rules.ofText(text)) collector.add(whole, found)
  for (const unit of labelledUnits(resource)) {
    collector.scan(unit.value, unit.path)
    addNamedUnit(collector, unit.path)
  }
  if (isSplittable(resource)) collector.scanUnreached()
  return collector.record(rules.version)
}

/** Labels in `meta.security` are read apart: what the gateway put there itself is derived anew. */
function labelledUnits(resource: Resource): readonly Unit[] {
  const unlabelled: Resource = { ...resource, meta: { ...resource.meta, security: [] } }
  if (!isSplittable(resource)) return [{ path: resource.resourceType, value: unlabelled }]
  const { frame, content } = unitsOf(unlabelled)
  return [...frame, ...content]
}

/** Elements that say who or where; a team is named by the unit that it works for. */
const NAMES_A_UNIT: ReadonlySet<string> = new Set(
  `serviceProvider serviceType location locationCode locationReference participant careTeam author authenticator contributor
  custodian destination expressedBy managingOrganization name origin owner performer performerType recipient requester sender
  telecom`.split(/\s+/),
)

/** An element that names an addiction or psychiatric unit in words or codes is as sensitive as the illness. */
function addNamedUnit(collector: LabelCollector, path: string): void {
  const [, element = ''] = /\.(\w+)(?:\[\d+\])?$/.exec(path) ?? []
  if (!NAMES_A_UNIT.has(element) || unitPathOf(path) !== path) return
  const clinical = collector.sensitivitiesOf(path).filter(isClinicalOfUnit)
  if (clinical.length > 0) collector.add(path, unitLabel(clinical, path))
}
