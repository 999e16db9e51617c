/** Security labels in `meta.security`: those a source put there, and ours beside them. https://hl7.org/fhir/R4/resource-definitions.html#Meta.security */
import type { Coding, Resource } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM, normalizeSystem } from './code-system.ts'
import { builtInRules, type Confidentiality, isConfidentiality, type LabelRecord } from './label-record.ts'
import type { Label } from './rule-set.ts'
import { impliedConfidentiality, isSensitivity } from './sensitivity.ts'

/** Marks a label that the gateway derived, and the rule set that it was derived with. */
export const DERIVED_LABEL = 'https://sluse.example/fhir/StructureDefinition/derived-label'

/** Names the resource that it was derived for. */
const DERIVED_FOR = 'https://sluse.example/fhir/StructureDefinition/derived-for'

/**
 * A label of the source holds for every element. One that the gateway derived does not: it comes back when an EHR reads
 * a plan and sends it again, and taken for the source's own it would spread from one activity to the whole plan.
 */
export function sourceLabels(resource: Resource): readonly Label[] {
  return sourceCodings(resource).flatMap((coding): readonly Label[] => {
    const sensitivity = sensitivityOf(coding)
    if (sensitivity) {
      const confidentiality = impliedConfidentiality([sensitivity])
      return [{ rule: builtInRules.sourceLabel, sensitivities: [sensitivity], confidentiality }]
    }
    const confidentiality = confidentialityOf(coding)
    return confidentiality ? [{ rule: builtInRules.sourceLabel, sensitivities: [], confidentiality }] : []
  })
}

/** All that the source put there: a law or a retired level says what a record is about as well as a sensitivity does. */
export function sourceCodings(resource: Resource): readonly Coding[] {
  return (resource.meta?.security ?? []).filter((coding) => !isDerived(coding))
}

/** Words on labels of the source, whatever their system: one that nobody here reads may still say what it is about. */
export function sourceLabelTexts(resource: Resource): readonly string[] {
  return sourceCodings(resource).flatMap(({ code, display }) =>
    [code, display].filter((text) => text !== undefined),
  )
}

/** The resource with what was derived in `meta.security`. Labels that others put there stay, as the first. */
export function withSecurityMeta<R extends Resource>(resource: R, labels: Omit<LabelRecord, 'elements'>): R {
  const foreign = (resource.meta?.security ?? []).filter((coding) => !isDerived(coding))
  const mark = { url: DERIVED_LABEL, valueString: labels.ruleSetVersion }
  const name = referenceOf(resource)
  const extension = name === undefined ? [mark] : [mark, { url: DERIVED_FOR, valueString: name }]
  const derived = [
    { system: CONFIDENTIALITY_SYSTEM, code: labels.confidentiality },
    ...labels.sensitivities.map((code) => ({ system: ACT_CODE_SYSTEM, code })),
  ].filter((ours) => !foreign.some((theirs) => theirs.system === ours.system && theirs.code === ours.code))
  const security = [...foreign, ...derived.map((coding) => ({ extension, ...coding }))]
  return { ...resource, meta: { ...resource.meta, security } }
}

/**
 * A valid resource as it was sent in. Labels that the gateway derived for this very resource are derived anew. On any
 * other they came with a copy of what was received, and are labels of its source: else the copy would lose them, and what
 * somebody consented to for psychiatry alone could go on from its recipient as nobody's secret.
 */
export function withReceivedLabels<R extends Resource>(resource: R): R {
  if (!resource.meta?.security?.some(isDerived)) return resource
  const own = referenceOf(resource)
  const { security: sent, ...meta } = resource.meta
  const security = sent.flatMap((coding) => {
    if (!isDerived(coding)) return [coding]
    const derivedFor = coding.extension?.find(({ url }) => url === DERIVED_FOR)?.valueString
    return own !== undefined && derivedFor === own ? [] : [unmarked(coding)]
  })
  return { ...resource, meta: security.length > 0 ? { ...meta, security } : meta }
}

function unmarked({ extension: _marks, ...coding }: Coding): Coding {
  return coding
}

function referenceOf({ resourceType, id }: Resource): string | undefined {
  return id === undefined ? undefined : `${resourceType}/${id}`
}

export function isDerived(coding: Coding): boolean {
  return coding.extension?.some((extension) => extension.url === DERIVED_LABEL) ?? false
}

/** System and code together: PSY, ETH and HIV were once codes of v3-Confidentiality with another meaning. */
export function sensitivityOf({ system, code }: Coding): string | undefined {
  const ours = system !== undefined && normalizeSystem(system) === ACT_CODE_SYSTEM
  return ours && code !== undefined && isSensitivity(code) ? code : undefined
}

export function confidentialityOf({ system, code }: Coding): Confidentiality | undefined {
  // dk-core marks a patient with a protected address by a bare R or V; no other code is read without its system.
  if (system === undefined) return code === 'R' || code === 'V' ? code : undefined
  return normalizeSystem(system) === CONFIDENTIALITY_SYSTEM && isConfidentiality(code) ? code : undefined
}
