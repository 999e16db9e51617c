/**
 * Whom a consent names and nobody here is: its sender is told, since nothing opens for a number that has a digit wrong.
 * It is stored all the same: who is meant may be registered later. https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.actor
 */
import type { Consent, ConsentProvision, Reference } from '@medplum/fhirtypes'
import type { Notice } from './earlier-consents.ts'

export type IsKnown = (reference: Reference) => boolean

export function unknownParties({ provision }: Consent, isKnown: IsKnown): readonly Notice[] {
  return provision ? unknownIn(provision, 'Consent.provision', isKnown) : []
}

function unknownIn(provision: ConsentProvision, path: string, isKnown: IsKnown): readonly Notice[] {
  const own = (provision.actor ?? []).flatMap(({ reference }, index): Notice[] => {
    // What it contains stands in the consent itself.
    if (reference === undefined || reference.reference?.startsWith('#') || isKnown(reference)) return []
    const text =
      'no organisation is registered here by this reference or number: check it; until one is, a permit opens nothing for it, and a refusal may hold for others'
    return [{ severity: 'warning', expression: `${path}.actor[${index}].reference`, text }]
  })
  const inner = (provision.provision ?? []).flatMap((child, index) =>
    unknownIn(child, `${path}.provision[${index}]`, isKnown),
  )
  return [...own, ...inner]
}
