/** `$reason` of a review: what the person wrote when they broke the glass. For the reviewer alone, and audited each time. */
import type { Parameters } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { appendAudit } from '#store/audit-log.ts'
import { type NewOverride, overrideToReview } from '#store/overrides.ts'
import { searchWorkItems } from '#store/tasks.ts'
import { notFound } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { isUuid } from './is-uuid.ts'
import { OVERRIDE_GROUND } from './override-request.ts'
import { workItemEntry } from './work-item-entry.ts'

export async function reasonOfReview(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, requester } = call
  if (!isUuid(id)) throw notFound()
  return exchange.database.transaction(async (tx) => {
    const query = { ownerOrganizationId: requester.organizationId, id, limit: 1 }
    const [item] = await searchWorkItems(tx, query)
    await appendAudit(tx, [auditRow(workItemEntry(exchange, call, '$reason', item ?? {}))])
    // Whoever tells the patient learns from the review; only the review is about the reason.
    const override =
      item?.overrideId && item.code === 'review-override'
        ? await overrideToReview(tx, exchange.seal, item.overrideId)
        : undefined
    return override
      ? { status: 200, nonClinical: asParameters(override) }
      : { status: 404, nonClinical: notFound().outcome }
  })
}

function asParameters({ person, ground, reason, openedAt, expiresAt }: NewOverride): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'person', valueIdentifier: { ...person } },
      { name: 'ground', valueCoding: { system: OVERRIDE_GROUND, code: ground } },
      { name: 'reason', valueString: reason },
      { name: 'opened', valueInstant: openedAt.toISOString() },
      { name: 'until', valueInstant: expiresAt.toISOString() },
    ],
  }
}
