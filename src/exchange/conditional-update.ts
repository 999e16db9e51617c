/** FHIR conditional update. https://hl7.org/fhir/R4/http.html#cond-update */
import { GatewayError } from '#fhir/gateway-error.ts'
import { acceptConditionalUpdate } from '#intake/accept-conditional-update.ts'
import { originOf } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { readCriteria } from './criteria.ts'
import { readIfMatch } from './if-match.ts'
import { isUuid } from './is-uuid.ts'
import { readResourceBody } from './resource-body.ts'
import { written } from './written.ts'

export async function conditionalUpdate(exchange: Exchange, call: Call): Promise<Answer> {
  const clauses = readCriteria(call, call.resourceType, call.query, 'url')
  const resource = readResourceBody(call)
  const { id } = resource
  if (id !== undefined && !isUuid(id)) {
    throw new GatewayError({
      code: 'field-invalid',
      expression: `${call.resourceType}.id`,
      text: 'the id in the body must be a lower-case UUID; or leave it out and take ours',
    })
  }
  const ifMatch = readIfMatch(call)
  const origin = await originOf(exchange, call)
  return written(exchange, call, 'update', (within) =>
    acceptConditionalUpdate(within, {
      clauses,
      id,
      idToCreate: call.idToCreate,
      ifMatch,
      resource,
      body: call.body,
      origin,
    }),
  )
}
