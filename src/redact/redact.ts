/** Takes out of a resource what a decision withholds. It only removes. https://hl7.org/fhir/uv/security-label-ds4p/ */
import type { Resource } from '@medplum/fhirtypes'
import type { Decision } from '#consent/decision.ts'
import { neutralMeta } from './neutral-meta.ts'
import { takeOut } from './take-out.ts'
import { withoutUnreached } from './unreached.ts'

/**
 * Which results came of which decision. Paths count in the resource that was decided: in a result of the same decision
 * they would hit what may stay, so redacting again gives the same result back.
 */
const redacted = new WeakMap<Resource, Decision>()

export function redact(resource: Resource, decision: Decision): Resource {
  if (decision.effect !== 'permit')
    throw new Error('a denied resource has no part to release: check `decision.effect` first')
  if (!isInPart(decision) || redacted.get(resource) === decision) return resource
  const type = resource.resourceType
  const withheld = decision.withheld
    .map(({ path }) => path)
    .filter((path) => !path.startsWith(`${type}.meta`))
  // Words of whatever was taken out: the narrative is text about the whole.
  const paths = [`${type}.text`, ...withheld]
  const result = withoutUnreached(takeOut(resource, paths))
  const meta = result.meta && neutralMeta(result.meta, decision.remaining)
  if (meta) result.meta = meta
  else delete result.meta
  redacted.set(result, decision)
  return result
}

/** A release in part need not withhold an element: tags, source, or a contained resource that nothing points to may be all. */
export function isInPart({ withheld, remaining }: Decision): boolean {
  return withheld.length > 0 || remaining !== undefined
}
