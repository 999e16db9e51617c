/** What leaves a trace though nothing of it was stored: refused messages and token requests. */
import { auditRow } from '#audit/audit-row.ts'
import type { Requester } from '#auth/requester.ts'
import type { TokenAudit } from '#auth/token-endpoint.ts'
import type { StatusAnswer } from '#auth/token-status.ts'
import type { Exchange } from '#exchange/call.ts'
import type { GatewayError } from '#fhir/gateway-error.ts'
import { appendAudit } from '#store/audit-log.ts'
import { revokeToken } from '#store/revoked.ts'
import { quarantine } from '#store/quarantine.ts'

export interface RefusedWrite {
  readonly requester: Requester
  readonly requestId: string
  /** The route's template. */
  readonly route: string
  /** `create` or `update` of a FHIR write, `message` of a sector's. */
  readonly interaction: string
  /** Empty when nothing came, or nothing that was read: too large, or compressed. */
  readonly body: Uint8Array
}

/** Quarantines the original of a write that was refused, with its reason. Not of one that the sender will repeat (503). */
export async function keepRefused(
  { database, seal, now, newId }: Exchange,
  { requester, requestId, route, interaction, body }: RefusedWrite,
  error: GatewayError,
): Promise<void> {
  if (error.status >= 500) return
  const [fault] = error.faults
  const id = newId()
  await quarantine(
    database,
    seal,
    {
      id,
      clientId: requester.clientId,
      organizationId: requester.organizationId,
      route,
      code: fault.code,
      body,
      ...(fault.expression ? { expression: fault.expression } : {}),
    },
    auditRow({
      v: 1,
      id,
      kind: 'refuse',
      at: now().toISOString(),
      outcome: 'refused',
      reason: fault.code,
      client: requester.clientId,
      organization: requester.organizationId,
      interaction,
      requestId,
    }),
  )
}

/** Issue and refusal alike, before the answer is given. */
export async function recordToken(
  { database, now, newId }: Exchange,
  audit: TokenAudit,
  requestId: string,
): Promise<void> {
  const who =
    audit.outcome === 'issued'
      ? {
          client: audit.clientId,
          organization: audit.organizationId,
          ...(audit.purposeOfUse && { purposeOfUse: audit.purposeOfUse }),
          ...(audit.consentReferences?.length && { consentReference: audit.consentReferences }),
        }
      : {
          reason: audit.reason,
          ...(audit.claimedClientId ? { client: audit.claimedClientId } : {}),
          ...(audit.organizationId ? { organization: audit.organizationId } : {}),
        }
  await database.transaction((tx) =>
    appendAudit(tx, [
      auditRow({
        v: 1,
        id: newId(),
        kind: 'token',
        at: now().toISOString(),
        outcome: audit.outcome === 'issued' ? 'success' : 'refused',
        interaction: 'token',
        requestId,
        ...who,
      }),
    ]),
  )
}

/** A question about a token, or its end: with what is revoked, in one transaction. */
export async function recordTokenStatus(
  { database, now, newId }: Exchange,
  interaction: 'introspect' | 'revoke',
  { audit, revoked }: Pick<StatusAnswer, 'audit' | 'revoked'>,
  requestId: string,
): Promise<void> {
  const who =
    audit.outcome === 'answered'
      ? { client: audit.clientId, organization: audit.organizationId }
      : { reason: audit.reason, ...(audit.claimedClientId ? { client: audit.claimedClientId } : {}) }
  await database.transaction(async (tx) => {
    if (revoked) await revokeToken(tx, revoked)
    await appendAudit(tx, [
      auditRow({
        v: 1,
        id: newId(),
        kind: 'token',
        at: now().toISOString(),
        outcome: audit.outcome === 'answered' ? 'success' : 'refused',
        interaction,
        requestId,
        ...who,
      }),
    ])
  })
}
