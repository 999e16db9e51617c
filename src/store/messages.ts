/** The inbox: messages already accepted, so that the same one again gets the same receipt. */
import type { Queryable } from './database.ts'

export interface SeenMessage {
  readonly bodySha256: Buffer
  readonly receipt: unknown
}

export async function findMessage(
  db: Queryable,
  clientId: string,
  messageId: string,
): Promise<SeenMessage | undefined> {
  const [row] = await db.query<{ body_sha256: Buffer; receipt: unknown }>({
    name: 'find-message',
    text: 'select body_sha256, receipt from message where client_id = $1 and message_id = $2',
    values: [clientId, messageId],
  })
  return row && { bodySha256: row.body_sha256, receipt: row.receipt }
}
