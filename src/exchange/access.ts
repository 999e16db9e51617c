import { GatewayError, toOperationOutcome } from '#fhir/gateway-error.ts'
import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Origin } from '#intake/origin.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import type { DisclosureRequest } from './disclose.ts'
import { LEGAL_BASIS_HEADER, legalBasisNamed } from './legal-basis.ts'
import { letterOf, withinScope, writesWithin } from './within-scope.ts'
import { ordinaryPurposes, OVERRIDE_HEADER, overrideNamed } from './override-use.ts'

export { isUuid } from './is-uuid.ts'

/** A pull by the requester's own organisation, for the purposes that it is registered with, or by a person who broke the glass. */
export function accessOf(exchange: Exchange, call: Call, interaction: string): DisclosureRequest {
  return {
    recipientId: call.requester.organizationId,
    clientId: call.requester.clientId,
    purposeOfUse: ordinaryPurposes(call.requester.purposeOfUse),
    action: 'access',
    interaction,
    now: exchange.now(),
    requestId: call.requestId,
    withinScope: withinScope(call.requester.scopes, letterOf(interaction)),
    ...(call.requester.consentReferences && { consentReferences: call.requester.consentReferences }),
    ...overrideNamed(call.header(OVERRIDE_HEADER)),
    ...legalBasisNamed(call.header(LEGAL_BASIS_HEADER), exchange.law),
  }
}

/** The requester as a source: its organisation comes from the token and the registry. */
export async function originOf(
  { database, organizationOf }: Exchange,
  { requester, requestId }: Pick<Call, 'requester' | 'requestId'>,
): Promise<Origin> {
  const organization = await organizationOf(database, requester.organizationId)
  if (!organization) throw new Error(`client ${requester.clientId} belongs to no known organisation`)
  const { clientId, purposeOfUse, scopes } = requester
  return { clientId, organization, purposeOfUse, requestId, mayWrite: writesWithin(scopes) }
}

/** The one text of a 404, whatever the cause, so that nobody learns what exists. */
export function notFound(): GatewayError & { readonly outcome: OperationOutcome } {
  const error = new GatewayError({
    code: 'not-found',
    text: 'nothing with this id is available to you; if you expect it, ask its custodian or check the consent',
  })
  return Object.assign(error, { outcome: toOperationOutcome(error) })
}

/** Returned, not thrown: the transaction must commit, since a denial leaves an audit row. */
export function absent(): Answer {
  return { status: 404, nonClinical: notFound().outcome }
}
