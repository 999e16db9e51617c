/** Whether `policyRule` and the provisions say the same. https://hl7.org/fhir/R4/consent-definitions.html#Consent.policyRule */
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { policyEffect } from '#consent/base-decision.ts'
import type { Fault } from '#fhir/gateway-error.ts'
import { ACT_CODE_SYSTEM, normalizeSystem } from '#label/code-system.ts'

export function policyFaults(consent: Consent): Fault[] {
  const own = consent.provision?.type
  const policy = policyEffect(consent)
  if (own === undefined && policy === undefined) {
    const text =
      'nothing says whether the consent permits or denies: send `permit` or `deny`, and who, what and for which purpose beside it'
    return [{ code: 'field-missing', expression: 'Consent.provision.type', text }]
  }
  if (own !== undefined && policy !== undefined && own !== policy) {
    const text = '`policyRule` and `provision.type` say the opposite of each other: correct one of them'
    return [{ code: 'field-invalid', expression: 'Consent.policyRule', text }]
  }
  return claimWithoutException(consent)
}

/** What each code of v3-ActCode says of exceptions: an exception is of the other type than the rule. */
const CLAIMS: ReadonlyMap<string | undefined, ConsentProvision['type']> = new Map([
  ['OPTINR', 'deny'],
  ['OPTOUTE', 'permit'],
])

/** "Share with exceptions" without an exception shares all. */
function claimWithoutException({ policyRule, provision }: Consent): Fault[] {
  const claimed = (policyRule?.coding ?? [])
    .filter(({ system }) => normalizeSystem(system ?? '') === ACT_CODE_SYSTEM)
    .flatMap(({ code }) => CLAIMS.get(code) ?? [])
  const missing = claimed.filter((type) => !holds(provision, type))
  return missing.map((type) => ({
    code: 'exception-missing',
    expression: 'Consent.policyRule',
    text: `the policy says that there are exceptions, and no provision inside the outermost one has the type \`${type ?? ''}\`: send them, or a policy without exceptions`,
  }))
}

function holds(provision: ConsentProvision | undefined, type: ConsentProvision['type']): boolean {
  return (provision?.provision ?? []).some((child) => child.type === type || holds(child, type))
}
