/** Whether `policyRule` and the provisions say the same. https://hl7.org/fhir/R4/consent-definitions.html#Consent.policyRule */
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import type { Fault } from '#fhir/gateway-error.ts'
import { ACT_CODE_SYSTEM, normalizeSystem } from '#label/code-system.ts'

type Effect = 'permit' | 'deny'

const EFFECTS: ReadonlyMap<string | undefined, Effect> = new Map([
  ['OPTIN', 'permit'],
  ['OPTINR', 'permit'],
  ['OPTOUT', 'deny'],
  ['OPTOUTE', 'deny'],
])

function actCodes({ policyRule }: Consent): readonly (string | undefined)[] {
  return (policyRule?.coding ?? [])
    .filter(({ system }) => normalizeSystem(system ?? '') === ACT_CODE_SYSTEM)
    .map(({ code }) => code)
}

function policyEffect(consent: Consent): Effect | undefined {
  const effects = actCodes(consent).flatMap((code) => EFFECTS.get(code) ?? [])
  return effects.includes('deny') ? 'deny' : effects[0]
}

/** What the consent says outside its exceptions; where its two places disagree it is refused. */
export function baseEffect(consent: Consent): Effect | undefined {
  return consent.provision?.type ?? policyEffect(consent)
}

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
const CLAIMS: ReadonlyMap<string | undefined, Effect> = new Map([
  ['OPTINR', 'deny'],
  ['OPTOUTE', 'permit'],
])

/** "Share with exceptions" without an exception shares all. */
function claimWithoutException(consent: Consent): Fault[] {
  const claimed = actCodes(consent).flatMap((code) => CLAIMS.get(code) ?? [])
  const missing = claimed.filter((type) => !holds(consent.provision, type))
  return missing.map((type) => ({
    code: 'exception-missing',
    expression: 'Consent.policyRule',
    text: `the policy says that there are exceptions, and no provision inside the outermost one has the type \`${type}\`: send them, or a policy without exceptions`,
  }))
}

function holds(provision: ConsentProvision | undefined, type: Effect): boolean {
  return (provision?.provision ?? []).some((child) => child.type === type || holds(child, type))
}
