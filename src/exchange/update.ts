/** FHIR update, also as create. https://hl7.org/fhir/R4/http.html#update */
import { GatewayError } from '#fhir/gateway-error.ts'
import { acceptUpdate } from '#intake/accept-update.ts'
import type { Answer } from './answer.ts'
import { isUuid, originOf } from './access.ts'
import type { Call, Exchange } from './call.ts'
import { readIfMatch } from './if-match.ts'
import { readIfNoneMatch } from './if-none-match.ts'
import { readResourceBody, requireSameId } from './resource-body.ts'
import { written } from './written.ts'

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
  const [ifMatch, onlyNew] = [readIfMatch(call), readIfNoneMatch(call)]
  const origin = await originOf(exchange, call)
  return written(exchange, call, 'update', (within) =>
    acceptUpdate(within, { id, ifMatch, onlyNew, resource, body: call.body, origin }),
  )
}
