/** FHIR delete. https://hl7.org/fhir/R4/http.html#delete. A Consent is not deleted but taken back, by `$withdraw`. */
import { acceptDelete } from '#intake/accept-delete.ts'
import { notWritable } from '#intake/accept-update.ts'
import { isUuid, originOf } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { readIfMatch } from './if-match.ts'

export async function deleteResource(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, resourceType } = call
  const ifMatch = readIfMatch(call)
  if (!isUuid(id)) throw notWritable()
  await acceptDelete(exchange, { resourceType, id, ifMatch, origin: await originOf(exchange, call) })
  return { status: 204, empty: true }
}
