/** FHIR patch, as JSON Patch. https://hl7.org/fhir/R4/http.html#patch */
import { parseJsonBody } from '#fhir/json-body.ts'
import { readPatch } from '#fhir/json-patch.ts'
import { acceptPatch } from '#intake/accept-patch.ts'
import { notWritable } from '#intake/accept-update.ts'
import { isUuid, originOf } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { readIfMatch } from './if-match.ts'
import { written } from './written.ts'

export async function patch(exchange: Exchange, call: Call): Promise<Answer> {
  const operations = readPatch(parseJsonBody(call.body))
  const ifMatch = readIfMatch(call)
  const { id, resourceType, body } = call
  if (!isUuid(id)) throw notWritable()
  const origin = await originOf(exchange, call)
  return written(exchange, call, 'patch', (within) =>
    acceptPatch(within, { resourceType, id, operations, ifMatch, body, origin }),
  )
}
