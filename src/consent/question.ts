/** An AccessRequest that was found complete, with what the evaluation of one resource needs beside it. */
import type { Resource } from '@medplum/fhirtypes'
import type { AccessRequest, Party, Subject } from './access-request.ts'
import { type LocalInstant, parseLocalInstant } from './instant.ts'
import { BREAK_GLASS } from './purpose-of-use.ts'

export interface Question {
  readonly patient: Subject
  readonly recipient: Party
  /** Nobody, in a dry run without one. */
  readonly custodian: Party
  readonly purposes: readonly string[]
  readonly action: string
  readonly at: LocalInstant
  readonly resource: Resource
  readonly directory: readonly Party[]
}

/** Undefined when a part is missing: a request without purpose, or from nobody, is refused and never evaluated. */
export function readQuestion(
  request: AccessRequest,
  resource: Resource,
  directory: readonly Party[],
): Question | undefined {
  const { patient, recipient, custodian, purposeOfUse, action } = request
  const at = parseLocalInstant(request.now, request.timeZone)
  const complete = isNamed(patient) && isNamed(recipient) && (custodian === undefined || isNamed(custodian))
  if (!at || !complete || purposeOfUse.length === 0 || purposeOfUse.includes('')) return undefined
  return {
    patient,
    recipient,
    custodian: custodian ?? NOBODY,
    purposes: withoutBreakGlass(purposeOfUse),
    action,
    at,
    resource,
    directory,
  }
}

const NOBODY: Party = { references: [], identifiers: [], parents: [] }

function isNamed(party: Pick<Party, 'references' | 'identifiers'>): boolean {
  return (
    party.references.some((reference) => /^\w+\/.+$/.test(reference)) ||
    party.identifiers.some(({ system, value }) => system !== '' && value !== '')
  )
}

/** Break-glass is decided as ordinary treatment first; the override that may follow is not part of this version. */
function withoutBreakGlass(purposes: readonly string[]): readonly string[] {
  const rest = purposes.filter((purpose) => purpose !== BREAK_GLASS)
  return rest.length > 0 ? rest : ['TREAT']
}
