/** What would leave: released as in the gateway, looked at once more, and withheld whole when something was missed. */
import type { Coding, Resource } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM } from '#label/code-system.ts'
import type { LabelRecord } from '#label/label-record.ts'
import { release } from '#redact/disclosure.ts'
import { verify } from '#redact/verify.ts'
import { denied, type Judged } from './decide-together.ts'

export interface Released {
  readonly judged: Judged
  /** Absent when it is denied. */
  readonly outgoing?: Resource
}

export function releaseCase(judged: Judged, labelAgain: (resource: Resource) => LabelRecord): Released {
  const { resource, labels, decision, cut } = judged
  if (decision.effect === 'deny') return { judged }
  const { resource: whole } = release(resource, decision)
  const outgoing = cut.length > 0 ? markReduced(whole) : whole
  const isMissed = verify(outgoing, labelAgain, decision.remaining ?? labels).length > 0
  return isMissed ? { judged: denied(judged, 'verification-failed') } : { judged: withCut(judged), outgoing }
}

/** Entries of a container are gone before it is decided: to whoever reads the answer they are withheld all the same. */
function withCut(judged: Judged): Judged {
  const { decision, cut } = judged
  if (cut.length === 0) return judged
  const paths = cut.map((path) => ({ path, reason: 'reference-withheld' as const }))
  const reason = decision.reason === 'permitted' ? 'permitted-in-part' : decision.reason
  const redact = { system: ACT_CODE_SYSTEM, code: 'REDACT' } as const
  const obligations = decision.obligations.some(({ code }) => code === 'REDACT')
    ? decision.obligations
    : [redact, ...decision.obligations]
  return {
    ...judged,
    decision: { ...decision, reason, obligations, withheld: [...decision.withheld, ...paths] },
  }
}

const OBSERVATION_VALUE = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'

function markReduced(resource: Resource): Resource {
  const marked = (list: readonly Coding[] = [], code: string): Coding[] => [
    ...list.filter((each) => each.code !== code),
    { system: OBSERVATION_VALUE, code },
  ]
  const { security, tag } = resource.meta ?? {}
  return {
    ...resource,
    meta: { ...resource.meta, security: marked(security, 'REDACTED'), tag: marked(tag, 'SUBSETTED') },
  }
}
