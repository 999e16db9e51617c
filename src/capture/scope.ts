/** Whether a consent is about disclosure at all, and whether a machine can read how far it reaches. */
import type { CodeableConcept, Coding, Consent, ConsentProvision } from '@medplum/fhirtypes'
import { describeCode, type Fault } from '#fhir/gateway-error.ts'

const SCOPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentscope'

/**
 * Words where a code should say what is shared: such a consent is kept, and decides nothing. One exception in words is
 * enough, since without it the rest would share too much.
 */
export function isScopeInText({ scope, provision }: Consent): boolean {
  return (scope !== undefined && isInWords(scope)) || (provision !== undefined && isKindInWords(provision))
}

function isKindInWords(provision: ConsentProvision): boolean {
  const codings = [...(provision.class ?? []), ...(provision.securityLabel ?? [])]
  return (
    codings.some((coding) => coding.code === undefined && isFilled(coding.display)) ||
    (provision.code ?? []).some(isInWords) ||
    (provision.provision ?? []).some(isKindInWords)
  )
}

function isInWords({ coding, text }: CodeableConcept): boolean {
  const coded = coding?.some(({ code }) => code !== undefined) ?? false
  return !coded && [text, ...(coding ?? []).map(({ display }) => display)].some(isFilled)
}

function isFilled(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== ''
}

/** Consents to research or to a treatment never answer a disclosure, and must not look as if they did. */
export function scopeFaults({ scope }: Consent): Fault[] {
  const codings: readonly Coding[] = scope?.coding ?? []
  if (codings.some(({ system, code }) => system === SCOPE_SYSTEM && code === 'patient-privacy')) return []
  return [
    {
      code: 'field-invalid',
      expression: 'Consent.scope',
      text: `found ${describeCode(codings[0]?.code)}; Sluse decides by consents to disclosure: send \`patient-privacy\` with the system \`${SCOPE_SYSTEM}\``,
    },
  ]
}
