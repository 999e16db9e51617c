/** What was refused, sealed, with its reason and its audit row: nothing of it reaches a resource. */
import { createHash } from 'node:crypto'
import type { AuditRow } from '#audit/audit-row.ts'
import type { Database } from './database.ts'
import type { Seal } from './seal.ts'
import { appendAudit } from './audit-log.ts'

export interface Refused {
  readonly id: string
  readonly clientId: string
  readonly organizationId: string
  readonly route: string
  readonly code: string
  readonly expression?: string
  readonly body: Uint8Array
}

export async function quarantine(db: Database, seal: Seal, refused: Refused, audit: AuditRow): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query({
      name: 'quarantine',
      text: `
insert into quarantine (quarantine_id, client_id, organization_id, route, code, expression, body_sha256, sealed)
values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      values: [
        refused.id,
        refused.clientId,
        refused.organizationId,
        refused.route,
        refused.code,
        refused.expression ?? null,
        createHash('sha256').update(refused.body).digest(),
        seal.seal(`quarantine|${refused.id}|sealed`, refused.body),
      ],
    })
    await appendAudit(tx, [audit])
  })
}
