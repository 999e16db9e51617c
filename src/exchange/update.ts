/** FHIR update, also as create. https://hl7.org/fhir/R4/http.html#update */
import { GatewayError } from '#fhir/gateway-error.ts'
import { acceptUpdate } from '#intake/accept-resource.ts'
import type { Answer } from './answer.ts'
import { isUuid, originOf } from './access.ts'
import { acceptedAnswer } from './accepted-answer.ts'
import type { Call, Exchange } from './call.ts'
import { readResourceBody } from './resource-body.ts'

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
  if (resource.id !== undefined && resource.id !== id) {
    throw new GatewayError({
      code: 'field-invalid',
      expression: `${call.resourceType}.id`,
      text: 'the id in the body differs from the one in the path; make them the same or leave it out of the body',
    })
  }
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

/** https://hl7.org/fhir/R4/http.html#concurrency */
function readIfMatch({ header }: Call): string | undefined {
  const value = header('if-match')
  if (value === undefined) return undefined
  const version = /^W\/"([^"]+)"$/.exec(value)?.[1]
  if (!version) {
    throw new GatewayError({
      code: 'parameter-invalid',
      expression: 'http:If-Match',
      text: 'write the ETag as it was answered: `W/"<version>"`',
    })
  }
  return version
}
