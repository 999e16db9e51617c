/**
 * Reads elements of a Consent that may be any JSON at all. What R4 does not allow is noted as a fault and never taken for
 * absent: an absent element is no constraint, and a garbled one would turn a narrow permit into a wide one.
 * https://hl7.org/fhir/R4/json.html
 */
import { normalizeSystem } from '#label/code-system.ts'

export type Fields = Readonly<Record<string, unknown>>

export interface ElementFault {
  /** The first two cost a consent its permits; of the others the reading is plain, and worth a warning. */
  readonly code: 'element-malformed' | 'element-unknown' | 'role-assumed' | 'code-not-a-list'
  /** `Consent.provision.actor[0].role` */
  readonly expression: string
}

/** Collects faults while one consent is read. */
export type Faults = ElementFault[]

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The objects of a list, for a search that may well find nothing: whatever else stands there is passed over. */
export function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

export function malformed(expression: string, faults: Faults): void {
  faults.push({ code: 'element-malformed', expression })
}

/** An item that is no object reads as one without fields, which no test can tell anything of. */
export function readFields(value: unknown, expression: string, faults: Faults): Fields {
  if (isFields(value)) return value
  malformed(expression, faults)
  return {}
}

export function readText(value: unknown, expression: string, faults: Faults): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  malformed(expression, faults)
  return undefined
}

/** Undefined only when absent; what is no list reads as an empty one, which tests as unknown. */
export function readList<T>(
  value: unknown,
  expression: string,
  faults: Faults,
  readItem: (item: unknown, expression: string, faults: Faults) => T,
): readonly T[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) {
    malformed(expression, faults)
    return []
  }
  return value.map((item: unknown, index) => readItem(item, `${expression}[${index}]`, faults))
}

/** A Coding with its system as we compare it. Without either half nothing can be told of it. */
export interface Code {
  readonly system: string | undefined
  readonly code: string | undefined
}

export function readCode(value: unknown, expression: string, faults: Faults): Code {
  const fields = readFields(value, expression, faults)
  const system = readText(fields['system'], `${expression}.system`, faults)
  const code = readText(fields['code'], `${expression}.code`, faults)
  return { system: system === undefined ? undefined : normalizeSystem(system), code }
}

/** The codings of a CodeableConcept: other words for one thing, and none when it is text alone. */
export function readConcept(value: unknown, expression: string, faults: Faults): readonly Code[] {
  const { coding, text } = readFields(value, expression, faults)
  const codes = readList(coding, `${expression}.coding`, faults, readCode) ?? []
  // Neither code nor words is no concept: an actor whose role was lost would be read as the recipient.
  if (codes.length === 0 && readText(text, `${expression}.text`, faults) === undefined)
    malformed(expression, faults)
  return codes
}
