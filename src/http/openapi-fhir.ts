/** A row of the table of FHIR interactions as an operation of the OpenAPI description. */
import type { CapabilityStatement } from '@medplum/fhirtypes'
import type { FhirRoute } from '#exchange/interactions.ts'
import { errors } from '#fhir/gateway-error.ts'
import { exampleOf } from './openapi-components.ts'
import { describedInteraction } from './openapi-interactions.ts'
import { parametersOf } from './openapi-parameters.ts'

const FHIR_JSON = 'application/fhir+json'

function tagOf(resourceType: string): string {
  return resourceType === '' ? 'system' : resourceType
}

export function fhirOperation(route: FhirRoute, statement: CapabilityStatement): object {
  const { interaction, resourceType } = route
  const described = describedInteraction(interaction)
  const parameters = parametersOf(route, statement)
  return {
    operationId: operationId(route.method, route.path),
    tags: [tagOf(resourceType)],
    summary: described.summary.replaceAll('{type}', resourceType),
    ...(described.description ? { description: described.description } : {}),
    externalDocs: { url: described.specification },
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBody(route),
    responses: {
      ...successOf(route),
      ...Object.fromEntries(
        refusedWith(route).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
    security: [{ smart: scopeOf(route) }, { token: [] }],
  }
}

/** A batch needs no scope itself: each of its requests does. */
export function scopeOf({ resourceType, scope }: FhirRoute): string[] {
  return resourceType === '' ? [] : [`system/${resourceType}.${scope}`]
}

/** `post-CarePlan-_search`: method and path are unique by what routing is. */
export function operationId(method: string, path: string): string {
  return [method, ...path.split('/').filter((part) => part !== '')].join('-').replaceAll(/[$:]/g, '')
}

function requestBody(route: FhirRoute): { requestBody?: object } {
  switch (route.body) {
    case 'none':
      return {}
    case 'form':
      return {
        requestBody: {
          description: 'The search parameters, among them those that may not stand in a URL.',
          content: {
            'application/x-www-form-urlencoded': {
              schema: { type: 'object', additionalProperties: { type: 'string' } },
            },
          },
        },
      }
    case 'json-patch':
    case 'resource': {
      const { request, mediaType = FHIR_JSON } = describedInteraction(route.interaction)
      const type = request ?? route.resourceType
      const example = type === route.resourceType ? exampleOf(type) : undefined
      return {
        requestBody: {
          required: true,
          content: {
            [mediaType]: {
              schema: { $ref: `#/components/schemas/${type}` },
              ...(example ? { example } : {}),
            },
          },
        },
      }
    }
  }
}

function successOf(route: FhirRoute): Record<string, object> {
  const { success, answers } = describedInteraction(route.interaction)
  return Object.fromEntries(
    Object.entries(success).map(([status, description]) => [
      status,
      {
        description,
        ...(status === '204' || status === '304'
          ? {}
          : {
              content: {
                [FHIR_JSON]: { schema: { $ref: `#/components/schemas/${answers ?? route.resourceType}` } },
              },
            }),
      },
    ]),
  )
}

/** Of a request with a body, what the body can be wrong in; of one with an id, that there may be nothing. */
function refusedWith({ body, path }: FhirRoute): number[] {
  const statuses = new Set([400, 401, 403, 406, 408, 414, 417, 429, 431, 500, 503])
  if (path.includes(':id')) [404, 410, 412].forEach((status) => statuses.add(status))
  if (body !== 'none') [409, 412, 413, 415, 422].forEach((status) => statuses.add(status))
  const known = new Set<number>(Object.values(errors).map(({ status }) => status))
  return [...statuses].filter((status) => known.has(status)).toSorted((a, b) => a - b)
}
