/** What may leave: a Disclosure can only be made here, of a permit, with what is withheld taken out. */
import type { Resource } from '@medplum/fhirtypes'
import { withSecurityMeta } from '#label/security-meta.ts'
import type { Decision } from '#consent/decision.ts'
import { redact } from './redact.ts'

declare const released: unique symbol

export interface Disclosure<R extends Resource = Resource> {
  readonly resource: R
  readonly decision: Decision
  /** Not exported and never written: no other module can make a value of this type without a cast. */
  readonly [released]: true
}

export function release(resource: Resource, decision: Decision): Disclosure {
  if (decision.effect !== 'permit')
    throw new Error('a deny releases nothing: answer as if there were no such resource')
  const remaining = redact(resource, decision)
  const outgoing = decision.withheld.length > 0 ? markRedacted(remaining, decision) : remaining
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one cast in src: it makes the brand
  return { resource: outgoing, decision } as Disclosure
}

const OBSERVATION_VALUE = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'

/** The recipient learns that something is missing, not what kind. https://hl7.org/fhir/R4/resource-definitions.html#Meta.tag */
function markRedacted(resource: Resource, { remaining }: Decision): Resource {
  const relabelled = remaining ? withSecurityMeta(resource, remaining) : resource
  const labels = (relabelled.meta?.security ?? []).filter(({ code }) => code !== 'REDACTED')
  const security = [...labels, { system: OBSERVATION_VALUE, code: 'REDACTED' }]
  const tag = [{ system: OBSERVATION_VALUE, code: 'SUBSETTED' }]
  return { ...relabelled, meta: { ...relabelled.meta, security, tag } }
}
