/** FHIR vread: one version of a record. https://hl7.org/fhir/R4/http.html#vread */
import { findResource } from '#store/resources.ts'
import { findVersion } from '#store/versions.ts'
import { absent, accessOf, isUuid } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { disclose, mayHave } from './disclose.ts'
import { deleted } from './tell-deleted.ts'

/** Decided about now, by its own content. The record as it is now is asked about first: see `mayHave()`. */
export async function vread(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, versionId, resourceType, requester } = call
  if (!isUuid(id) || !isUuid(versionId)) return absent()
  return exchange.database.transaction(async (tx) => {
    const [version, current] = await Promise.all([
      findVersion(tx, { resourceType, id, versionId }, requester.organizationId),
      findResource(tx, resourceType, id),
    ])
    const own = version && custodianOf(version) === requester.organizationId
    if (version && 'deleted' in version) {
      if (own) throw deleted()
      return absent()
    }
    const access = accessOf(exchange, call, 'vread')
    if (!version || (!current && !own)) return absent()
    const isCurrent = current?.versionId === versionId
    if (current && !isCurrent && !(await mayHave(tx, exchange, access, current))) return absent()
    const [judged] = await disclose(tx, exchange, access, [version.stored])
    return judged?.disclosure ? { status: 200, disclosure: judged.disclosure } : absent()
  })
}

function custodianOf(version: NonNullable<Awaited<ReturnType<typeof findVersion>>>): string {
  return 'deleted' in version ? version.deleted.custodian : version.stored.custodian
}
