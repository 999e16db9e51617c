/**
 * The one way to change the registry: the write and its audit row in the same transaction, and neither when nothing
 * changes. Whoever is asked later who let a system in finds it here.
 */
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { appendAudit } from './audit-log.ts'
import { type ClientRegistration, findRegistration, writeRegistration } from './client-registrations.ts'
import type { Transaction } from './database.ts'
import { type Organization, organizationsById, putOrganization } from './organizations.ts'
import { changedFields, clientFields, type FieldChange, organizationFields } from './registry-fields.ts'

/** Who changes it, and the clock and ids of the audit row. */
export interface Registrar {
  readonly operator: string
  readonly now: () => Date
  readonly newId: () => string
}

export interface Registered {
  readonly made: boolean
  /** None: it was so already. */
  readonly changes: readonly FieldChange[]
}

/** One change at a time: what a change is checked against must still be so when it is written. The key of the schema's trigger. */
export async function lockRegistry(tx: Transaction): Promise<void> {
  await tx.query({ text: 'select pg_advisory_xact_lock(5105107)' })
}

export async function registerOrganization(
  tx: Transaction,
  registrar: Registrar,
  organization: Organization,
): Promise<Registered> {
  await lockRegistry(tx)
  const before = (await organizationsById(tx, [organization.id])).get(organization.id)
  const changes = changedFields(before && organizationFields(before), organizationFields(organization))
  if (changes.length > 0) {
    await putOrganization(tx, organization)
    await audit(tx, registrar, organization.id, {
      interaction: before ? 'update' : 'create',
      registered: { type: 'Organization', id: organization.id, fields: changes },
    })
  }
  return { made: before === undefined, changes }
}

/** @throws when the client is another organisation's: what it sent would change hands. */
export async function registerClient(
  tx: Transaction,
  registrar: Registrar,
  client: ClientRegistration,
): Promise<Registered> {
  await lockRegistry(tx)
  const before = await findRegistration(tx, client.id)
  if (before && before.organizationId !== client.organizationId)
    throw new Error(`the client ${client.id} belongs to another organisation; register another client`)
  const changes = changedFields(before && clientFields(before), clientFields(client))
  if (changes.length > 0) {
    await writeRegistration(tx, client)
    await audit(tx, registrar, client.organizationId, {
      interaction: before ? 'update' : 'create',
      registered: { type: 'Client', id: client.id, fields: changes },
    })
  }
  return { made: before === undefined, changes }
}

async function audit(
  tx: Transaction,
  { operator, now, newId }: Registrar,
  organization: string,
  what: Pick<AuditEntry, 'interaction' | 'registered'>,
): Promise<void> {
  const entry: AuditEntry = {
    v: 1,
    id: newId(),
    kind: 'registry-change',
    at: now().toISOString(),
    outcome: 'success',
    operator,
    organization,
    ...what,
  }
  await appendAudit(tx, [auditRow(entry)])
}
