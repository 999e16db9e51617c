/** Whether a consent permits or denies outside its exceptions. https://hl7.org/fhir/R4/consent-definitions.html#Consent.policyRule */
import type { Consent } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM, normalizeSystem } from '#label/code-system.ts'
import { type Rule, typeOf } from './rule.ts'

/** The root's own type or, where it has none, the policy; where they disagree, the deny. */
export function baseOf(consent: Consent): Rule['effect'] {
  const own = consent.provision && typeOf(consent.provision)
  const policy = policyEffect(consent)
  return own === 'deny' || policy === 'deny' ? 'deny' : (own ?? policy)
}

const policyEffects: ReadonlyMap<string | undefined, 'permit' | 'deny'> = new Map([
  ['OPTIN', 'permit'],
  ['OPTINR', 'permit'],
  ['OPTOUT', 'deny'],
  ['OPTOUTE', 'deny'],
])

/** Codes of other kinds, such as the law that the consent rests on, set no base. */
export function policyEffect({ policyRule }: Consent): Rule['effect'] {
  const codings = (policyRule?.coding ?? []).filter(
    ({ system }) => normalizeSystem(system ?? '') === ACT_CODE_SYSTEM,
  )
  const effects = codings.flatMap(({ code }) => policyEffects.get(code) ?? [])
  return effects.includes('deny') ? 'deny' : effects[0]
}
