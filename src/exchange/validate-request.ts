/** The body of `$validate`: the resource itself, or Parameters with it. https://hl7.org/fhir/R4/resource-operation-validate.html */
import { describeCode, GatewayError } from '#fhir/gateway-error.ts'
import { parseJsonBody } from '#fhir/json-body.ts'
import type { Call } from './call.ts'

export interface Validation {
  readonly mode: 'create' | 'update' | 'delete' | undefined
  /** As it was sent; none is needed for a deletion. */
  readonly resource: unknown
  readonly profile: string | undefined
}

const MODES = ['create', 'update', 'delete'] as const

export function readValidation({ body, id }: Pick<Call, 'body' | 'id'>): Validation {
  const parsed = parseJsonBody(body)
  if (!isObject(parsed) || parsed['resourceType'] !== 'Parameters')
    return { mode: undefined, resource: parsed, profile: undefined }
  const parameters: readonly unknown[] = Array.isArray(parsed['parameter']) ? parsed['parameter'] : []
  const named = (name: string): Readonly<Record<string, unknown>> => {
    const found = parameters.filter((each) => isObject(each) && each['name'] === name)
    if (found.length > 1) throw refused(name, 'send it once')
    return isObject(found[0]) ? found[0] : {}
  }
  for (const each of parameters)
    if (!isObject(each) || !['resource', 'mode', 'profile'].includes(String(each['name'])))
      throw refused('', 'known are resource, mode and profile')
  const mode = readMode(named('mode')['valueCode'], id)
  const profile = named('profile')['valueUri'] ?? named('profile')['valueCanonical']
  if (profile !== undefined && typeof profile !== 'string')
    throw refused('profile', 'send its canonical as `valueUri`')
  const { resource } = named('resource')
  if (resource === undefined && mode !== 'delete') throw refused('resource', 'send the resource to validate')
  return { mode, resource, profile }
}

/** What is validated is the write at the same address. */
function readMode(value: unknown, id: string | undefined): Validation['mode'] {
  if (value === undefined) return undefined
  const mode = MODES.find((known) => known === value)
  if (!mode) throw refused('mode', `found ${describeCode(value)}; known are ${MODES.join(', ')}`)
  if ((mode === 'create') !== (id === undefined))
    throw refused(
      'mode',
      'a create is validated at `/<type>/$validate`, an update or a delete at `/<type>/<id>/$validate`',
    )
  return mode
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(name: string, text: string): GatewayError {
  const expression = name === '' ? 'Parameters.parameter' : `Parameters.parameter.where(name = '${name}')`
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
