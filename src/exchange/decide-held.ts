/** Decides about each record that the asker holds as the door would, and releases nothing. */
import type { AccessRequest, DecisionContext } from '#consent/access-request.ts'
import { type CompiledConsent, decide } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import { type OverallDecision, overallDecision } from '#consent/overall-decision.ts'
import { decideWithoutContent } from '#consent/without-content.ts'
import type { LawBook } from '#law/law-book.ts'
import { withheldNames } from '#redact/withheld-names.ts'
import { withholdReferences } from '#redact/withhold-references.ts'
import type { Citizen } from '#store/merged-persons.ts'
import type { NationalId } from '#store/persons.ts'
import { accessQuestion, type AccessQuestion, subjectOf } from './access-question.ts'
import type { DecideInputs, Held } from './decide-inputs.ts'
import type { DecideRequest, NamedRecipient } from './decide-request.ts'

export interface DecidedHeld extends Held {
  readonly decision: Decision
}

export interface Asked extends Pick<DecideRequest, 'recipient' | 'purposeOfUse' | 'action'> {
  readonly subjectId: string
  readonly nationalIds: readonly NationalId[]
  readonly citizen?: Citizen | undefined
  readonly custodianId: string
  readonly now: Date
}

/** What is asked about every record of the asker: they have one custodian. */
export function questionOf(law: LawBook, asked: Asked, { registry }: DecideInputs): AccessQuestion {
  const { recipient, action, now, subjectId, nationalIds, citizen, custodianId } = asked
  const around = { custodianId, organizations: registry }
  const subject = subjectOf(subjectId, nationalIds, citizen)
  const recipientId = 'id' in recipient ? recipient.id : UNREGISTERED
  const question = accessQuestion(law, { recipientId, action, now }, subject, around)
  const known = 'id' in recipient ? question.request.recipient : unregistered(recipient)
  return { ...question, request: { ...question.request, recipient: known } }
}

/** No organisation has the nil id: what nobody registered has no unit type, so the law lets it receive nothing. */
const UNREGISTERED = '00000000-0000-0000-0000-000000000000'

function unregistered({ identifier }: Exclude<NamedRecipient, { id: string }>): AccessRequest['recipient'] {
  return { references: [], identifiers: [identifier], parents: [] }
}

export function decideHeld(
  { request, law }: AccessQuestion,
  purposeOfUse: readonly string[],
  inputs: DecideInputs,
): readonly DecidedHeld[] {
  const { held, consents } = inputs
  const context = contextOf(law, inputs)
  const decided = held.map((one) => ({
    ...one,
    decision: decide({ ...request, purposeOfUse }, consents, one, context),
  }))
  const withheld = withheldNames(decided)
  return decided.map((one) => {
    const { resource, labels, decision } = one
    return labels ? { ...one, decision: withholdReferences({ resource, labels }, decision, withheld) } : one
  })
}

/**
 * Who holds only consents of the citizen so far asks about what it will hold: that is answered without content, and as its
 * custodian. From consents alone it would be told that they do not speak of consents.
 */
export function overallOf(
  decided: readonly DecidedHeld[],
  { request, law }: AccessQuestion,
  purposeOfUse: readonly string[],
  inputs: DecideInputs,
): OverallDecision {
  if (decided.some(({ version }) => version.resourceType !== 'Consent'))
    return overallDecision(decided.map(({ decision }) => decision))
  return decideWithoutContent({ ...request, purposeOfUse }, inputs.consents, contextOf(law, inputs))
}

type Around = Pick<DecideInputs, 'ruleSetVersion' | 'parties' | 'resources' | 'heldBy'>

function contextOf(
  law: AccessQuestion['law'],
  { ruleSetVersion, parties, resources, heldBy }: Around,
): DecisionContext {
  return { ruleSetVersion, parties, resources, heldBy, ...(law && { law }) }
}

/** Everything that the decisions were made from, and nothing else: the same again gives the same again. */
export function inputsOf(
  { request, law }: AccessQuestion,
  asked: Pick<DecideRequest, 'purposeOfUse' | 'draft'>,
  { held, consents, ruleSetVersion, parties, versions }: DecideInputs,
  lawVersion: string,
): object {
  return {
    request: { ...request, purposeOfUse: asked.purposeOfUse },
    law: { version: lawVersion, frame: law ?? null },
    consents: consents.map(nameOf).sort(),
    draft: asked.draft ?? null,
    records: held
      .map(({ version, labels }) => ({ id: version.id, version: version.versionId, labels: labels ?? null }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    versions,
    registry: parties,
    ruleSet: ruleSetVersion,
  }
}

function nameOf({ version: { id, versionId, recordedBy = '' } }: CompiledConsent): string {
  return `${id} ${versionId} ${recordedBy}`
}
