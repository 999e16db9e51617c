/**
 * A consent that is taken back, whole or in part: its next version. Nothing is edited in place, and the evidence stays,
 * since what was sent while it held was sent lawfully (GDPR 7(3), 17(3)).
 */
import type { Coding, Consent, ConsentProvision, Organization, Reference } from '@medplum/fhirtypes'
import { baseEffect } from './policy.ts'

export type Withdrawal =
  | { readonly kind: 'whole' }
  | { readonly kind: 'recipient'; readonly recipient: Reference<Organization> }
  | { readonly kind: 'class'; readonly class: Coding }
  | { readonly kind: 'securityLabel'; readonly securityLabel: Coding }

/** On a consent that another took the place of. */
export const REPLACED_BY = 'https://sluse.example/fhir/StructureDefinition/consent-replaced-by'

export function withdrawn(consent: Consent, withdrawal: Withdrawal): Consent {
  if (withdrawal.kind === 'whole') return { ...consent, status: 'inactive' }
  const base = baseEffect(consent)
  const provision: ConsentProvision = { ...consent.provision, ...(base && { type: base }) }
  return { ...consent, provision: withException(provision, exceptionOf(withdrawal)) }
}

export function replaced(consent: Consent, successor: string): Consent {
  const link = { url: REPLACED_BY, valueReference: { reference: successor } }
  return { ...consent, status: 'inactive', extension: [...(consent.extension ?? []), link] }
}

/** What it leaves empty it takes over from the permit that it stands in, so that it denies there and nowhere else. */
function exceptionOf(withdrawal: Exclude<Withdrawal, { kind: 'whole' }>): ConsentProvision {
  switch (withdrawal.kind) {
    case 'recipient':
      return { type: 'deny', actor: [{ role: { coding: [RECIPIENT] }, reference: withdrawal.recipient }] }
    case 'class':
      return { type: 'deny', class: [withdrawal.class] }
    case 'securityLabel':
      return { type: 'deny', securityLabel: [withdrawal.securityLabel] }
  }
}

const RECIPIENT = { system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }

/** Into each permit, however deep: a deny beside one would take over from what is around both, and miss the rest. */
function withException(provision: ConsentProvision, exception: ConsentProvision): ConsentProvision {
  const inner = (provision.provision ?? []).map((child) => withException(child, exception))
  const asked = provision.type === 'permit' && !inner.some((child) => isSame(child, exception))
  const children = asked ? [...inner, exception] : inner
  return { ...provision, ...(children.length > 0 ? { provision: children } : {}) }
}

/** Withdrawn before: both were written by this file, so that their members stand in one order. */
function isSame(one: ConsentProvision, other: ConsentProvision): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
