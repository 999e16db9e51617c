/**
 * The way in: a parsed message or a received resource becomes stored resources, outbox rows and audit in one commit.
 * Everything that can be refused is refused before it; after it there is nothing left that could fail.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { CompiledMaps } from '#mapping/compile.ts'
import { transform } from '#mapping/transform.ts'
import type { SourceMessage } from '#mapping/source-record.ts'
import { type AcceptedResource, commit, MessageSeen } from '#store/commit.ts'
import type { LawBook } from '#law/law-book.ts'
import type { Database, Queryable, Transaction } from '#store/database.ts'
import { findMessage } from '#store/messages.ts'
import { subjectOf } from '#store/persons.ts'
import type { Seal } from '#store/seal.ts'
import { captureConsents, type CapturedConsents } from './capture-consents.ts'
import { aboutCitizen } from './citizen.ts'
import type { Origin } from './origin.ts'
import { prepare, type Preparation } from './prepare.ts'
import { resolveSourceReferences } from './source-references.ts'

export interface IntakeOptions extends Preparation {
  readonly database: Database
  readonly seal: Seal
  readonly maps: CompiledMaps
  readonly law: LawBook
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
    const { receipt, subscriptions } = await storeMessage(options, message, bodySha256, origin)
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

/** An entry of the message and the resource that its map makes of it. */
interface Made {
  readonly key: string
  readonly resource: Resource
}

interface Received {
  readonly message: SourceMessage
  readonly made: readonly Made[]
  readonly bodySha256: Buffer
  readonly origin: Origin
}

interface Stored {
  readonly receipt: MessageReceipt
  readonly subscriptions: readonly string[]
}

function storeMessage(
  options: IntakeOptions,
  message: SourceMessage,
  bodySha256: Buffer,
  origin: Origin,
): Promise<Stored> {
  const made = message.entries.map(({ map, key, record, fields }) => ({
    key,
    resource: transform(options.maps, map, record, fields),
  }))
  const received = { message, made, bodySha256, origin }
  // A consent is judged beside the citizen's others, which must not change meanwhile.
  return made.some(({ resource }) => resource.resourceType === 'Consent')
    ? options.database.transaction((tx) => storeWithConsents(options, tx, received))
    : aboutCitizen(options, message.patient, (db, subjectId) =>
        store(options, db, received, mapped(options, received, subjectId)),
      )
}

async function storeWithConsents(
  options: IntakeOptions,
  tx: Transaction,
  received: Received,
): Promise<Stored> {
  const { message, origin } = received
  // Sent again, it is answered again: what was asked of it then is not asked now.
  if (await findMessage(tx, origin.clientId, message.messageId))
    throw new MessageSeen('this message id was accepted before')
  const subjectId = await subjectOf(tx, options.seal, message.patient)
  const resources = mapped(options, received, subjectId)
  const captured = await captureConsents(tx, options, resources, origin)
  const stored = await store(options, tx, received, resources, captured)
  const followed = await captured.follow(tx)
  return { ...stored, subscriptions: [...stored.subscriptions, ...followed] }
}

async function store(
  options: IntakeOptions,
  db: Queryable,
  { message, bodySha256, origin }: Received,
  resources: readonly AcceptedResource[],
  { alsoStored, notices }: Pick<CapturedConsents, 'alsoStored' | 'notices'> = { alsoStored: [], notices: [] },
): Promise<Stored> {
  const receipt: MessageReceipt = {
    message: message.messageId,
    resources: resources.map((r) => ({ reference: `${r.resourceType}/${r.id}`, versionId: r.versionId })),
    warnings: [...message.warnings, ...notices.map(({ text }) => text)],
  }
  const all = [...resources, ...alsoStored]
  const { subscriptions } = await commit(
    db,
    all,
    [auditRow(acceptEntry(options.now(), all, origin, message.format, bodySha256))],
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
  { made, origin }: Pick<Received, 'made' | 'origin'>,
  subjectId: string,
): AcceptedResource[] {
  const idOf = (resourceType: string, key: string): string =>
    options.seal.deriveId(origin.organization.id, resourceType, key, subjectId)
  const keys = new Set(made.map(({ key, resource }) => `${resource.resourceType}/${key}`))
  if (keys.size < made.length) {
    throw new GatewayError({
      code: 'field-invalid',
      text: 'two entries of one kind have the same id, so that one would replace the other: give each its own',
    })
  }
  return made.map(({ key, resource }) =>
    prepare(
      options,
      resolveSourceReferences(resource, (type, sourceKey) =>
        keys.has(`${type}/${sourceKey}`) ? `${type}/${idOf(type, sourceKey)}` : undefined,
      ),
      { subjectId, id: idOf(resource.resourceType, key), versionId: randomUUID() },
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
