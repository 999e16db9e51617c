import type { Resource } from '@medplum/fhirtypes'
import { describeCode, GatewayError } from '#fhir/gateway-error.ts'
import { parseJsonBody } from '#fhir/json-body.ts'

/** As bytes, or read already. */
type Sent = { readonly body: Uint8Array } | { readonly parsed: unknown }

/** The body as a resource of the type that the path names; its content is judged by the validator. */
export function readResourceBody({
  resourceType,
  ...sent
}: Sent & { readonly resourceType: string }): Resource {
  const parsed = 'parsed' in sent ? sent.parsed : parseJsonBody(sent.body)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new GatewayError({
      code: 'body-malformed',
      text: `found ${Array.isArray(parsed) ? 'a list' : typeof parsed}; send one ${resourceType} resource`,
    })
  }
  const type: unknown = 'resourceType' in parsed ? parsed.resourceType : undefined
  if (type !== resourceType) {
    throw new GatewayError({
      code: type === undefined ? 'field-missing' : 'field-invalid',
      expression: 'resourceType',
      text: `found ${describeCode(type)}; this address takes ${resourceType}`,
    })
  }
  return parsed as Resource
}

/** https://hl7.org/fhir/R4/http.html#update: the id in the body is the one in the address. */
export function requireSameId(resource: Resource, id: string): void {
  if (resource.id === undefined || resource.id === id) return
  throw new GatewayError({
    code: 'field-invalid',
    expression: `${resource.resourceType}.id`,
    text: 'the id in the body differs from the one in the path; make them the same or leave it out of the body',
  })
}
