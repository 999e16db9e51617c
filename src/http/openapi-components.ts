/** Schemas and answers that the operations of the OpenAPI description share. */
import { errors } from '#fhir/gateway-error.ts'

const SHARED = ['OperationOutcome', 'Bundle', 'Parameters', 'CapabilityStatement'] as const

/** JSON Schema knows no FHIR: a resource is named, linked and left to its profile. */
export function schemas(types: readonly string[]): Readonly<Record<string, object>> {
  const named = [...new Set([...types.filter((type) => type !== ''), ...SHARED])]
  return {
    ...Object.fromEntries(named.map((type) => [type, resourceSchema(type)])),
    JsonPatch: {
      type: 'array',
      items: {
        type: 'object',
        required: ['op', 'path'],
        properties: {
          op: { enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
          path: { type: 'string', format: 'json-pointer' },
          from: { type: 'string', format: 'json-pointer' },
          value: {},
        },
      },
      externalDocs: { url: 'https://www.rfc-editor.org/rfc/rfc6902' },
    },
  }
}

function resourceSchema(type: string): object {
  return {
    type: 'object',
    required: ['resourceType'],
    properties: { resourceType: { const: type }, id: { type: 'string' } },
    additionalProperties: true,
    externalDocs: { url: `https://hl7.org/fhir/R4/${type.toLowerCase()}.html` },
  }
}

/**
 * One for each status that an operation can be refused with, naming its codes; 405 is no operation's.
 * https://hl7.org/fhir/R4/operationoutcome.html
 */
export const errorResponses: Readonly<Record<string, object>> = Object.fromEntries(
  [...new Set(Object.values(errors).map(({ status }): number => status))]
    .filter((status) => status !== 405)
    .toSorted((a, b) => a - b)
    .map((status) => [
      String(status),
      {
        description: `Refused; the code in \`issue.details\` is one of ${codesOf(status).join(', ')}.`,
        ...(status === 503 || status === 429
          ? { headers: { 'Retry-After': { schema: { type: 'integer' } } } }
          : {}),
        content: { 'application/fhir+json': { schema: { $ref: '#/components/schemas/OperationOutcome' } } },
      },
    ]),
)

function codesOf(status: number): string[] {
  return Object.entries(errors).flatMap(([code, error]) => (error.status === status ? [`\`${code}\``] : []))
}

const CPR = { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' }

/** Accepted by a sandbox as they stand; an official test person's number. */
const examples: Readonly<Record<string, object>> = {
  CarePlan: {
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    subject: { identifier: CPR },
    activity: [
      {
        detail: {
          status: 'in-progress',
          description: 'Samtale hver 14. dag',
          code: { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DF331' }] },
        },
      },
    ],
  },
  Encounter: {
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: { identifier: CPR },
    period: { start: '2026-11-02T09:00:00+01:00' },
  },
  Condition: {
    resourceType: 'Condition',
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DF331' }] },
    subject: { identifier: CPR },
  },
}

export function exampleOf(type: string): object | undefined {
  return examples[type]
}
