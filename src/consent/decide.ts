/** The decision: may this recipient have this resource, for this purpose, now, and which parts of it. Pure. */
import type { Coding, Reference, Resource } from '@medplum/fhirtypes'
import {
  ACT_CODE_SYSTEM,
  ACT_REASON_SYSTEM,
  CONFIDENTIALITY_SYSTEM,
  normalizeSystem,
} from '#label/code-system.ts'
import { exceeds, type LabelRecord } from '#label/label-record.ts'
import type { AccessRequest, DecisionContext } from './access-request.ts'
import { assess, type Bystander, type Candidate, type ConsentVersion } from './candidate.ts'
import type { Basis, Decision, ReasonCode } from './decision.ts'
import { judge, sortedBasis, type Standing } from './judge.ts'
import { coversPurpose } from './purpose-of-use.ts'
import { type Question, readQuestion } from './question.ts'
import { carriesUnclassified, releaseInPart } from './release-in-part.ts'
import { isAbout, isSameParty } from './same-party.ts'
import { type UnitLabels, unitLabels } from './unit-labels.ts'

export type { ConsentVersion } from './candidate.ts'

export interface LabelledResource {
  readonly resource: Resource
  /** Undefined when it was never labelled: that is most restricted, not normal. */
  readonly labels: LabelRecord | undefined
}

export function decide(
  request: AccessRequest,
  consents: readonly ConsentVersion[],
  { resource, labels }: LabelledResource,
  context: DecisionContext,
): Decision {
  const question = readQuestion(request, resource, context.parties ?? [])
  if (!question) return deny('request-malformed')
  // Whoever wrote it may always read it.
  if (isCustodian(question)) return permit('own-record', [])
  if (!isAbout(subjectOf(resource), question.patient)) return deny('subject-mismatch')
  if (labels?.ruleSetVersion !== context.ruleSetVersion) return deny('not-labelled')
  if (!sourceAllows(question)) return deny('purpose-restricted-by-source')

  const standing = standingOf(consents, question)
  const otherLabels = otherLabelsOf(resource)
  const judgeUnit = (unit: UnitLabels) => judge(standing, unit)
  const allLabels = withLostLabels(labels, resource)
  const whole = judgeUnit(unitLabels(allLabels.elements, otherLabels))
  if (
    whole.outcome === 'permit' &&
    carriesUnclassified(resource, allLabels, { judge: judgeUnit, otherLabels })
  )
    return permit('permitted', whole.basis)
  const part = releaseInPart(resource, allLabels, { judge: judgeUnit, otherLabels })
  if (!part) return deny(whole.reason, whole.basis)
  const { sensitivities, confidentiality } = part.remaining
  return {
    effect: 'permit',
    reason: 'permitted-in-part',
    basis: sortedBasis(part.basis),
    obligations: [{ system: ACT_CODE_SYSTEM, code: 'REDACT' }],
    withheld: part.withheld,
    remaining: {
      ruleSetVersion: labels.ruleSetVersion,
      sensitivities: [...sensitivities].sort(),
      confidentiality,
    },
  }
}

function deny(reason: ReasonCode, basis: readonly Basis[] = []): Decision {
  return { effect: 'deny', reason, basis, obligations: [], withheld: [] }
}

function permit(reason: ReasonCode, basis: readonly Basis[]): Decision {
  return { effect: 'permit', reason, basis, obligations: [], withheld: [] }
}

/**
 * By our own ids where both have one. Units of one legal entity share its number (CVR), and a hospital's somatic wards are
 * not the custodian of what its psychiatry wrote: only without ids do numbers have to tell.
 */
function isCustodian({ recipient, custodian }: Question): boolean {
  if (recipient.references.length === 0 || custodian.references.length === 0)
    return isSameParty(recipient, custodian)
  return recipient.references.some((reference) => custodian.references.includes(reference))
}

/** A resource about a group, or about nobody, is about no patient who could have consented. */
function subjectOf(resource: Resource): Reference | undefined {
  if ('subject' in resource && isReference(resource.subject)) return resource.subject
  return 'patient' in resource && isReference(resource.patient) ? resource.patient : undefined
}

function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && ('reference' in value || 'identifier' in value)
}

/** Where the source says what its data may be used for, every purpose of the request must be among that. */
function sourceAllows({ purposes, resource }: Question): boolean {
  const allowed = (resource.meta?.security ?? [])
    .filter(({ system, code }) => normalizeSystem(system ?? '') === ACT_REASON_SYSTEM && code !== 'HTEST')
    .map(({ code }) => code ?? '')
  return (
    allowed.length === 0 ||
    purposes.every((purpose) => allowed.some((listed) => coversPurpose(listed, purpose)))
  )
}

function standingOf(consents: readonly ConsentVersion[], question: Question): Standing {
  const candidates: Candidate[] = []
  const bystanders: Bystander[] = []
  for (const version of consents) {
    const assessed = assess(version, question)
    if (assessed && 'root' in assessed) candidates.push(assessed)
    else if (assessed) bystanders.push(assessed)
  }
  return { candidates, bystanders }
}

/** Labels on the resource that are neither sensitivity nor confidentiality: compartments, integrity, local ones. */
function otherLabelsOf(resource: Resource): readonly Coding[] {
  return (resource.meta?.security ?? [])
    .map((coding) =>
      coding.system === undefined ? coding : { ...coding, system: normalizeSystem(coding.system) },
    )
    .filter(({ system }) => system !== ACT_CODE_SYSTEM && system !== CONFIDENTIALITY_SYSTEM)
}

/** The record's own union counts as well: a label lost from the elements binds all of them. */
function withLostLabels(labels: LabelRecord, resource: Resource): LabelRecord {
  const found = unitLabels(labels.elements, [])
  const sensitivities = labels.sensitivities.filter((code) => !found.sensitivities.includes(code))
  const { confidentiality } = labels
  if (sensitivities.length === 0 && !exceeds(confidentiality, found.confidentiality)) return labels
  const lost = { path: resource.resourceType, sensitivities, confidentiality, rule: 'lost' }
  return { ...labels, elements: [...labels.elements, lost] }
}
