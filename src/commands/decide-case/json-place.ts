/** A value of the case file with its path, and the faults found on the way: a reader goes on after one, so that all are told at once. */
import { describe, type ErrorCode, type Fault } from '#fhir/gateway-error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export interface Place {
  readonly value: unknown
  /** `request.recipient[0].identifier.value`. */
  readonly path: string
}

export class Faults {
  readonly found: Fault[] = []

  add(path: string, text: string, code: ErrorCode = 'field-invalid'): undefined {
    this.found.push({ code, expression: path, text })
  }

  /** What was found, without repeating it, and what belongs there. */
  wrong({ value, path }: Place, wanted: string): undefined {
    if (value === undefined) this.add(path, `found nothing; send ${wanted}`, 'field-missing')
    else this.add(path, `found ${describe(value)}; send ${wanted}`)
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function member(object: JsonObject, path: string, name: string): Place {
  return { value: object[name], path: path === '' ? name : `${path}.${name}` }
}

/** A member that may hold a national id by mistake is named by its place only. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z$_][\w-]{0,63}$/.test(name) && !/\d{5}/.test(name)
}
