/**
 * The way in: a parsed message or a received resource becomes stored resources, outbox rows and audit in one commit.
 * Everything that can be refused is refused before it; after it there is nothing left that could fail.
 */
import { createHash, randomUUID } from 'node:crypto'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { CompiledMaps } from '#mapping/compile.ts'
import { transform } from '#mapping/transform.ts'
import type { SourceMessage } from '#mapping/source-record.ts'
import { type AcceptedResource, commit, MessageSeen } from '#store/commit.ts'
import type { Database, Queryable } from '#store/database.ts'
import { findMessage } from '#store/messages.ts'
import type { Seal } from '#store/seal.ts'
import { aboutCitizen } from './citizen.ts'
import type { Origin } from './origin.ts'
import { prepare, type Preparation } from './prepare.ts'
import { resolveSourceReferences } from './source-references.ts'

export interface IntakeOptions extends Preparation {
  readonly database: Database
  readonly seal: Seal
  readonly maps: CompiledMaps
  /** Which subscriptions may have work now. */
  readonly announce: (subscriptionIds: readonly string[]) => void
  readonly onAccepted: (format: string, count: number) => void
  readonly now: () => Date
}

/** What the sender gets, and gets again when it sends the same message again. */
export interface MessageReceipt {
  readonly message: string
  readonly resources: readonly { readonly reference: string; readonly versionId: string }[]
  readonly warnings: readonly string[]
}

export interface AcceptedMessage {
  readonly receipt: MessageReceipt
  /** True when this very message was accepted before: nothing was stored again. */
  readonly duplicate: boolean
}

export async function acceptMessage(
  options: IntakeOptions,
  message: SourceMessage,
  body: Uint8Array,
  origin: Origin,
): Promise<AcceptedMessage> {
  if (holdsNumber(message.messageId, message.patient.value)) {
    throw new GatewayError({
      code: 'field-invalid',
      text: "the message id holds the citizen's national id, and is kept where no such id may stand: number messages in another way",
    })
  }
  const bodySha256 = createHash('sha256').update(body).digest()
  try {
    const { receipt, subscriptions } = await aboutCitizen(options, message.patient, (db, subjectId) =>
      store(options, db, { message, subjectId, bodySha256, origin }),
    )
    options.announce(subscriptions)
    options.onAccepted(message.format, receipt.resources.length)
    return { receipt, duplicate: false }
  } catch (error) {
    if (!(error instanceof MessageSeen)) throw error
    return { receipt: await earlierReceipt(options, message, bodySha256, origin), duplicate: true }
  }
}

/** However it is written: `250947-9989`, `250947 9989`. */
function holdsNumber(id: string, nationalId: string): boolean {
  return id.replaceAll(/[\s\p{Pd}]/gu, '').includes(nationalId)
}

interface Received {
  readonly message: SourceMessage
  readonly subjectId: string
  readonly bodySha256: Buffer
  readonly origin: Origin
}

async function store(
  options: IntakeOptions,
  db: Queryable,
  { message, subjectId, bodySha256, origin }: Received,
): Promise<{ receipt: MessageReceipt; subscriptions: readonly string[] }> {
  const resources = mapped(options, message, subjectId, origin)
  const receipt: MessageReceipt = {
    message: message.messageId,
    resources: resources.map((r) => ({ reference: `${r.resourceType}/${r.id}`, versionId: r.versionId })),
    warnings: message.warnings,
  }
  const { subscriptions } = await commit(
    db,
    resources,
    [auditRow(acceptEntry(options.now(), resources, origin, message.format, bodySha256))],
    { clientId: origin.clientId, messageId: message.messageId, bodySha256, receipt },
  )
  return { receipt, subscriptions }
}

/** The same id with the same bytes is the same message; with other bytes the sender's numbering is broken. */
async function earlierReceipt(
  { database }: IntakeOptions,
  { messageId }: SourceMessage,
  bodySha256: Buffer,
  { clientId }: Origin,
): Promise<MessageReceipt> {
  const seen = await findMessage(database, clientId, messageId)
  if (!seen?.bodySha256.equals(bodySha256)) {
    throw new GatewayError({
      code: 'message-id-reused',
      text: 'this message id was used before for other content; nothing was stored: send it again under a new id',
    })
  }
  return seen.receipt as MessageReceipt
}

/** Ids follow from the source's own keys, so that references between the entries of a message can be resolved at once. */
function mapped(
  options: IntakeOptions,
  message: SourceMessage,
  subjectId: string,
  origin: Origin,
): AcceptedResource[] {
  const idOf = (resourceType: string, key: string): string =>
    options.seal.deriveId(origin.organization.id, resourceType, key, subjectId)
  const made = message.entries.map((entry) => ({
    entry,
    resource: transform(options.maps, entry.map, entry.record, entry.fields),
  }))
  const keys = new Set(made.map(({ entry, resource }) => `${resource.resourceType}/${entry.key}`))
  if (keys.size < made.length) {
    throw new GatewayError({
      code: 'field-invalid',
      text: 'two entries of one kind have the same id, so that one would replace the other: give each its own',
    })
  }
  return made.map(({ entry, resource }) =>
    prepare(
      options,
      resolveSourceReferences(resource, (type, key) =>
        keys.has(`${type}/${key}`) ? `${type}/${idOf(type, key)}` : undefined,
      ),
      { subjectId, id: idOf(resource.resourceType, entry.key), versionId: randomUUID() },
      origin,
    ),
  )
}

export function acceptEntry(
  now: Date,
  resources: readonly AcceptedResource[],
  origin: Origin,
  interaction: string,
  bodySha256: Buffer,
): AuditEntry {
  const [first] = resources
  return {
    v: 1,
    id: randomUUID(),
    kind: 'accept',
    at: now.toISOString(),
    outcome: 'success',
    interaction,
    client: origin.clientId,
    organization: origin.organization.id,
    custodian: origin.organization.id,
    purposeOfUse: origin.purposeOfUse,
    requestId: origin.requestId,
    bodySha256: bodySha256.toString('hex'),
    resources: resources.map((r) => ({ type: r.resourceType, id: r.id, version: r.versionId })),
    ...(first ? { subject: first.subjectId, ruleSet: first.labels.ruleSetVersion } : {}),
  }
}
