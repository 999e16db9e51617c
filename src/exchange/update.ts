/** FHIR update, also as create. https://hl7.org/fhir/R4/http.html#update */
import { GatewayError } from '#fhir/gateway-error.ts'
import { acceptUpdate } from '#intake/accept-update.ts'
import type { Answer } from './answer.ts'
import { isUuid, originOf } from './access.ts'
import { acceptedAnswer } from './accepted-answer.ts'
import type { Call, Exchange } from './call.ts'
import { readIfMatch } from './if-match.ts'
import { readResourceBody, requireSameId } from './resource-body.ts'

export async function update(exchange: Exchange, call: Call): Promise<Answer> {
  const { id } = call
  if (!isUuid(id)) {
    throw new GatewayError({
      code: 'parameter-invalid',
      expression: 'id',
      text: 'the id in the path must be a lower-case UUID that your system made, so that no id can be guessed; or POST and take ours',
    })
  }
  const resource = readResourceBody(call)
  requireSameId(resource, id)
  const ifMatch = readIfMatch(call)
  const accepted = await acceptUpdate(
    exchange,
    id,
    ifMatch,
    resource,
    call.body,
    await originOf(exchange, call),
  )
  return acceptedAnswer(exchange, accepted)
}
