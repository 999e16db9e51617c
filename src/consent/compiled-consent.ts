/** A version of a Consent, read once: all that a decision needs of it and that no request changes. https://hl7.org/fhir/R4/consent.html */
import type { Consent } from '@medplum/fhirtypes'
import { baseOf } from './base-decision.ts'
import { type Defect, defectsOf } from './defect.ts'
import { type ElementFault, type Fields, isFields, readConcept } from './element-reader.ts'
import { blockPolicy } from './national-block.ts'
import { parsePointInTime } from './instant.ts'
import { containedIn } from './party-name.ts'
import type { ReadPeriod } from './period.ts'
import { asR4 } from './r5-consent.ts'
import { type CompiledRule, compileRule } from './rule.ts'

export interface ConsentVersion {
  readonly id: string
  readonly versionId: string
  readonly consent: Consent
  /** The organisation that sent it in, as `Organization/<id>`; absent when nobody did, as in a dry run. */
  readonly recordedBy?: string
  /** Given and recorded outside the gateway: some of its words are read as public data uses them. */
  readonly imported?: boolean
}

export interface CompiledConsent {
  readonly version: ConsentVersion
  /** A Reference, if it is as it should be. */
  readonly patient: unknown
  /** The law under which it is a national block and no consent. */
  readonly block: string | undefined
  /** When it was given, in milliseconds; undefined when nobody knows. */
  readonly given: number | undefined
  readonly isAboutPrivacy: boolean
  readonly isActive: boolean
  readonly root: CompiledRule
  /** Whether any provision asks for a clinical code: then the codes of each unit are looked for. */
  readonly asksForCodes: boolean
  /** With any of these its permits are not used; its denies are. */
  readonly defects: readonly Defect[]
  /** Periods of which only a time zone can tell whether they end before they start. */
  readonly openPeriods: readonly { readonly period: ReadPeriod; readonly expression: string }[]
  /** What was read in spite of its form. */
  readonly warnings: readonly ElementFault[]
}

/** Costs about as much as a few decisions: compile once for each transaction, not once for each resource. */
export function compileConsent(version: ConsentVersion): CompiledConsent {
  const fields: unknown = version.consent
  const faults: ElementFault[] = []
  const consent = asR4(isFields(fields) ? fields : {}, faults)
  const policyRule = consent['policyRule']
  const policyCodes = policyRule === undefined ? [] : readConcept(policyRule, 'Consent.policyRule', faults)
  const base = baseOf(consent, policyCodes)
  const { provision } = consent
  const block = isFields(fields) ? blockPolicy(version.consent) : undefined
  const root = compileRule(provision === undefined ? {} : provision, {
    path: provision === undefined ? 'policyRule' : 'provision',
    effect: base.effect,
    parent: {},
    depth: 0,
    faults,
    contained: containedIn(consent),
    imported: version.imported === true,
    block: block !== undefined,
  })
  const isWarning = ({ code }: ElementFault) => code === 'role-assumed' || code === 'code-not-a-list'
  return {
    version,
    patient: consent['patient'],
    block,
    given: whenGiven(consent['dateTime']),
    isAboutPrivacy: isAboutPrivacy(consent),
    isActive: consent['status'] === 'active',
    root,
    asksForCodes: asksForCodes(root),
    defects: [...defectsOf(consent, base), ...faults.flatMap(asDefect)],
    openPeriods: openPeriodsOf(root),
    warnings: faults.filter(isWarning),
  }
}

/** A date without a time counts at its noon. */
function whenGiven(dateTime: unknown): number | undefined {
  if (typeof dateTime !== 'string') return undefined
  const point = parsePointInTime(/^\d{4}-\d\d-\d\d$/.test(dateTime) ? `${dateTime}T12:00:00Z` : dateTime)
  return point && 'first' in point ? point.first : undefined
}

function asDefect({ code, expression }: ElementFault): readonly Defect[] {
  return code === 'element-malformed' || code === 'element-unknown' ? [{ code, expression }] : []
}

function asksForCodes({ criteria, children }: CompiledRule): boolean {
  return criteria.code !== undefined || children.some(asksForCodes)
}

function openPeriodsOf({ period, path, children }: CompiledRule): CompiledConsent['openPeriods'] {
  const isOpen = period !== undefined && period !== 'unreadable' && period.orderNeedsZone
  const own = isOpen ? [{ period, expression: `Consent.${path}.period` }] : []
  return children.length === 0 ? own : [...own, ...children.flatMap(openPeriodsOf)]
}

const SCOPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentscope'

/** Consents to research or to a treatment never answer a disclosure. Older data has the scope among the categories. */
function isAboutPrivacy({ scope, category }: Fields): boolean {
  const concepts: readonly unknown[] = scope === undefined && Array.isArray(category) ? category : [scope]
  return concepts.some((concept) =>
    readConcept(concept, 'Consent.scope', []).some(
      ({ system, code }) => system === SCOPE_SYSTEM && code === 'patient-privacy',
    ),
  )
}
