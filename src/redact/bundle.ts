/** A Bundle decided entry by entry: what may not go leaves no gap, no count and no link. https://hl7.org/fhir/R4/bundle.html */
import type { Bundle, BundleEntry, Coding, Resource } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM } from '#label/code-system.ts'
import { type Confidentiality, highest } from '#label/label-record.ts'
import { confidentialityOf, sensitivityOf } from '#label/security-meta.ts'
import { isContainer, redactContainer } from './container.ts'
import { type Names, namesOf } from './names.ts'

/**
 * What this recipient gets of one resource, when what `withheld` names may not be known to it: decided, redacted, with no
 * reference to any of those. Undefined: nothing.
 */
export type FateOf = (resource: Resource, withheld: Names) => Resource | undefined

export function redactBundle(bundle: Bundle, fateOf: FateOf): Bundle | undefined {
  const entries = bundle.entry ?? []
  const withheld = new Set<BundleEntry>()
  let kept: BundleEntry[] = []
  // Each round may withhold what pointed to something that the round before withheld: few rounds, at most one an entry.
  for (let before = -1; before < withheld.size;) {
    before = withheld.size
    const names = namesOfEntries([...withheld])
    kept = []
    for (const entry of entries) {
      const resource = withheld.has(entry) ? undefined : fateOfEntry(entry, names, fateOf)
      if (resource) kept.push({ ...entry, resource })
      else withheld.add(entry)
    }
  }
  // A document begins with its Composition and a message with its header: without it, it is neither (bdl-11, bdl-12).
  const [head] = entries
  const needsHead = bundle.type === 'document' || bundle.type === 'message'
  if (needsHead && (head === undefined || withheld.has(head))) return undefined
  return withEntries(bundle, kept, withheld.size > 0)
}

/** An entry without a resource, such as a deletion in a history, names one, and nobody can decide about that. */
function fateOfEntry({ resource }: BundleEntry, names: Names, fateOf: FateOf): Resource | undefined {
  if (!resource) return undefined
  const rest = isContainer(resource) ? redactContainer(resource, names) : resource
  return rest && fateOf(rest, names)
}

function namesOfEntries(entries: readonly BundleEntry[]): Names {
  const { references, identifiers } = namesOf(entries.flatMap(({ resource }) => resource ?? []))
  const urls = entries.flatMap(({ fullUrl }) => fullUrl ?? [])
  return { references: new Set([...references, ...urls]), identifiers }
}

/**
 * A count and a link to the next page tell how many there were, a signature is of other bytes. Labels are the high-water
 * mark of what is in it; a tag that tells of privacy never stands on a Bundle.
 */
function withEntries(bundle: Bundle, entry: BundleEntry[], isShorter: boolean): Bundle {
  const { meta: _meta, entry: _entry, ...rest } = bundle
  const security = highWaterMark(entry.flatMap(({ resource }) => resource ?? []))
  const result: Bundle = {
    ...rest,
    ...(security.length > 0 && { meta: { security } }),
    ...(entry.length > 0 && { entry }),
  }
  if (!isShorter) return result
  delete result.total
  delete result.signature
  const self = bundle.link?.filter(({ relation }) => relation === 'self') ?? []
  if (self.length > 0) result.link = self
  else delete result.link
  return result
}

function highWaterMark(resources: readonly Resource[]): Coding[] {
  const found = resources.flatMap(({ meta }) => meta?.security ?? [])
  const levels = found.map(confidentialityOf).filter((level): level is Confidentiality => level !== undefined)
  const sensitivities = new Set(found.map(sensitivityOf).filter((code) => code !== undefined))
  return [
    ...(levels.length > 0 ? [{ system: CONFIDENTIALITY_SYSTEM, code: highest(levels) }] : []),
    ...[...sensitivities].sort().map((code) => ({ system: ACT_CODE_SYSTEM, code })),
  ]
}
