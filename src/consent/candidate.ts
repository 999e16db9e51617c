/** Which consents count for a request, and with what defects. https://hl7.org/fhir/R4/consent.html */
import type { Consent } from '@medplum/fhirtypes'
import { baseOf } from './base-decision.ts'
import { type Defect, defectsOf } from './defect.ts'
import { positionIn } from './period.ts'
import type { Question } from './question.ts'
import type { ReasonCode } from './reason.ts'
import { isAbout } from './same-party.ts'
import { type Rule, ruleFrom } from './rule.ts'

export interface ConsentVersion {
  readonly id: string
  readonly versionId: string
  readonly consent: Consent
  /** The organisation that sent it in, as `Organization/<id>`; absent when nobody did, as in a dry run. */
  readonly recordedBy?: string
}

/** A consent in force about this patient. */
export interface Candidate {
  readonly version: ConsentVersion
  readonly root: Rule
  /** With any of these its permits are not used; its denies are. */
  readonly defects: readonly Defect[]
}

/** A consent about this patient that is not in force. */
export interface Bystander {
  readonly version: ConsentVersion
  readonly reason: ReasonCode
}

export function assess(version: ConsentVersion, question: Question): Candidate | Bystander | undefined {
  const { consent } = version
  if (!isAbout(consent.patient, question.patient) || !isAboutPrivacy(consent)) return undefined
  if (consent.status !== 'active') return { version, reason: 'consent-not-active' }
  const position = positionIn(consent.provision?.period, question.at)
  if (position === 'before') return { version, reason: 'consent-not-yet-valid' }
  if (position === 'after') return { version, reason: 'consent-expired' }
  const effect = baseOf(consent)
  const path = consent.provision ? 'provision' : 'policyRule'
  const root = ruleFrom(
    { provision: consent.provision ?? {}, effect, path, parent: {}, inForce: true },
    question,
  )
  const defects = [...defectsOf(consent, question.at), ...selfGranted(version, question)]
  return { version, root, defects }
}

/**
 * Nobody opens another's records for itself: what the recipient sent in about its own access is a claim, not a consent.
 * Its denies hold. The custodian, or a third organisation, records what the citizen agreed to. [our choice]
 */
function selfGranted({ recordedBy }: ConsentVersion, { recipient }: Question): readonly Defect[] {
  const isOwn = recordedBy !== undefined && recipient.references.includes(recordedBy)
  return isOwn ? [{ code: 'recorded-by-recipient', expression: 'Consent.organization' }] : []
}

const SCOPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentscope'

/** Consents to research or to a treatment never answer a disclosure. Older data has the scope among the categories. */
function isAboutPrivacy({ scope, category }: Consent): boolean {
  const concepts = scope === undefined ? category : [scope]
  return concepts.some(({ coding }) =>
    coding?.some(({ system, code }) => system === SCOPE_SYSTEM && code === 'patient-privacy'),
  )
}
