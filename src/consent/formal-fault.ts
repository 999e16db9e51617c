/** What the law of the receiving unit finds wanting in a consent. It limits permits only: a deny needs no form. */
import type { Consent, ConsentProvision, Resource } from '@medplum/fhirtypes'
import type { ConsentTerms, LawRuleId } from '#law/legal-frame.ts'
import { isFields, itemsOf } from './element-reader.ts'
import { isBefore, type LocalInstant, parsePointInTime } from './instant.ts'
import { lifeOf } from './lapse.ts'
import type { ReasonCode } from './reason.ts'
import { isDocumented } from './written-form.ts'

export interface FormalFault {
  readonly reason: ReasonCode
  readonly law: LawRuleId
}

type Resources = ReadonlyMap<string, Resource> | undefined

/** The rule by which it has lapsed. SUL 44(2) */
export function isLapsed(
  consent: Consent,
  { lapsesAfterYears, lapseRule, rule }: ConsentTerms,
  at: LocalInstant,
  resources: Resources,
): LawRuleId | undefined {
  if (lapsesAfterYears === undefined) return undefined
  return lifeOf(consent, lapsesAfterYears, at, resources) === 'lapsed' ? (lapseRule ?? rule) : undefined
}

export function formalFault(
  consent: Consent,
  terms: ConsentTerms,
  at: LocalInstant,
  resources: Resources,
): FormalFault | undefined {
  const { rule, formRule = rule, lapseRule = rule, lapsesAfterYears, mustName = [] } = terms
  if (terms.form === 'written' && !isDocumented(consent, resources))
    return { reason: 'form-not-written', law: formRule }
  // Of what was given nobody knows when, nobody can say that it is young enough.
  if (lapsesAfterYears !== undefined && lifeOf(consent, lapsesAfterYears, at, resources) === 'unknown')
    return { reason: 'consent-defective', law: lapseRule }
  if (terms.prior && !isGivenBefore(consent, at)) return { reason: 'consent-defective', law: rule }
  const isNamed = (element: (typeof mustName)[number]) => permitsName(consent.provision, element, false)
  return mustName.every(isNamed) ? undefined : { reason: 'consent-defective', law: rule }
}

/** RSL 11a(1): given on a date that is known, and no later than the question. */
function isGivenBefore({ dateTime }: Consent, at: LocalInstant): boolean {
  const given = parsePointInTime(typeof dateTime === 'string' ? dateTime : '')
  return given !== undefined && !isBefore(at, given)
}

type Named = NonNullable<ConsentTerms['mustName']>[number]

/** Whether every permit states it, or stands in one that does. Forvaltningsloven 28; GDPR 4(11) */
function permitsName(provision: unknown, element: Named, around: boolean): boolean {
  const fields = isFields(provision) ? provision : {}
  const stated = around || elementsOf[element].some((key) => isStated(fields[key]))
  return (
    (stated || fields['type'] === 'deny') &&
    itemsOf(fields['provision']).every((child) => permitsName(child, element, stated))
  )
}

const elementsOf = {
  purpose: ['purpose'],
  recipient: ['actor'],
  information: ['class', 'code', 'data', 'securityLabel', 'dataPeriod'],
} as const satisfies Record<Named, readonly (keyof ConsentProvision)[]>

function isStated(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}
