/**
 * Resources that are asked for together: each is decided on its own, and then none that goes out may tell of one that does
 * not. What mostly points to others (a List, a Composition) is decided by what is left of it.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Decision, ReasonCode } from '#consent/decision.ts'
import type { LabelRecord } from '#label/label-record.ts'
import { isContainer, redactContainer } from '#redact/container.ts'
import { type Names, namesOf } from '#redact/names.ts'
import { pointersTo } from '#redact/pointers.ts'
import { withholdReferences } from '#redact/withhold-references.ts'

export interface Judged {
  /** What was decided: of a container, what is left of it. */
  readonly resource: Resource
  readonly labels: LabelRecord
  readonly decision: Decision
  /** Paths that were cut from a container before it was decided, as it stands in the file. */
  readonly cut: readonly string[]
}

export type Judge = (resource: Resource) => Judged

/** `known` are the names by which the case refers to its resources: `Type/id`, and the `fullUrl` of an entry. */
export function decideTogether(
  resources: readonly Resource[],
  judge: Judge,
  known: ReadonlyMap<string, Resource>,
): readonly Judged[] {
  const alone = new Map(resources.map((resource) => [resource, judge(resource)]))
  const gone = new Set<Resource>()
  const fates = new Map<Resource, Judged>()
  // Each round may deny what pointed to something that the round before denied; nothing denied comes back.
  const settle = (some: readonly Resource[]): void => {
    for (let before = -1; before < gone.size;) {
      before = gone.size
      const withheld = allNames(gone, known)
      for (const resource of some) {
        const own = fates.get(resource) ?? alone.get(resource) ?? judge(resource)
        fates.set(
          resource,
          isContainer(resource) ? judgeRest(resource, withheld, judge) : withoutTraces(own, withheld),
        )
      }
      for (const resource of some) if (fates.get(resource)?.decision.effect === 'deny') gone.add(resource)
    }
  }
  // First what containers point to, so that a container is not denied for what is about to be cut from it.
  settle(resources.filter((resource) => !isContainer(resource)))
  settle(resources)
  return resources.map((resource) => fates.get(resource) ?? judge(resource))
}

function allNames(gone: ReadonlySet<Resource>, known: ReadonlyMap<string, Resource>): Names {
  const { references, identifiers } = namesOf([...gone])
  const others = [...known].filter(([, resource]) => gone.has(resource)).map(([name]) => name)
  return { references: new Set([...references, ...others]), identifiers }
}

function withoutTraces(judged: Judged, withheld: Names): Judged {
  return { ...judged, decision: withholdReferences(judged, judged.decision, withheld) }
}

const ENTRY = /^\w+(?:\.section\[\d+\])*\.(?:entry|focus|target|entity)\[\d+\]/

function judgeRest(container: Resource, withheld: Names, judge: Judge): Judged {
  const rest = redactContainer(container, withheld)
  if (!rest) return denied(judge(container), 'reference-withheld')
  const judged = judge(rest)
  if (rest === container || judged.decision.effect === 'deny') return judged
  const cut = pointersTo(container, withheld, (path) => ENTRY.exec(path)?.[0])
  return cut === 'all' ? denied(judged, 'reference-withheld') : { ...judged, cut }
}

/** What a denial says beside its reason stays: whose consent spoke. */
export function denied(judged: Judged, reason: ReasonCode): Judged {
  const { basis } = judged.decision
  return { ...judged, decision: { effect: 'deny', reason, basis, obligations: [], withheld: [] } }
}
