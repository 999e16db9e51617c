/** A sector's address as an operation of the OpenAPI description. */
import { errors } from '#fhir/gateway-error.ts'
import { operationId } from './openapi-fhir.ts'

/** What it needs of the table of sector formats. */
export interface DescribedSector {
  readonly path: string
  readonly sector: string
  readonly mediaTypes: readonly string[]
  readonly makes: readonly string[]
  readonly receipt: string
}

export function sectorOperation({ path, sector, mediaTypes, makes, receipt }: DescribedSector): object {
  const answer =
    receipt === 'json'
      ? { 'application/json': { schema: { type: 'object' } } }
      : { 'x-application/hl7-v2+er7': { schema: { type: 'string' } } }
  return {
    operationId: operationId('post', path),
    tags: ['sectors'],
    summary: `Send a message of the ${sector} sector`,
    description: `Makes ${makes.join(', ')}. The same message again gets its first receipt again.`,
    requestBody: {
      required: true,
      content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: {} }])),
    },
    responses: {
      201: { description: 'Stored; the receipt is in the form of the sector.', content: answer },
      ...Object.fromEntries(
        [400, 401, 403, 409, 413, 415, 422, 429, 503]
          .filter((status) => Object.values(errors).some((error) => error.status === status))
          .map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
    security: [{ smart: makes.map((type) => `system/${type}.c`) }, { token: [] }],
  }
}
