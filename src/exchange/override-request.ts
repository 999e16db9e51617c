/**
 * What a person says when they break the glass: for whom, who they are, on which ground, why, and for how long. As
 * Parameters; every fault is told at once, since nobody has time for one after the other.
 */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { describe, describeCode, type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import { refuse } from '#intake/prepare.ts'
import type { NamedSubject } from '#intake/subject.ts'
import type { PersonOnDuty } from '#store/overrides.ts'
import { isUuid } from './is-uuid.ts'

export const OVERRIDE_GROUND = 'https://sluse.example/fhir/CodeSystem/override-ground'

const NAMES = ['patient', 'person', 'ground', 'reason', 'duration'] as const
type Name = (typeof NAMES)[number]

export interface OverrideRequest {
  readonly patient: NamedSubject
  readonly person: PersonOnDuty
  readonly ground: string
  readonly reason: string
  readonly durationMs: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DEFAULT_MS = HOUR_MS
/** A shift. */
const MAX_MS = 8 * HOUR_MS

/** Shorter is no reason that anybody could review. */
const MIN_REASON_CHARS = 10
const MAX_REASON_CHARS = 2_000

/** @throws with every fault, each with the place of its parameter. `grounds` are those of the asker's country. */
export function readOverrideRequest(body: Parameters, grounds: readonly string[]): OverrideRequest {
  const given = new Map<Name, Given>()
  const faults: Fault[] = []
  for (const [index, parameter] of (body.parameter ?? []).entries()) {
    const name = NAMES.find((each) => each === parameter.name)
    const path = `Parameters.parameter[${index}]`
    if (name && !given.has(name)) given.set(name, { parameter, path })
    else
      faults.push({
        code: 'field-invalid',
        expression: `${path}.name`,
        text: `send each of ${listed()} once`,
      })
  }
  const read = <T>(name: Name, reader: (given: Given) => T): T | undefined => {
    const found = given.get(name) ?? { parameter: undefined, path: 'Parameters.parameter' }
    try {
      return reader(found)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      faults.push(...error.faults)
      return undefined
    }
  }
  const patient = read('patient', patientOf)
  const person = read('person', personOf)
  const ground = read('ground', (each) => groundOf(each, grounds))
  const reason = read('reason', reasonOf)
  const durationMs = read('duration', durationOf)
  refuse(faults)
  if (!patient || !person || !ground || !reason || !durationMs) throw new Error('a fault was lost')
  return { patient, person, ground, reason, durationMs }
}

interface Given {
  readonly parameter: ParametersParameter | undefined
  readonly path: string
}

function listed(): string {
  return NAMES.map((name) => `\`${name}\``).join(', ')
}

function patientOf({ parameter, path }: Given): NamedSubject {
  const reference = parameter?.valueReference
  const identifier = parameter?.valueIdentifier ?? reference?.identifier
  if (identifier) return { nationalId: readPersonIdentifier(identifier.system, identifier.value, path) }
  const subjectId = reference?.reference?.replace(/^Patient\//, '')
  if (isUuid(subjectId)) return { subjectId }
  throw missing(
    path,
    'name the patient: `patient` as an Identifier with the national id, or as our `Patient/…` reference',
  )
}

function personOf({ parameter, path }: Given): PersonOnDuty {
  const { system, value } = parameter?.valueIdentifier ?? {}
  if (system && value) return { system, value }
  throw missing(
    path,
    'say who breaks the glass: `person` as an Identifier with system and value of their authorisation',
  )
}

function groundOf({ parameter, path }: Given, grounds: readonly string[]): string {
  const { system, code } = parameter?.valueCoding ?? {}
  if (code === undefined) throw missing(path, `give the ground: \`ground\` as a Coding, ${oneOf(grounds)}`)
  if (system === OVERRIDE_GROUND && grounds.includes(code)) return code
  throw new GatewayError({
    code: 'code-unknown',
    expression: `${path}.valueCoding`,
    text: `found ${describeCode(code)}; the law of your country knows ${oneOf(grounds)}`,
  })
}

function oneOf(grounds: readonly string[]): string {
  if (grounds.length === 0) return 'no ground at this time'
  return `${grounds.map((code) => `\`${code}\``).join(' or ')} of \`${OVERRIDE_GROUND}\``
}

function reasonOf({ parameter, path }: Given): string {
  const reason = parameter?.valueString?.trim()
  if (reason === undefined)
    throw missing(
      path,
      'give the reason in words: `reason` as a string; it is sealed, and shown to the review only',
    )
  if (reason.length >= MIN_REASON_CHARS && reason.length <= MAX_REASON_CHARS) return reason
  throw new GatewayError({
    code: 'field-invalid',
    expression: `${path}.valueString`,
    text: `found ${describe(reason)}; write ${MIN_REASON_CHARS} to ${MAX_REASON_CHARS} that a reviewer can judge`,
  })
}

/** https://ucum.org: hours or minutes. */
function durationOf({ parameter, path }: Given): number {
  if (parameter === undefined) return DEFAULT_MS
  const { value, system, code } = parameter.valueDuration ?? {}
  const unitMs = code === 'h' ? HOUR_MS : code === 'min' ? MINUTE_MS : Number.NaN
  const durationMs = (value ?? Number.NaN) * unitMs
  if (system === 'http://unitsofmeasure.org' && durationMs >= MINUTE_MS && durationMs <= MAX_MS)
    return Math.floor(durationMs)
  throw new GatewayError({
    code: 'field-invalid',
    expression: `${path}.valueDuration`,
    text: 'send 1 minute to 8 hours as a Duration in UCUM `min` or `h`, or leave it out for 1 hour',
  })
}

function missing(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'field-missing', expression, text })
}
