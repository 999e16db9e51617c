/** FHIR read. https://hl7.org/fhir/R4/http.html#read */
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { disclose } from './disclose.ts'
import { absent, accessOf, isUuid } from './access.ts'
import { tellDeleted } from './tell-deleted.ts'
import { findResource } from '#store/resources.ts'

export async function read(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = call
  if (!isUuid(id)) return absent()
  return exchange.database.transaction(async (tx) => {
    const stored = await findResource(tx, call.resourceType, id)
    const [judged] = await disclose(tx, exchange, accessOf(exchange, call, 'read'), stored ? [stored] : [])
    // Denied and absent are one answer: same status, same body, same headers.
    if (!judged?.disclosure) {
      await tellDeleted(tx, call, id)
      return absent()
    }
    return { status: 200, disclosure: judged.disclosure }
  })
}
