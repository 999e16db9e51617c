/** What may leave: a Disclosure can only be made here, of a permit, with what is withheld taken out. */
import type { Coding, Resource } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM } from '#label/code-system.ts'
import { withSecurityMeta } from '#label/security-meta.ts'
import type { Decision } from '#consent/decision.ts'
import type { Language } from '#consent/reason.ts'
import { hasInlineLabel } from './inline-label.ts'
import { hasNarrative, narrativeOf, type NarrativeOptions } from './narrative.ts'
import { isInPart, redact } from './redact.ts'

declare const released: unique symbol

export interface Disclosure<R extends Resource = Resource> {
  readonly resource: R
  readonly decision: Decision
  /** Not exported and never written: no other module can make a value of this type without a cast. */
  readonly [released]: true
}

export interface ReleaseOptions {
  /** The recipient's, for the narrative of a resource that does not say its own. */
  readonly language?: Language
}

export function release(
  resource: Resource,
  decision: Decision,
  { language }: ReleaseOptions = {},
): Disclosure {
  if (decision.effect !== 'permit')
    throw new Error('a deny releases nothing: answer as if there were no such resource')
  const reduced = isInPart(decision)
  const remaining = redact(resource, decision)
  const marked = withDuties(reduced ? markRedacted(remaining, decision) : remaining, decision)
  const noOnwardUse = dutiesOf(decision).some(({ code }) => code === 'NORDSCLCD')
  const outgoing = withNarrative(marked, { reduced, noOnwardUse, ...(language && { language }) })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one cast in src: it makes the brand
  return { resource: outgoing, decision } as Disclosure
}

const OBSERVATION_VALUE = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'
const INLINE_LABELS: Coding = { system: ACT_CODE_SYSTEM, code: 'PROCESSINLINELABEL' }

/** The recipient learns that something is missing, not what kind. https://hl7.org/fhir/R4/resource-definitions.html#Meta.tag */
function markRedacted(resource: Resource, { remaining }: Decision): Resource {
  const relabelled = remaining ? withSecurityMeta(resource, remaining) : resource
  const security = [
    ...(relabelled.meta?.security ?? []),
    ...(hasInlineLabel(resource) ? [INLINE_LABELS] : []),
    { system: OBSERVATION_VALUE, code: 'REDACTED' },
  ]
  const tag = [{ system: OBSERVATION_VALUE, code: 'SUBSETTED' }]
  return { ...relabelled, meta: { ...relabelled.meta, security, tag } }
}

/** To take out and to audit is done before anything leaves; the rest binds the recipient. */
const OURS: ReadonlySet<string> = new Set(['REDACT', 'MASK', 'AUDIT'])

function dutiesOf({ obligations }: Decision): readonly Coding[] {
  return obligations.filter(({ code }) => !OURS.has(code)).map(({ system, code }) => ({ system, code }))
}

/** What the recipient must do with it travels with it. */
function withDuties(resource: Resource, decision: Decision): Resource {
  const security = resource.meta?.security ?? []
  const duties = dutiesOf(decision).filter(
    (duty) => !security.some(({ system, code }) => system === duty.system && code === duty.code),
  )
  if (duties.length === 0) return resource
  return { ...resource, meta: { ...resource.meta, security: [...security, ...duties] } }
}

/** A narrative that is there was released with the whole, word for word. */
function withNarrative(resource: Resource, options: NarrativeOptions): Resource {
  if (!hasNarrative(resource.resourceType) || ('text' in resource && resource.text !== undefined))
    return resource
  return Object.assign({ ...resource }, { text: narrativeOf(resource, options) })
}
