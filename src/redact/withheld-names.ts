/** By which names what a recipient may not have is known, over all that was decided together. */
import type { Resource } from '@medplum/fhirtypes'
import type { Decision } from '#consent/decision.ts'
import type { LabelRecord } from '#label/label-record.ts'
import { type Names, namesOf } from './names.ts'
import { withholdReferences } from './withhold-references.ts'

export interface DecidedResource {
  readonly resource: Resource
  /** Undefined when it was never labelled: then it is denied. */
  readonly labels: LabelRecord | undefined
  readonly decision: Decision
}

/** What has lost its point with what it pointed to is gone as well, and so on until nothing changes. */
export function withheldNames(all: readonly DecidedResource[]): Names {
  const gone = new Set(all.filter(({ decision }) => decision.effect === 'deny'))
  for (;;) {
    const names = namesOf([...gone].map(({ resource }) => resource))
    const lost = all.filter((each) => !gone.has(each) && isLost(each, names))
    if (lost.length === 0) return names
    for (const each of lost) gone.add(each)
  }
}

function isLost({ resource, labels, decision }: DecidedResource, names: Names): boolean {
  if (decision.reason === 'own-record' || !labels) return false
  return withholdReferences({ resource, labels }, decision, names).effect === 'deny'
}
