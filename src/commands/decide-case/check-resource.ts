/**
 * Which faults of a resource end the case, and which are for the decision to judge. What is absent is decided as absent: it
 * permits nothing. What is there in a wrong form, or under a name that R4 does not have, could be a deny that nobody reads.
 */
import { resourceTypes } from '#consent/resource-types.ts'
import { describeCode, type Fault } from '#fhir/gateway-error.ts'
import type { Validator } from '#fhir/validate.ts'
import { isObject } from './json-place.ts'
import type { PlacedResource } from './read-resources.ts'

export function faultsOf(placed: PlacedResource, validator: Validator): readonly Fault[] {
  const { resource, resourceType, path } = placed
  if (!resourceTypes.has(resourceType)) {
    const text = `found ${describeCode(resourceType)}; send the type of an R4 resource`
    return [{ code: 'code-unknown', expression: `${path}.resourceType`, text }]
  }
  const found = validator.validate(resource)
  // The validator stops counting there: among what it did not tell could be anything.
  const faults = found.length < MAX_FAULTS ? found.filter((fault) => endsCase(fault, placed)) : found
  return faults.map((fault) => ({ ...fault, expression: inCase(fault.expression ?? resourceType, placed) }))
}

const MAX_FAULTS = 100

/** `Consent.provision.type` as `consents[0].provision.type`. */
function inCase(expression: string, { path, resourceType }: PlacedResource): string {
  if (expression === resourceType) return path
  return `${path}.${expression.replace(new RegExp(`^${resourceType}\\.`), '')}`
}

function endsCase({ code, expression = '' }: Fault, placed: PlacedResource): boolean {
  // A type of R4 that the gateway does not take in has no definition here; it is released or withheld whole.
  if (expression.endsWith('resourceType') && isResourceType(valueAt(placed.resource, expression)))
    return false
  if (code !== 'field-invalid' && code !== 'code-unknown') return false
  return placed.resourceType !== 'Consent' || !isForTheDecision(expression, placed.resource)
}

/** Forms of older and newer data that the rules of a consent speak of themselves. */
function isForTheDecision(expression: string, consent: unknown): boolean {
  const value = valueAt(consent, expression)
  // A period that nobody can read makes the consent defective: its denies hold.
  if (/\.period\.(?:start|end)$/.test(expression)) return typeof value === 'string'
  // `provision.code` written as one object instead of a list.
  if (/^Consent\.provision.*\.code$/.test(expression)) return isObject(value)
  // R5 has the base decision in an element of its own.
  return expression === 'Consent.decision' && typeof value === 'string'
}

function isResourceType(value: unknown): boolean {
  return typeof value === 'string' && resourceTypes.has(value)
}

function valueAt(resource: unknown, expression: string): unknown {
  let value = resource
  // The root's own type is the one expression that does not begin with it.
  const steps = expression.replace(/^resourceType$/, '.resourceType')
  for (const [, name, index] of steps.matchAll(/\.(\w+)|\[(\d+)\]/g)) {
    if (Array.isArray(value) && index !== undefined) value = value[Number(index)]
    else if (isObject(value) && name !== undefined) value = value[name]
    else return undefined
  }
  return value
}
