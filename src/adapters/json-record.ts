import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { type ErrorCode, GatewayError, describe, describeCode } from '#fhir/gateway-error.ts'
import { parseJsonBody } from '#fhir/json-body.ts'
import parts from './record-parts.schema.json' with { type: 'json' }

const ajv = new Ajv2020({ allErrors: false, strict: true, strictRequired: false, verbose: true })
ajv.addFormat('fhir-dateTime', isDateTime)
ajv.addSchema(parts)

/** The schema must say what `Shape` says: test/adapters holds each to the other by records that use every field. */
export function compileRecordSchema<Shape>(schema: object): ValidateFunction<Shape> {
  return ajv.compile<Shape>(schema)
}

/**
 * Reads a JSON body by its schema (https://json-schema.org/draft/2020-12). The first fault ends it, so that a large body
 * cannot make a larger answer.
 */
export function readRecord<Shape>(bytes: Uint8Array, validate: ValidateFunction<Shape>): Shape {
  const value = parseJsonBody(bytes)
  if (validate(value)) return value
  throw toError(validate.errors?.[0])
}

const DATE_TIME =
  /^(?<date>\d{4}-\d{2}-\d{2})(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)))?$/

/** https://hl7.org/fhir/R4/datatypes.html#dateTime, at least to the day, on a day of the calendar. */
function isDateTime(value: string): boolean {
  const date = DATE_TIME.exec(value)?.groups?.['date']
  if (date === undefined) return false
  const midnight = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date)
}

/** Names of unknown fields are the sender's own text, so they are described like any value. */
function toError(error: ErrorObject | undefined): GatewayError {
  const path = error?.instancePath ?? ''
  const data: unknown = error?.data
  const params: Readonly<Record<string, unknown>> = error?.params ?? {}
  const at = (code: ErrorCode, text: string, expression = path): GatewayError =>
    new GatewayError({ code, text, expression: expression === '' ? '/' : expression })
  switch (error?.keyword ?? '') {
    case 'required':
      return at(
        'field-missing',
        'the field is missing: send it',
        `${path}/${String(params['missingProperty'])}`,
      )
    case 'additionalProperties':
      return at(
        'field-invalid',
        `found a field ${describeCode(params['additionalProperty'])} that the format does not have: correct its name`,
      )
    case 'enum':
      return at(
        isPersonScheme(path) ? 'patient-id-unknown-scheme' : 'code-unknown',
        `found ${describeCode(data)}: send ${choices(params)}`,
      )
    case 'const':
      return at('code-unknown', `found ${describeCode(data)}: send ${JSON.stringify(params['allowedValue'])}`)
    case 'type':
      return at('field-invalid', `found ${describe(data)}: send a value of type ${String(params['type'])}`)
    case 'minItems':
    case 'maxItems':
      return at(
        'field-invalid',
        `found ${describe(data)}: send ${error?.keyword === 'minItems' ? 'at least' : 'at most'} ${String(params['limit'])}`,
      )
    case 'format':
      return at(
        'field-invalid',
        `found ${describe(data)}: send YYYY-MM-DD, or with a time YYYY-MM-DDThh:mm:ss and a zone`,
      )
    default:
      return at('field-invalid', `found ${describe(data)}: the schema of the format says what may stand here`)
  }
}

function choices(params: Readonly<Record<string, unknown>>): string {
  const allowed: unknown = params['allowedValues']
  return Array.isArray(allowed)
    ? `one of ${allowed.map((value) => `\`${String(value)}\``).join(', ')}`
    : 'a known code'
}

function isPersonScheme(path: string): boolean {
  return path === '/citizen/id/scheme'
}
