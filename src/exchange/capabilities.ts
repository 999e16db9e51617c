/** The CapabilityStatement, made from the table that routes requests. https://hl7.org/fhir/R4/capabilitystatement.html */
import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes'
import { hasDate, type HeldType, isHeldType, profileOf } from '#fhir/held-types.ts'
import { includesOf, reverseIncludesOf } from '#fhir/include-parameters.ts'
import { searchParametersOf } from '#fhir/search-parameters.ts'
import { type DirectoryAsked, directoryParameters } from './directory-search.ts'
import { subscriptionTopics } from './subscription-topics.ts'

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport'

/** Operations, each with its definition. */
const operations = {
  $status: `${BACKPORT}/OperationDefinition/backport-subscription-status`,
  $validate: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  $everything: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  $decide: 'https://sluse.example/fhir/OperationDefinition/decide',
  $override: 'https://sluse.example/fhir/OperationDefinition/override',
  $withdraw: 'https://sluse.example/fhir/OperationDefinition/withdraw',
  $reason: 'https://sluse.example/fhir/OperationDefinition/reason',
} as const

type Operation = keyof typeof operations

/** What the statement needs of a route. */
export interface Interaction {
  readonly resourceType: string
  readonly interaction:
    | 'create'
    | 'read'
    | 'vread'
    | 'history-instance'
    | 'update'
    | 'patch'
    | 'batch'
    | 'delete'
    | 'search-type'
    | Operation
}

export interface CapabilityContext {
  readonly fhirBase: string
  readonly tokenUrl: string
  readonly introspectionUrl: string
  readonly revocationUrl: string
  readonly version: string
  /** Of the deployment's start, as an instant. */
  readonly date: string
}

export function capabilities(
  interactions: readonly Interaction[],
  context: CapabilityContext,
): CapabilityStatement {
  const types = [...new Set(interactions.map(({ resourceType }) => resourceType))].filter(
    (type) => type !== '',
  )
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: context.date,
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    instantiates: [`${BACKPORT}/CapabilityStatement/backport-subscription-server-r4`],
    implementationGuide: [`${BACKPORT}/ImplementationGuide/hl7.fhir.uv.subscriptions-backport`],
    software: { name: 'Sluse', version: context.version },
    implementation: { description: 'Consent-gated exchange between sectors', url: context.fhirBase },
    rest: [
      {
        mode: 'server',
        documentation:
          'Every answer is decided about for its reader when it is given; what may not be seen is answered as absent.',
        security: {
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                },
              ],
            },
          ],
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: [
                { url: 'token', valueUri: context.tokenUrl },
                { url: 'introspect', valueUri: context.introspectionUrl },
                { url: 'revoke', valueUri: context.revocationUrl },
              ],
            },
          ],
        },
        interaction: interactions.some(({ interaction }) => interaction === 'batch')
          ? [{ code: 'transaction' }, { code: 'batch' }]
          : [],
        resource: types.map((type) =>
          resourceOf(
            type,
            interactions.filter(({ resourceType }) => resourceType === type),
          ),
        ),
      },
    ],
  }
}

function resourceOf(type: string, interactions: readonly Interaction[]): CapabilityStatementRestResource {
  const served = [...new Set(interactions.map(({ interaction }) => interaction))]
  const searched = searchParam(type)
  return {
    type: type as NonNullable<CapabilityStatementRestResource['type']>,
    ...(isHeldType(type) ? { supportedProfile: [profileOf(type)] } : {}),
    ...(type === 'Subscription'
      ? {
          supportedProfile: [`${BACKPORT}/StructureDefinition/backport-subscription`],
          extension: subscriptionTopics.map(({ url }) => ({
            url: `${BACKPORT}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical`,
            valueCanonical: url,
          })),
        }
      : {}),
    interaction: served.flatMap((code) => (isOperation(code) || code === 'batch' ? [] : [{ code }])),
    versioning: 'versioned',
    ...(isHeldType(type) ? includesServed(type) : {}),
    ...(served.includes('update') && isHeldType(type)
      ? { updateCreate: true, conditionalCreate: true, conditionalUpdate: true }
      : {}),
    ...(searched.length > 0 ? { searchParam: searched } : {}),
    ...(served.some(isOperation)
      ? {
          operation: served
            .filter(isOperation)
            .map((code) => ({ name: code.slice(1), definition: definitionOf(type, code) })),
        }
      : {}),
  }
}

/** R4 defines it for Patient; for a plan it is ours. */
function definitionOf(type: string, code: Operation): string {
  return type === 'CarePlan' && code === '$everything'
    ? 'https://sluse.example/fhir/OperationDefinition/careplan-everything'
    : operations[code]
}

function includesServed(type: HeldType): Partial<CapabilityStatementRestResource> {
  const [include, reverse] = [includesOf(type), reverseIncludesOf(type)]
  return {
    readHistory: true,
    conditionalRead: 'not-supported',
    ...(include.length > 0 && { searchInclude: [...include] }),
    ...(reverse.length > 0 && { searchRevInclude: [...reverse] }),
  }
}

function isOperation(code: string): code is Operation {
  return Object.hasOwn(operations, code)
}

function searchParam(type: string): NonNullable<CapabilityStatementRestResource['searchParam']> {
  if (type === 'AuditEvent') {
    return [
      { name: 'patient', type: 'reference' },
      { name: 'date', type: 'date' },
      { name: 'outcome', type: 'token' },
      { name: 'entity-type', type: 'token' },
    ]
  }
  if (type === 'Patient') {
    return [
      { name: 'identifier', type: 'token' },
      { name: '_id', type: 'token' },
    ]
  }
  if (type === 'Provenance') return [{ name: 'target', type: 'reference' }]
  if (isDirectoryType(type)) return directoryParams(type)
  if (type === 'Subscription')
    return [
      { name: 'url', type: 'uri' },
      { name: 'status', type: 'token' },
    ]
  if (!isHeldType(type)) return []
  return [
    { name: 'patient', type: 'reference' },
    { name: '_id', type: 'token' },
    { name: '_lastUpdated', type: 'date' },
    ...(hasDate(type) ? [{ name: 'date', type: 'date' as const }] : []),
    ...(type === 'Task' ? [{ name: 'owner', type: 'reference' as const }] : []),
    ...searchParametersOf(type).map((name) => ({ name, type: 'token' as const })),
  ]
}

function directoryParams(type: DirectoryAsked): NonNullable<CapabilityStatementRestResource['searchParam']> {
  const kinds = { token: 'token', name: 'string' } as const
  return [
    { name: '_id', type: 'token' },
    ...Object.entries<'token' | 'name' | object>(directoryParameters[type]).map(([name, kind]) => ({
      name,
      type: typeof kind === 'string' ? kinds[kind] : ('reference' as const),
    })),
  ]
}

function isDirectoryType(type: string): type is DirectoryAsked {
  return Object.hasOwn(directoryParameters, type)
}
