/** Labels of a case's resources: derived as in the gateway, with the units and the records that the context knows. */
import type { Resource } from '@medplum/fhirtypes'
import { inContext, type LabelSource } from '#label/in-context.ts'
import { labelContent } from '#label/label.ts'
import type { LabelRecord } from '#label/label-record.ts'
import type { Referring } from '#label/propagation.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import { isClinicalOfUnit } from '#label/sensitivity.ts'
import { UNIT_TYPE_SYSTEM } from '#law/organization-facts.ts'
import { namesOf } from '#redact/names.ts'

type Context = ReadonlyMap<string, Resource>

/** Who and where: what such a resource says of itself says what it treats, and nothing of a citizen. */
const UNITS: ReadonlySet<string> = new Set(
  'Organization HealthcareService Location CareTeam PractitionerRole'.split(' '),
)
const PEOPLE: ReadonlySet<string> = new Set(
  'Patient Practitioner RelatedPerson Group Consent Provenance'.split(' '),
)

/** What a unit of a type of ours treats. */
const TREATED: ReadonlyMap<string, readonly string[]> = new Map([
  ['hospital-psychiatry', ['PSY']],
  ['region-dual-diagnosis', ['PSY', 'SUD']],
  ['specialised-addiction-treatment', ['SUD']],
  ['municipal-alcohol-treatment', ['SUD']],
  ['municipal-medical-drug-treatment', ['SUD']],
  ['municipal-drug-treatment', ['SUD']],
  ['municipal-addiction-service', ['SUD']],
])

/** How to label each resource of the case. */
export function labellerOf(
  rules: LabelRuleSet,
  context: Context,
  custodian: readonly Resource[],
): (resource: Resource) => LabelRecord {
  const source: LabelSource = {
    custodianSensitivities: [...new Set(custodian.flatMap((unit) => treatedBy(unit, rules)))].sort(),
    sensitiveUnits: sensitiveUnitsIn(context, rules),
  }
  const records = [...context]
    .filter(([, { resourceType }]) => !UNITS.has(resourceType) && !PEOPLE.has(resourceType))
    .map(([reference, one]) => {
      const content = labelContent(one, rules)
      return { reference, one, content, labels: inContext(content, one.resourceType, source) }
    })
  const referenced = new Map(records.map(({ reference, labels }) => [reference, labels]))
  const referring = new Map<string, Referring[]>()
  for (const { reference, one, content, labels } of records) {
    for (const [to, paths] of Map.groupBy(content.pointers ?? [], (pointer) => pointer.to)) {
      if (context.get(to) === one) continue
      const known = referring.get(to) ?? []
      referring.set(to, [...known, { reference, labels, paths: paths.map(({ path }) => path) }])
    }
  }
  return (resource) => {
    const pointing = referring.get(`${resource.resourceType}/${resource.id ?? ''}`) ?? []
    return inContext(labelContent(resource, rules), resource.resourceType, {
      ...source,
      referenced,
      referring: pointing,
    })
  }
}

/** By its codes and by the words of its name. */
function treatedBy(unit: Resource, rules: LabelRuleSet): readonly string[] {
  const types = 'type' in unit && Array.isArray(unit.type) ? unit.type : []
  const ours = types
    .flatMap(({ coding = [] }) => coding)
    .flatMap(({ system, code }) => (system === UNIT_TYPE_SYSTEM ? (TREATED.get(code ?? '') ?? []) : []))
  return [...new Set([...ours, ...labelContent(unit, rules).sensitivities.filter(isClinicalOfUnit)])].sort()
}

function sensitiveUnitsIn(context: Context, rules: LabelRuleSet): ReadonlyMap<string, readonly string[]> {
  const units = new Map<string, readonly string[]>()
  for (const [reference, one] of context) {
    if (!UNITS.has(one.resourceType)) continue
    const treated = treatedBy(one, rules)
    if (treated.length > 0)
      for (const name of [reference, ...namesOf([one]).identifiers]) units.set(name, treated)
  }
  return units
}
