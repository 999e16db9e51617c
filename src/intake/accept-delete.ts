/**
 * DELETE of a client's own resource: nobody finds it any more, and nothing that was not sent yet is. Its versions stay, for its
 * custodian's history and for what was decided about them. https://hl7.org/fhir/R4/http.html#delete
 */
import { randomUUID } from 'node:crypto'
import { auditRow } from '#audit/audit-row.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { removeResource } from '#store/remove-resource.ts'
import { lockResource } from '#store/resources.ts'
import { notWritable, versionConflict } from './accept-update.ts'
import type { IntakeOptions } from './intake.ts'
import type { Origin } from './origin.ts'

export interface Deletion {
  readonly resourceType: string
  readonly id: string
  readonly ifMatch: string | undefined
  readonly origin: Origin
}

/** What was decided on a consent must stay to be read. */
export const CONSENT_STAYS = 'a consent is not deleted: take it back with `POST /fhir/Consent/<id>/$withdraw`'

/** One that is deleted already stays so: sent again, it is answered again. */
export async function acceptDelete(
  { database, now }: Pick<IntakeOptions, 'database' | 'now'>,
  { resourceType, id, ifMatch, origin }: Deletion,
): Promise<void> {
  if (resourceType === 'Consent') throw new GatewayError({ code: 'method-not-allowed', text: CONSENT_STAYS })
  const { clientId, organization, purposeOfUse, requestId } = origin
  await database.transaction(async (tx) => {
    const held = await lockResource(tx, id)
    if (held?.custodian !== organization.id || held.resourceType !== resourceType) throw notWritable()
    if (held.versionId === undefined) return
    if (ifMatch !== undefined && held.versionId !== ifMatch) throw versionConflict()
    const versionId = randomUUID()
    const audit = auditRow({
      v: 1,
      id: randomUUID(),
      kind: 'accept',
      at: now().toISOString(),
      outcome: 'success',
      interaction: 'delete',
      subject: held.subjectId,
      client: clientId,
      organization: organization.id,
      custodian: organization.id,
      purposeOfUse,
      requestId,
      resources: [{ type: resourceType, id, version: versionId }],
    })
    await removeResource(tx, { subjectId: held.subjectId, resourceType, id, versionId }, audit)
  })
}
