/**
 * `$override`: a person breaks the glass for one citizen and a limited time. The answer is a grant that reads and searches
 * can name; it releases nothing by itself, and says nothing about whether there is anything to release.
 */
import type { Parameters } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { refuse } from '#intake/prepare.ts'
import { appendAudit } from '#store/audit-log.ts'
import { mayOverride, openOverride } from '#store/overrides.ts'
import { subjectOf } from '#store/persons.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { overrideGroundsOf } from './override-grounds.ts'
import { readOverrideRequest } from './override-request.ts'
import { readResourceBody } from './resource-body.ts'

export async function override(exchange: Exchange, call: Call): Promise<Answer> {
  const { database, seal, newId } = exchange
  const { clientId, organizationId } = call.requester
  const body = readResourceBody({ ...call, resourceType: 'Parameters' })
  if (body.resourceType !== 'Parameters') throw new Error('another type was read')
  refuse(exchange.validator.validate(body))
  const openedAt = exchange.now()
  const asked = readOverrideRequest(body, await groundsOf(exchange, organizationId, openedAt))
  const { patient, person, ground, reason } = asked
  const id = newId()
  const expiresAt = new Date(openedAt.getTime() + asked.durationMs)
  await database.transaction(async (tx) => {
    if (!(await mayOverride(tx, clientId, person))) throw mayNot()
    // Made known if new: whether anybody had sent this citizen before is not told.
    const subjectId =
      'subjectId' in patient ? patient.subjectId : await subjectOf(tx, seal, patient.nationalId)
    const who = { subjectId, clientId, organizationId, person }
    await openOverride(tx, seal, { id, ...who, ground, reason, openedAt, expiresAt })
    await appendAudit(tx, [
      auditRow({ ...entry(call, openedAt), id: newId(), subject: subjectId, override: { id, ground } }),
    ])
  })
  return { status: 200, nonClinical: granted(id, expiresAt) }
}

async function groundsOf(
  { database, organizationOf, law }: Exchange,
  id: string,
  now: Date,
): Promise<readonly string[]> {
  const organization = await organizationOf(database, id)
  if (!organization) throw new Error(`a client belongs to no known organisation: ${id}`)
  return overrideGroundsOf(law, organization, now)
}

function mayNot(): GatewayError {
  return new GatewayError({
    code: 'override-refused',
    expression: 'Parameters.parameter',
    text: 'your client may not break the glass, or not for this person; the operator registers both. The attempt is recorded',
  })
}

function granted(id: string, expiresAt: Date): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'override', valueUuid: `urn:uuid:${id}` },
      { name: 'until', valueInstant: expiresAt.toISOString() },
    ],
  }
}

function entry({ requester, requestId }: Call, at: Date): Omit<AuditEntry, 'id'> {
  return {
    v: 1,
    kind: 'override',
    at: at.toISOString(),
    outcome: 'success',
    client: requester.clientId,
    organization: requester.organizationId,
    purposeOfUse: requester.purposeOfUse,
    interaction: '$override',
    requestId,
  }
}
