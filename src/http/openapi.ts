/**
 * The OpenAPI description, made from the tables that route requests: it can say nothing that is not served.
 * https://spec.openapis.org/oas/v3.1.1.html
 */
import type { CapabilityStatement } from '@medplum/fhirtypes'
import type { FhirRoute } from '#exchange/interactions.ts'
import { openOperations } from './openapi-open.ts'
import { errorResponses, schemas } from './openapi-components.ts'
import { fhirOperation, scopeOf } from './openapi-fhir.ts'
import { type DescribedSector, sectorOperation } from './openapi-sector.ts'

export interface OpenApiContext {
  readonly fhirRoutes: readonly FhirRoute[]
  readonly sectorRoutes: readonly DescribedSector[]
  /** Names the search parameters: the two descriptions cannot differ. */
  readonly statement: CapabilityStatement
  readonly tokenUrl: string
  readonly baseUrl: string
  readonly version: string
}

export function openApi(context: OpenApiContext): Readonly<Record<string, unknown>> {
  const { fhirRoutes, sectorRoutes } = context
  const types = [...new Set(fhirRoutes.map(({ resourceType }) => resourceType))]
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sluse',
      version: context.version,
      summary: 'A consent gate between hospital psychiatry, municipal addiction treatment and the GP',
      description:
        'FHIR R4 in JSON. Every answer about a citizen is decided when it is given; what may not be seen is answered as absent. OpenAPI cannot say all of FHIR: the CapabilityStatement at `/fhir/metadata` and the profiles are what binds.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: context.baseUrl }],
    tags: [...types.filter((type) => type !== '').map(typeTag), ...otherTags],
    paths: {
      ...pathsOf(fhirRoutes, context),
      ...Object.fromEntries(sectorRoutes.map((route) => [route.path, { post: sectorOperation(route) }])),
      ...openOperations,
    },
    components: {
      schemas: schemas(types),
      responses: errorResponses,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token that you have already; in the sandbox `npm run -s sluse -- token hospital-ehr` prints one.',
        },
        smart: {
          type: 'oauth2',
          description:
            '[SMART Backend Services](https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html): `client_credentials` with `private_key_jwt`.',
          flows: { clientCredentials: { tokenUrl: context.tokenUrl, scopes: scopesOf(context) } },
        },
      },
    },
  }
}

const otherTags = [
  { name: 'system', description: 'Several types at once, and what is served at all.' },
  { name: 'sectors', description: 'Messages in the formats of the sectors.' },
  { name: 'tokens', description: 'OAuth, as SMART Backend Services use it.' },
  { name: 'operation', description: 'For those who run the gateway.' },
]

function typeTag(type: string): object {
  return {
    name: type,
    description: `FHIR ${type}.`,
    externalDocs: { url: `https://hl7.org/fhir/R4/${type.toLowerCase()}.html` },
  }
}

function pathsOf(routes: readonly FhirRoute[], context: OpenApiContext): Record<string, object> {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = `/fhir${route.path.replaceAll(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [route.method]: fhirOperation(route, context.statement) }
  }
  return paths
}

function scopesOf({ fhirRoutes, sectorRoutes }: OpenApiContext): Record<string, string> {
  const scopes = [
    ...fhirRoutes.flatMap(scopeOf),
    ...sectorRoutes.flatMap(({ makes }) => makes.map((type) => `system/${type}.c`)),
  ]
  const verbs: Readonly<Record<string, string>> = {
    c: 'create',
    r: 'read',
    u: 'update',
    d: 'delete',
    s: 'search',
  }
  return Object.fromEntries(
    [...new Set(scopes)]
      .toSorted()
      .map((scope) => [scope, `${verbs[scope.at(-1) ?? '']} ${scope.slice(7, -2)}`]),
  )
}
