/** The decision: may this recipient have this resource, for this purpose, now, and which parts of it. Pure. */
import type { Coding, Resource } from '@medplum/fhirtypes'
import {
  ACT_CODE_SYSTEM,
  ACT_REASON_SYSTEM,
  CONFIDENTIALITY_SYSTEM,
  normalizeSystem,
} from '#label/code-system.ts'
import { exceeds, type LabelRecord } from '#label/label-record.ts'
import { unitsOf } from '#label/unit.ts'
import type { AccessRequest, DecisionContext } from './access-request.ts'
import type { CompiledConsent } from './candidate.ts'
import type { Basis, Decision, ReasonCode } from './decision.ts'
import { dutiesOf, EXCEPTIONAL, REDACT } from './duties.ts'
import { hardStop } from './hard-stop.ts'
import { type Judgement, sortedBasis } from './judge.ts'
import { codedBlock } from './national-block.ts'
import { isCustodian } from './own-record.ts'
import { type Pass, passesOf } from './passes.ts'
import { forAll, requestsByPatient } from './patients-of.ts'
import { coversPurpose } from './purpose-of-use.ts'
import { type Question, readQuestion } from './question.ts'
import { carriesUnclassified, releaseInPart } from './release-in-part.ts'
import { securityOf } from './security-of.ts'
import { statutoryBasis } from './statutory-basis.ts'
import { type CodesOf, codesOf } from './unit-codes.ts'
import { type UnitLabels, unitLabels } from './unit-labels.ts'

export type { CompiledConsent, ConsentVersion } from './candidate.ts'
export { compileConsent } from './compiled-consent.ts'

export interface LabelledResource {
  readonly resource: Resource
  /** Undefined when it was never labelled: that is most restricted, not normal. */
  readonly labels: LabelRecord | undefined
}

export function decide(
  request: AccessRequest,
  consents: readonly CompiledConsent[],
  target: LabelledResource,
  context: DecisionContext,
): Decision {
  const { resource } = target
  const question = readQuestion(request, resource, context)
  if (!question) return deny('request-malformed')
  // Whoever wrote it may always read it.
  if (isCustodian(question)) return permit('own-record', [])
  const [own, ...others] = requestsByPatient(request, question.patient, resource, context.resources)
  if (!own) return deny('subject-mismatch')
  return forAll([
    decideFor(own, question, consents, target, context),
    ...others.map((other) => {
      const asked = readQuestion(other, resource, context)
      return asked ? decideFor(other, asked, consents, target, context) : deny('request-malformed')
    }),
  ])
}

/** About one patient of the resource. */
function decideFor(
  request: AccessRequest,
  question: Question,
  consents: readonly CompiledConsent[],
  { resource, labels }: LabelledResource,
  context: DecisionContext,
): Decision {
  const stop = hardStop(request, context)
  if (stop) return { ...deny(stop.reason), ...(stop.law !== undefined && { law: stop.law }) }
  if (labels?.ruleSetVersion !== context.ruleSetVersion) return deny('not-labelled')
  const security = securityOf(resource)
  if (!security) return deny('request-malformed')
  if (!sourceAllows(security, question)) return deny('purpose-restricted-by-source')
  if (codedBlock(security, question) === 'patient-view-blocked') return deny('patient-view-blocked')

  const passes = passesOf({ request, question, consents, context, security })
  const unit = {
    labels: withLostLabels(labels, resource),
    otherLabels: otherLabelsOf(security),
    codes: consents.some(({ asksForCodes }) => asksForCodes)
      ? codesOf(resource, context.snomedBelow)
      : undefined,
  }
  return (
    releaseWhole(passes, resource, unit) ??
    releaseEvent(passes, resource, { request, context }, unit) ??
    releasePart(passes, resource, unit)
  )
}

interface Labelled {
  readonly labels: LabelRecord
  readonly otherLabels: readonly Coding[]
  readonly codes: CodesOf | undefined
}

/** The first pass that covers all of it. */
function releaseWhole(
  passes: readonly Pass[],
  resource: Resource,
  { labels, otherLabels, codes }: Labelled,
): Decision | undefined {
  const whole = unitLabels(labels.elements, otherLabels, codes?.whole)
  for (const { judge: judgeUnit, law, basis: statutory } of passes) {
    const { outcome, reason, basis } = judgeUnit(whole)
    if (
      outcome === 'permit' &&
      carriesUnclassified(resource, labels, { judge: judgeUnit, otherLabels, codes })
    )
      return {
        ...permit(reason, basis),
        ...dutiesOf([reason], labels.confidentiality, statutory),
        ...(law !== undefined && { law }),
      }
  }
  return undefined
}

/** Where the law lets it be known that something happened, that is all that goes: no diagnosis, no text, no unit. RSL 12c */
function releaseEvent(
  [ordinary]: readonly [Pass, ...Pass[]],
  resource: Resource,
  { request, context }: { readonly request: AccessRequest; readonly context: DecisionContext },
  { labels, otherLabels, codes }: Labelled,
): Decision | undefined {
  const basis = statutoryBasis(request.legalBasis, context.law)
  if (!basis?.eventOnly || resource.resourceType !== 'Encounter') return undefined
  if (ordinary.judge(unitLabels(labels.elements, otherLabels, codes?.whole)).objected) return undefined
  const { reason } = { reason: 'permitted-by-law' } as const
  const paths = new Set(unitsOf(resource).content.map(({ path }) => path))
  if (paths.size === 0) return { ...permit(reason, []), ...dutiesOf([reason], 'N', basis), law: basis.rule }
  const { obligations, ...duties } = dutiesOf([reason], 'N', basis)
  return {
    ...permit(reason, []),
    ...duties,
    obligations: [REDACT, ...obligations],
    withheld: [...paths].map((path) => ({ path, reason: 'event-only' as const })),
    remaining: { ruleSetVersion: labels.ruleSetVersion, sensitivities: [], confidentiality: 'N' },
    law: basis.rule,
  }
}

/** Element by element, each by the first pass that covers it. */
function releasePart(
  passes: readonly [Pass, ...Pass[]],
  resource: Resource,
  { labels, otherLabels, codes }: Labelled,
): Decision {
  const used = new Set<ReasonCode>()
  const judgeUnit = (unit: UnitLabels): Judgement => {
    const answer = firstRelease(passes, unit)
    if (answer.outcome === 'permit') used.add(answer.reason)
    return answer
  }
  const part = releaseInPart(resource, labels, { judge: judgeUnit, otherLabels, codes })
  if (!part) {
    const { outcome, reason, basis, law } = passes[0].judge(
      unitLabels(labels.elements, otherLabels, codes?.whole),
    )
    // Covered as a whole, and kept for what nobody classified in it: that is no permit that was refused.
    const why = outcome === 'permit' ? 'free-text-unclassified' : reason
    return { ...deny(why, basis), ...(law !== undefined && { law }) }
  }
  const { sensitivities, confidentiality } = part.remaining
  const exceptional = EXCEPTIONAL.find((reason) => used.has(reason))
  const { basis: statutory } = passes.find(({ basis }) => basis && used.has('permitted-by-law')) ?? {}
  const { obligations, ...duties } = dutiesOf([...used], confidentiality, statutory)
  return {
    ...permit(exceptional ?? 'permitted-in-part', sortedBasis(part.basis)),
    ...duties,
    obligations: [REDACT, ...obligations],
    withheld: part.withheld,
    remaining: {
      ruleSetVersion: labels.ruleSetVersion,
      sensitivities: [...sensitivities].sort(),
      confidentiality,
    },
  }
}

function firstRelease([ordinary, ...others]: readonly [Pass, ...Pass[]], unit: UnitLabels): Judgement {
  const answer = ordinary.judge(unit)
  if (answer.outcome === 'permit') return answer
  for (const pass of others) {
    const other = pass.judge(unit)
    if (other.outcome === 'permit') return other
  }
  return answer
}

function deny(reason: ReasonCode, basis: readonly Basis[] = []): Decision {
  return { effect: 'deny', reason, basis, obligations: [], withheld: [] }
}

function permit(reason: ReasonCode, basis: readonly Basis[]): Decision {
  return { effect: 'permit', reason, basis, obligations: [], withheld: [] }
}

/** Where the source says what its data may be used for, every purpose of the request must be among that. */
function sourceAllows(security: readonly Coding[], { purposes }: Question): boolean {
  const allowed = security
    .filter(({ system, code }) => normalizeSystem(system ?? '') === ACT_REASON_SYSTEM && code !== 'HTEST')
    .map(({ code }) => code ?? '')
  return (
    allowed.length === 0 ||
    purposes.every((purpose) => allowed.some((listed) => coversPurpose(listed, purpose)))
  )
}

/** Labels on the resource that are neither sensitivity nor confidentiality: compartments, integrity, local ones. */
function otherLabelsOf(security: readonly Coding[]): readonly Coding[] {
  return security
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
