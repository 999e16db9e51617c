/**
 * `$decide`: would this recipient be given what we hold of this citizen, why, and what if. Answered about the asker's own
 * records alone; who holds none is told the same of every citizen, known or not. Each call leaves an audit row.
 */
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { inputsHash } from '#audit/inputs-hash.ts'
import { overallDecision } from '#consent/overall-decision.ts'
import { refuse } from '#intake/prepare.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import { organizationsByIdentifier } from '#store/organizations.ts'
import { citizensOf } from '#store/merged-persons.ts'
import { findSubject, nationalIdsOf } from '#store/persons.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { decideAnswer, type DecideAnswer } from './decide-answer.ts'
import { decideHeld, inputsOf, overallOf, questionOf } from './decide-held.ts'
import { decideInputs } from './decide-inputs.ts'
import {
  type DecideRequest,
  languageAccepted,
  type NamedRecipient,
  readDecideRequest,
} from './decide-request.ts'
import { readResourceBody } from './resource-body.ts'

export async function decideOperation(exchange: Exchange, call: Call): Promise<Answer> {
  const body = readResourceBody({ ...call, resourceType: 'Parameters' })
  if (body.resourceType !== 'Parameters') throw new Error('another type was read')
  refuse(exchange.validator.validate(body))
  const now = exchange.now()
  const asked = readDecideRequest(body, now)
  const language = asked.language ?? languageAccepted(call.header('Accept-Language'))
  return exchange.database.transaction(async (tx) => {
    const recipient = await registered(tx, asked.recipient)
    const subjectId = await subjectAsked(tx, exchange, asked)
    const found = subjectId
      ? await decisionsAbout(
          tx,
          exchange,
          { ...asked, recipient },
          { subjectId, askerId: call.requester.organizationId, now },
        )
      : undefined
    const answer = found ?? nothingHeld({ ...asked, recipient }, now)
    await appendAudit(tx, [
      auditRow(entryOf(exchange, call, { asked: { ...asked, recipient }, now, answer, subjectId })),
    ])
    return {
      status: 200,
      headers: { 'Content-Language': language },
      nonClinical: decideAnswer({ ...answer, language }),
    }
  })
}

type Found = Omit<DecideAnswer, 'language'>

async function decisionsAbout(
  tx: Transaction,
  exchange: Exchange,
  asked: DecideRequest,
  { subjectId, askerId, now }: { readonly subjectId: string; readonly askerId: string; readonly now: Date },
): Promise<Found | undefined> {
  // Whether two are one citizen is asked as of now.
  const citizen = asked.at === undefined ? (await citizensOf(tx, [subjectId])).get(subjectId) : undefined
  const inputs = await decideInputs(tx, exchange, asked, { subjectId, askerId, citizen })
  if (!inputs) return undefined
  const nationalIds = (await nationalIdsOf(tx, exchange.seal, [subjectId])).get(subjectId) ?? []
  const at = asked.at ?? now
  const question = questionOf(
    exchange.law,
    { ...asked, subjectId, citizen, nationalIds, custodianId: askerId, now: at },
    inputs,
  )
  const decided = decideHeld(question, asked.purposeOfUse, inputs)
  return {
    overall: overallOf(decided, question, asked.purposeOfUse, inputs),
    decided,
    at,
    inputsHash: inputsHash(inputsOf(question, asked, inputs, exchange.law.version)),
    isOwn: (consent) => inputs.recordedBy.get(consent) === askerId,
  }
}

/** The same of a citizen whom nobody knows: nothing in it comes from what is stored. */
function nothingHeld({ recipient, purposeOfUse, action, at, draft }: DecideRequest, now: Date): Found {
  const instant = at ?? now
  return {
    overall: overallDecision([]),
    decided: [],
    at: instant,
    inputsHash: inputsHash({
      recipient,
      purposeOfUse,
      action,
      at: instant.toISOString(),
      draft: draft ?? null,
    }),
    isOwn: () => false,
  }
}

async function subjectAsked(
  tx: Transaction,
  { seal }: Exchange,
  { patient }: DecideRequest,
): Promise<string | undefined> {
  return 'subjectId' in patient ? patient.subjectId : findSubject(tx, seal, patient.nationalId)
}

/** By our id, if the registry has the number: there a number names one organisation. */
async function registered(tx: Transaction, recipient: NamedRecipient): Promise<NamedRecipient> {
  if ('id' in recipient) return recipient
  const { system, value } = recipient.identifier
  const found = (await organizationsByIdentifier(tx, [recipient.identifier])).find(({ identifiers }) =>
    identifiers.some((known) => known.system === system && known.value === value),
  )
  return found ? { id: found.id } : recipient
}

interface Asked {
  readonly asked: DecideRequest
  readonly now: Date
  readonly answer: Found
  readonly subjectId: string | undefined
}

/**
 * Without recipient, effect and reason: the row would else be shown to the recipient, and count as if it had been given
 * something. The hash pins all of that, and with the request at hand it can be made again.
 */
function entryOf(
  exchange: Exchange,
  { requester, requestId }: Call,
  { asked, now, answer, subjectId }: Asked,
): AuditEntry {
  const holds = answer.decided.length > 0
  return {
    v: 1,
    id: exchange.newId(),
    kind: 'decide',
    at: now.toISOString(),
    outcome: 'success',
    client: requester.clientId,
    organization: requester.organizationId,
    ...(holds ? { custodian: requester.organizationId } : {}),
    ...(subjectId ? { subject: subjectId } : {}),
    purposeOfUse: asked.purposeOfUse,
    interaction: '$decide',
    inputsHash: answer.inputsHash,
    requestId,
  }
}
