/** FHIR create, also on a condition. https://hl7.org/fhir/R4/http.html#create */
import { acceptCreate } from '#intake/accept-create.ts'
import type { Answer } from './answer.ts'
import { originOf } from './access.ts'
import type { Call, Exchange } from './call.ts'
import { readIfNoneExist } from './if-none-exist.ts'
import { readResourceBody } from './resource-body.ts'
import { written } from './written.ts'

export async function create(exchange: Exchange, call: Call): Promise<Answer> {
  const ifNoneExist = readIfNoneExist(call)
  const resource = readResourceBody(call)
  const origin = await originOf(exchange, call)
  return written(exchange, call, 'create', (within) =>
    acceptCreate(within, { id: call.idToCreate, resource, body: call.body, origin, ifNoneExist }),
  )
}
