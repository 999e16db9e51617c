/** What leaves a trace though nothing of it was stored: a write that was refused, whose original is quarantined with its reason. */
import { auditRow } from '#audit/audit-row.ts'
import type { Requester } from '#auth/requester.ts'
import type { GatewayError } from '#fhir/gateway-error.ts'
import { quarantine } from '#store/quarantine.ts'
import type { Exchange } from './call.ts'

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
