/** FHIR read. https://hl7.org/fhir/R4/http.html#read */
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { disclose } from './disclose.ts'
import { accessOf, isUuid, notFound } from './access.ts'
import { findResource } from '#store/resources.ts'

export async function read(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = call
  if (!isUuid(id)) throw notFound()
  return exchange.database.transaction(async (tx) => {
    const stored = await findResource(tx, call.resourceType, id)
    const [judged] = await disclose(tx, exchange, accessOf(exchange, call, 'read'), stored ? [stored] : [])
    // Denied and absent are one answer: same status, same body, same headers.
    if (!judged?.disclosure) return absent()
    return { status: 200, disclosure: judged.disclosure }
  })
}

/** Returned, not thrown: the transaction must commit, since a denial leaves an audit row. */
function absent(): Answer {
  return { status: 404, nonClinical: notFound().outcome }
}
