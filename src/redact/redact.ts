/** Takes out of a resource what a decision withholds. It only removes. https://hl7.org/fhir/uv/security-label-ds4p/ */
import type { Meta, Resource } from '@medplum/fhirtypes'
import { confidentialityOf, sensitivityOf } from '#label/security-meta.ts'
import type { Decision } from '#consent/decision.ts'

/**
 * Which results came of which decision. Paths count in the resource that was decided: in a result of the same decision
 * they would hit what may stay, so redacting again gives the same result back.
 */
const redacted = new WeakMap<Resource, Decision>()

export function redact(resource: Resource, decision: Decision): Resource {
  if (decision.effect !== 'permit')
    throw new Error('a denied resource has no part to release: check `decision.effect` first')
  if (decision.withheld.length === 0 || redacted.get(resource) === decision) return resource
  const withheld = new Set(decision.withheld.map(({ path }) => path))
  const touched = new Set(decision.withheld.map(({ path }) => topElementOf(path)))
  const result: Resource = { ...resource }
  for (const [key, value] of Object.entries(resource)) {
    const element = key.replace(/^_/, '')
    const path = `${resource.resourceType}.${element}`
    if (touched.has(element)) replace(result, key, keep(value, path, withheld))
  }
  // Words of whatever was taken out: the narrative is text about the whole.
  Reflect.deleteProperty(result, 'text')
  keepReferencedContained(result)
  if (result.meta) replace(result, 'meta', keepNeutralMeta(result.meta))
  redacted.set(result, decision)
  return result
}

function topElementOf(path: string): string | undefined {
  return /^\w+\.(\w+)/.exec(path)?.[1]
}

function replace(target: Resource, key: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(target, key)
  else Object.assign(target, { [key]: value })
}

/** The value without what is withheld; undefined when nothing is left, so that no stub and no gap remains. */
function keep(value: unknown, path: string, withheld: ReadonlySet<string>): unknown {
  if (withheld.has(path)) return undefined
  if (Array.isArray(value)) {
    const kept = value
      .map((item: unknown, index) => keep(item, `${path}[${index}]`, withheld))
      .filter((item) => item !== undefined)
    // In the twin of a list of primitives `null` holds a place: https://hl7.org/fhir/R4/json.html#primitive
    return kept.some((item) => item !== null) ? kept : undefined
  }
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value)
    .map(
      ([key, field]: [string, unknown]) =>
        [key, keep(field, `${path}.${key.replace(/^_/, '')}`, withheld)] as const,
    )
    .filter(([, field]) => field !== undefined)
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

/** A contained resource lives only by the elements that point to it (R4 dom-3): what nothing points to goes. */
function keepReferencedContained(resource: Resource): void {
  if (!('contained' in resource) || !resource.contained) return
  const { contained, ...rest } = resource
  const byReference = new Map(contained.map((inner) => [`#${inner.id ?? ''}`, inner]))
  const reached = new Set<unknown>()
  const reach = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const inner =
      'reference' in value && typeof value.reference === 'string'
        ? byReference.get(value.reference)
        : undefined
    if (inner && !reached.has(inner)) {
      reached.add(inner)
      reach(inner)
    }
    Object.values(value).forEach(reach)
  }
  reach(rest)
  const kept = contained.filter((inner) => reached.has(inner))
  replace(resource, 'contained', kept.length > 0 ? kept : undefined)
}

const OWN_PROFILES = 'https://sluse.example/fhir/StructureDefinition/'

/** Labels, tags, source and profiles of others may tell what was taken out; `release()` labels what remains. */
function keepNeutralMeta({ id, versionId, lastUpdated, profile, security }: Meta): Meta | undefined {
  const neutral = security?.filter((coding) => !sensitivityOf(coding) && !confidentialityOf(coding))
  const ours = profile?.filter((url) => url.startsWith(OWN_PROFILES))
  const meta = {
    ...(id !== undefined && { id }),
    ...(versionId !== undefined && { versionId }),
    ...(lastUpdated !== undefined && { lastUpdated }),
    ...(ours?.length && { profile: ours }),
    ...(neutral?.length && { security: neutral }),
  }
  return Object.keys(meta).length > 0 ? meta : undefined
}
