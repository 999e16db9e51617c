/** What leaves a trace though nothing of it was stored: token requests. */
import { auditRow } from '#audit/audit-row.ts'
import type { TokenAudit } from '#auth/token-endpoint.ts'
import type { StatusAnswer } from '#auth/token-status.ts'
import type { Exchange } from '#exchange/call.ts'
import { appendAudit } from '#store/audit-log.ts'
import { revokeToken } from '#store/revoked.ts'

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
          token: audit.tokenId,
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
        ...(revoked && { token: revoked.tokenId }),
        ...who,
      }),
    ])
  })
}
