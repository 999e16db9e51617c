/** Derives security labels, element by element, from codes, words, units and labels that came along. https://hl7.org/fhir/R4/security-labels.html */
import type { Resource } from '@medplum/fhirtypes'
import { type Known, LabelCollector } from './label-collector.ts'
import { builtInRules, type LabelRecord } from './label-record.ts'
import type { LabelRuleSet } from './rule-set.ts'
import { sourceLabels, sourceLabelTexts } from './security-meta.ts'
import { isClinicalOfUnit } from './sensitivity.ts'
import { isSplittable, type Unit, unitPathOf, unitsOf } from './unit.ts'

export { withSecurityMeta } from './security-meta.ts'

export interface LabelSource extends Known {
  /** What the sending unit treats, such as `['SUD']`: its name alone gives the illness away. */
  readonly custodianSensitivities: readonly string[]
}

export function label(resource: Resource, rules: LabelRuleSet, source: LabelSource): LabelRecord {
  const whole = resource.resourceType
  const collector = new LabelCollector(resource, rules, source)
  for (const found of sourceLabels(resource)) collector.add(whole, found)
  for (const text of sourceLabelTexts(resource))
    for (const found of rules.ofText(text)) collector.add(whole, found)
  if (source.custodianSensitivities.length > 0) {
    const sensitivities = [...source.custodianSensitivities, 'SSP']
    collector.add(whole, { rule: builtInRules.sensitiveUnit, sensitivities, confidentiality: 'R' })
  }
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

const NAMES_A_UNIT =
  /\.(?:serviceProvider|serviceType|location|participant|careTeam|author|contributor|origin|destination)(?:\[\d+\])?$/

/** An element that names an addiction or psychiatric unit is as sensitive as the illness, and so is the place. */
function addNamedUnit(collector: LabelCollector, path: string): void {
  if (!NAMES_A_UNIT.test(path) || unitPathOf(path) !== path) return
  const clinical = collector.sensitivitiesOf(path).filter(isClinicalOfUnit)
  if (clinical.length === 0) return
  const place = path.includes('.location') ? ['LOCIS'] : []
  const sensitivities = [...clinical, 'SSP', ...place]
  collector.add(path, { rule: builtInRules.sensitiveUnit, sensitivities, confidentiality: 'R' })
}
