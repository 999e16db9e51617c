/** Labels of a case's resources: derived as at intake, with the units and the records that the context knows. */
import type { Identifier, Resource } from '@medplum/fhirtypes'
import { label } from '#label/label.ts'
import { normalizeSystem } from '#label/code-system.ts'
import type { LabelRecord } from '#label/label-record.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import { isClinicalOfUnit } from '#label/sensitivity.ts'

type Context = ReadonlyMap<string, Resource>

export interface CaseLabels {
  of(resource: Resource): LabelRecord
}

/** Who and where: what such a resource says of itself says what it treats, and nothing of a citizen. */
const UNITS: ReadonlySet<string> = new Set([
  'Organization',
  'HealthcareService',
  'Location',
  'CareTeam',
  'PractitionerRole',
])
const PEOPLE: ReadonlySet<string> = new Set([
  'Patient',
  'Practitioner',
  'RelatedPerson',
  'Group',
  'Consent',
  'Provenance',
])

export function labelCase(rules: LabelRuleSet, context: Context, custodian: readonly Resource[]): CaseLabels {
  const treats = (unit: Resource): readonly string[] =>
    label(unit, rules, { custodianSensitivities: [] }).sensitivities.filter(isClinicalOfUnit)
  const custodianSensitivities = [...new Set(custodian.flatMap(treats))].sort()
  const sensitiveUnits = new Map<string, readonly string[]>()
  for (const [key, one] of context) {
    const treated = UNITS.has(one.resourceType) ? treats(one) : []
    if (treated.length > 0) for (const name of [key, ...numbersOf(one)]) sensitiveUnits.set(name, treated)
  }
  const source = { custodianSensitivities, sensitiveUnits }
  const referenced = new Map(
    [...context]
      .filter(([, { resourceType }]) => !UNITS.has(resourceType) && !PEOPLE.has(resourceType))
      .map(([key, one]) => [key, label(one, rules, source)] as const),
  )
  return { of: (resource) => label(resource, rules, { ...source, referenced }) }
}

function numbersOf(unit: Resource): readonly string[] {
  const identifiers: readonly Identifier[] =
    'identifier' in unit && Array.isArray(unit.identifier) ? unit.identifier : []
  return identifiers.flatMap(({ system, value }) =>
    system && value ? [`${normalizeSystem(system)}|${value.trim()}`] : [],
  )
}
