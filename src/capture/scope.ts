/** Whether a consent is about disclosure at all, and whether a machine can read how far it reaches. */
import type { CodeableConcept, Coding, Consent, ConsentProvision } from '@medplum/fhirtypes'
import { describeCode, type Fault } from '#fhir/gateway-error.ts'
import { permits } from './provisions.ts'

const SCOPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentscope'

/**
 * Words where a code should say what is shared, and no code beside them: such a consent is kept, opens nothing, and a
 * person reads it. A refusal is kept so even if a part of it is coded: who says no need not know codes. The answer is the
 * first place that has words.
 */
export function scopeInText(consent: Consent): string | undefined {
  if (consent.scope !== undefined && isInWords(consent.scope)) return 'Consent.scope'
  const { inWords, isCoded } = kindsIn(consent.provision, 'Consent.provision')
  return isCoded && permits(consent) ? undefined : inWords[0]
}

/** Beside codes, words would be read over: the part that has a code decides, and its sender thinks that the rest does. */
export function wordsBesideCodes({ provision }: Consent): Fault[] {
  return kindsIn(provision, 'Consent.provision').inWords.map((expression) => ({
    code: 'field-invalid',
    expression,
    text: 'it stands in words beside others that have a code: send its code, or leave it out',
  }))
}

interface Kinds {
  /** Paths of kinds of information that have no code. */
  readonly inWords: readonly string[]
  readonly isCoded: boolean
}

function kindsIn(provision: ConsentProvision | undefined, path: string): Kinds {
  if (!provision) return { inWords: [], isCoded: false }
  const { class: classes = [], securityLabel = [], code = [], data = [] } = provision
  const named = (element: string, items: readonly CodeableConcept[]): readonly string[] =>
    items.flatMap((item, index) => (isInWords(item) ? [`${path}.${element}[${index}]`] : []))
  const inner = (provision.provision ?? []).map((child, index) =>
    kindsIn(child, `${path}.provision[${index}]`),
  )
  const codings = [...classes, ...securityLabel, ...code.flatMap(({ coding }) => coding ?? [])]
  return {
    inWords: [
      ...named('class', classes.map(asConcept)),
      ...named('code', code),
      ...named('securityLabel', securityLabel.map(asConcept)),
      ...inner.flatMap((each) => each.inWords),
    ],
    isCoded:
      data.length > 0 ||
      codings.some((coding) => coding.code !== undefined) ||
      inner.some((each) => each.isCoded),
  }
}

function asConcept(coding: Coding): CodeableConcept {
  return { coding: [coding] }
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
