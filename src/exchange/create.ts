/** FHIR create. https://hl7.org/fhir/R4/http.html#create */
import { acceptCreate } from '#intake/accept-create.ts'
import type { Answer } from './answer.ts'
import { originOf } from './access.ts'
import { acceptedAnswer } from './accepted-answer.ts'
import type { Call, Exchange } from './call.ts'
import { readResourceBody } from './resource-body.ts'

export async function create(exchange: Exchange, call: Call): Promise<Answer> {
  const resource = readResourceBody(call)
  const accepted = await acceptCreate(exchange, resource, call.body, await originOf(exchange, call))
  return acceptedAnswer(exchange, accepted)
}
