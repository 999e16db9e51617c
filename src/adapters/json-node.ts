import { GatewayError, describe } from '#fhir/gateway-error.ts'

/**
 * A place in untyped JSON together with its path: reading what is there, and naming what is not. The path goes into
 * `OperationOutcome.issue.expression`: https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression
 */
export class JsonNode {
  readonly path: string
  readonly #value: unknown

  constructor(value: unknown, path: string) {
    this.#value = value
    this.path = path
  }

  get isPresent(): boolean {
    return this.#value !== undefined
  }

  child(name: string): JsonNode {
    const value = this.#value
    const path = `${this.path}.${name}`
    if (value === undefined) return new JsonNode(undefined, path)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#invalid('an object')
    return new JsonNode(Object.entries(value).find(([key]) => key === name)?.[1], path)
  }

  /** `child('a').child('b')`. */
  at(...names: readonly string[]): JsonNode {
    return names.reduce<JsonNode>((node, name) => node.child(name), this)
  }

  /** The items of a list; none when it is absent. */
  items(name: string): JsonNode[] {
    const node = this.child(name)
    if (!node.isPresent) return []
    if (!Array.isArray(node.#value)) throw node.#invalid('a list')
    return node.#value.map((item: unknown, at) => new JsonNode(item, `${node.path}[${at}]`))
  }

  text(): string | undefined {
    if (this.#value === undefined) return undefined
    if (typeof this.#value !== 'string' || this.#value.trim() === '') throw this.#invalid('text')
    return this.#value
  }

  /** @param why What the sender should know besides that it is missing. */
  requiredText(why = 'send it'): string {
    const text = this.text()
    if (text === undefined) throw this.missing(why)
    return text
  }

  flag(): boolean {
    if (this.#value === undefined) return false
    if (typeof this.#value !== 'boolean') throw this.#invalid('true or false')
    return this.#value
  }

  integer(): number | undefined {
    if (this.#value === undefined) return undefined
    if (!Number.isSafeInteger(this.#value)) throw this.#invalid('a whole number')
    return Number(this.#value)
  }

  missing(why = 'send it'): GatewayError {
    return new GatewayError({
      code: 'field-missing',
      text: `the field is missing: ${why}`,
      expression: this.path,
    })
  }

  #invalid(wanted: string): GatewayError {
    return new GatewayError({
      code: 'field-invalid',
      text: `found ${describe(this.#value)}: send ${wanted}`,
      expression: this.path,
    })
  }
}
