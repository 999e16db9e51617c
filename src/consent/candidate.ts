/** Which consents count for a request, and with what defects. https://hl7.org/fhir/R4/consent.html */
import type { CompiledConsent, ConsentVersion } from './compiled-consent.ts'
import type { Defect } from './defect.ts'
import { positionAt } from './period.ts'
import type { Question } from './question.ts'
import type { ReasonCode } from './reason.ts'
import { type Rule, ruleFor } from './rule.ts'
import { isAbout } from './same-person.ts'

export type { CompiledConsent, ConsentVersion } from './compiled-consent.ts'

/** A consent in force about this patient. */
export interface Candidate {
  readonly version: ConsentVersion
  readonly given: number | undefined
  readonly block: string | undefined
  readonly root: Rule
  /** With any of these its permits are not used; its denies are. */
  readonly defects: readonly Defect[]
}

/** A consent about this patient that is not in force. */
export interface Bystander {
  readonly version: ConsentVersion
  readonly reason: ReasonCode
}

export function assess(compiled: CompiledConsent, question: Question): Candidate | Bystander | undefined {
  const { version, root, given, block } = compiled
  if (!compiled.isAboutPrivacy || !isAbout(compiled.patient, question.patient)) return undefined
  if (!compiled.isActive) return { version, reason: 'consent-not-active' }
  const position = positionAt(root.period, question.at)
  if (position === 'before') return { version, reason: 'consent-not-yet-valid' }
  if (position === 'after') return { version, reason: 'consent-expired' }
  return {
    version,
    given,
    block,
    root: ruleFor(root, question),
    defects: defectsIn(compiled, question),
  }
}

function defectsIn(
  { version, defects, openPeriods }: CompiledConsent,
  question: Question,
): readonly Defect[] {
  const isOwn = version.recordedBy !== undefined && question.recipient.references.includes(version.recordedBy)
  if (openPeriods.length === 0 && !isOwn) return defects
  return [
    ...defects,
    ...openPeriods
      .filter(({ period }) => positionAt(period, question.at) === 'unreadable')
      .map(({ expression }) => ({ code: 'period-unreadable', expression }) as const),
    ...(isOwn ? [SELF_GRANTED] : []),
  ]
}

/**
 * Nobody opens another's records for itself: what the recipient sent in about its own access is a claim, not a consent.
 * Its denies hold. The custodian, or a third organisation, records what the citizen agreed to. [our choice]
 */
const SELF_GRANTED: Defect = { code: 'recorded-by-recipient', expression: 'Consent.organization' }
