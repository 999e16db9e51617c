/** That a record was deleted is told to the organisation that held it, and to nobody else. https://hl7.org/fhir/R4/http.html#read */
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Transaction } from '#store/database.ts'
import { findHolder } from '#store/versions.ts'
import type { Call } from './call.ts'

/** @throws GatewayError with 410. There is nothing to commit: a deleted record is decided about by nobody. */
export async function tellDeleted(
  tx: Transaction,
  { requester, resourceType }: Pick<Call, 'requester' | 'resourceType'>,
  id: string,
): Promise<void> {
  const holder = await findHolder(tx, resourceType, id)
  if (holder?.isDeleted && holder.custodian === requester.organizationId) throw deleted()
}

export function deleted(): GatewayError {
  return new GatewayError({
    code: 'resource-deleted',
    text: 'your organisation deleted this; earlier versions are in its `_history`, and a PUT under the same id brings it back',
  })
}
